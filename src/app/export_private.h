/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "window_private.h"

/* What the charts show now, or one of them (`pane`; SG_PANE_ALL: everything with the statistics above), as .png (`scale` pixels a unit), .svg or
 * .pdf, by the drawing code of the screen. Drawn now; packed and written on a pool thread, and the window says when that is done, or why it failed.
 * FALSE with error: it was not even begun. */
gboolean sg_export_picture(SgWindow *window, const char *path, enum sg_pane pane, double scale, GError **error);
/* The same as a texture for the clipboard; NULL with error. */
GdkTexture *sg_export_texture(SgWindow *window, double scale, GError **error);
