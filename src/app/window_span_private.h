/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The linked brush: what is marked in the charts is computed on the pool, shown in its card, and drawn in the scatter. */
#include "window_private.h"

/* Once, when charts, menu and actions are there. */
void sg_window_add_span(SgWindow *window);
/* The history may have changed: the numbers follow. */
void sg_window_update_span(SgWindow *window);
