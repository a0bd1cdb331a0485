/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A small rounded label with a sign: state by sign, word and colour together, never by colour alone. Changing its text does
 * not change its size. */
#include <gtk/gtk.h>

#define SG_TYPE_STATUS_PILL (sg_status_pill_get_type())
G_DECLARE_FINAL_TYPE(SgStatusPill, sg_status_pill, SG, STATUS_PILL, GtkWidget)

enum sg_tone { SG_TONE_NEUTRAL = 0, SG_TONE_GOOD, SG_TONE_BUSY, SG_TONE_WARNING, SG_TONE_BAD };

/* `name`: what the pill is about; its accessible name is "NAME: TEXT". `chars`: its fixed width in characters. */
GtkWidget *sg_status_pill_new(const char *name, guint chars);
/* `sign`: one or two characters before the text, "" for none. `tooltip` may be NULL. Nothing happens when nothing changed. */
void sg_status_pill_set(SgStatusPill *pill, enum sg_tone tone, const char *sign, const char *text, const char *tooltip);
