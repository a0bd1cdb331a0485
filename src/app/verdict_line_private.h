/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The verdict in one dim line under the numbers: cut with an ellipsis where the window is narrow, whole in its tooltip and for a screen reader. */
#include <gtk/gtk.h>
#include "spreadglass/engine/freshness.h"
#include "spreadglass/engine/session.h"

GtkWidget *sg_verdict_line_new(void);
/* What the snapshot's tests say; NULL: nothing known yet. Dim, and with its age, when it is not of the present. Touches the label only when it reads
 * differently. */
void sg_verdict_line_update(GtkWidget *line, const SgSnapshot *snapshot, const struct sg_freshness *freshness);
