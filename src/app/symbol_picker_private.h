/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Picks one symbol: a button that opens a search field over the exchange's list. Free typing is allowed (the list may not have
 * come); what is wrong with a choice is said right under the field, and the old symbol stays. */
#include <gtk/gtk.h>

#define SG_TYPE_SYMBOL_PICKER (sg_symbol_picker_get_type())
G_DECLARE_FINAL_TYPE(SgSymbolPicker, sg_symbol_picker, SG, SYMBOL_PICKER, GtkWidget)

/* The symbol in use as the button shows it, and the market it is on ("spot", "usdm"). Clears an error. */
void sg_symbol_picker_set_symbol(SgSymbolPicker *picker, const char *symbol, const char *market);
/* Those of that market. Sorted, NULL-terminated; copied. NULL: not known, then any well-formed text is passed on. */
void sg_symbol_picker_set_symbols(SgSymbolPicker *picker, const char *const *symbols);
/* The symbol of the other leg, which cannot be picked. */
void sg_symbol_picker_set_other(SgSymbolPicker *picker, const char *symbol, const char *leg_name);
/* Opens the picker with an error under its field: the exchange refused what was asked for. */
void sg_symbol_picker_show_error(SgSymbolPicker *picker, const char *asked, const char *text);
void sg_symbol_picker_open(SgSymbolPicker *picker);
/* Upper case where it is ASCII, a market in front ("usdm:") in lower case; characters that no symbol has are refused: NULL then. Free with g_free. */
char *sg_symbol_clean(const char *text);

/* Property: "name" of the leg ("Symbol A"). Signal: "picked" (const char *symbol): a valid symbol other than the present one, maybe with its market. */
