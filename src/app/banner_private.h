/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A bar that says what lasts: an alert that stands, a connection that is down. It is there as long as the state is, laid over whatever has its place, so
 * that nothing moves when it comes: its words take two lines at most and ask for no room of their own. */
#include <gtk/gtk.h>

#define SG_TYPE_BANNER (sg_banner_get_type())
G_DECLARE_FINAL_TYPE(SgBanner, sg_banner, SG, BANNER, GtkWidget)

enum sg_banner_kind { SG_BANNER_OVERBOUGHT = 0, SG_BANNER_OVERSOLD, SG_BANNER_WARNING, SG_BANNER_CALM /* what was wrong is over */ };

struct sg_banner_button {
    const char *label;
    const char *action; /* "win.alert-dismiss" */
    const char *tooltip;
};

GtkWidget *sg_banner_new(const char *name);
/* Up to SG_BANNER_BUTTONS, once. */
#define SG_BANNER_BUTTONS 3
void sg_banner_set_buttons(SgBanner *banner, const struct sg_banner_button *buttons, size_t count);
void sg_banner_set_button_visible(SgBanner *banner, size_t index, gboolean visible);
void sg_banner_show(SgBanner *banner, enum sg_banner_kind kind, const char *text);
/* A frame and the usual text instead of the full colour. */
void sg_banner_set_outlined(SgBanner *banner, gboolean outlined);
gboolean sg_banner_outlined(SgBanner *banner);
void sg_banner_hide(SgBanner *banner);
const char *sg_banner_text(SgBanner *banner); /* NULL while hidden */
