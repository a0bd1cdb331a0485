/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Light or dark: the person's choice, else the desktop's (portal), else what GTK was told. Main thread. */
#include <gtk/gtk.h>
#include "prefs_private.h"
#include "spreadglass/plot/theme.h"

struct sg_appearance;

/* Loads the style sheets and starts to follow the desktop. `changed` is called whenever the theme to draw with is another one. */
struct sg_appearance *sg_appearance_new(enum sg_appearance_mode mode, void (*changed)(gpointer context), gpointer context);
void sg_appearance_free(struct sg_appearance *appearance);
void sg_appearance_set_mode(struct sg_appearance *appearance, enum sg_appearance_mode mode);
/* A person's wish for more contrast, beside what the desktop's theme says. */
void sg_appearance_set_high_contrast(struct sg_appearance *appearance, gboolean wanted);
const struct sg_theme *sg_appearance_theme(const struct sg_appearance *appearance);
