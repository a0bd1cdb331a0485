/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "window_private.h"

/* What the charts show now as .png (two pixels a unit), .svg or .pdf, by the drawing code of the screen. */
gboolean sg_export_picture(SgWindow *window, const char *path, GError **error);
