/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Pictures and data, into files and onto the clipboard. Actions: export-picture, export-pane, export-csv ask for a file; export-picture-to (s), export-pane-to
 * ((ssd): file, title of the pane, scale) and export-csv-to ((sss): file; visible, selection or all; rows or bars) do not, for scripts; export-csv-as is export-csv-to,
 * but asks before it replaces a file; copy-data and copy-picture. */
#include "window_private.h"

/* Once, when charts and menu are there. */
void sg_window_add_export(SgWindow *window);
