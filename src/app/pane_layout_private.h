/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Which panes the window shows, in which order, and how the height is divided between them: a plain value, no widget. One owner. */
#include <glib.h>
#include "spreadglass/plot/dashboard.h"

#define SG_NO_PANE (-1)

struct sg_pane_place {
    enum sg_pane pane;
    double share; /* of the height, relative to the others that are shown; > 0 */
    gboolean shown;
};

struct sg_pane_layout {
    struct sg_pane_place place[SG_PANE_ALL]; /* from above; every pane once */
    int maximized;                           /* a shown pane that has the whole height, or SG_NO_PANE */
};

void sg_pane_layout_init(struct sg_pane_layout *layout); /* that of a new window */
/* What is on the screen, from above; at least one. Returns how many. */
size_t sg_pane_layout_visible(const struct sg_pane_layout *layout, struct sg_pane_share ret_panes[static SG_PANE_ALL]);
gboolean sg_pane_layout_is_shown(const struct sg_pane_layout *layout, enum sg_pane pane);
/* These return whether anything changed. The last shown pane cannot be hidden; hiding the maximised one restores the others. */
gboolean sg_pane_layout_show(struct sg_pane_layout *layout, enum sg_pane pane, gboolean shown);
gboolean sg_pane_layout_maximize(struct sg_pane_layout *layout, int pane);                /* SG_NO_PANE: restore */
gboolean sg_pane_layout_move(struct sg_pane_layout *layout, enum sg_pane pane, int step); /* past `step` shown neighbours; < 0: up */
/* Puts `pane` before the shown pane `next`, or last with SG_NO_PANE. */
gboolean sg_pane_layout_insert(struct sg_pane_layout *layout, enum sg_pane pane, int next);
gboolean sg_pane_layout_equalise(struct sg_pane_layout *layout);
/* New heights of the shown panes, in their order; only their ratios matter. Refused (FALSE) unless all are > 0. */
gboolean sg_pane_layout_set_heights(struct sg_pane_layout *layout, const double heights[], size_t count);

/* "price", "spread", "zscore", "correlation", "hedge-ratio", "scatter": stable, in settings and action names. */
const char *sg_pane_name(enum sg_pane pane);
gboolean sg_pane_of_name(const char *name, enum sg_pane *ret_pane);
/* As a(sdb), and back; a value that was edited into nonsense is repaired: unknown names are left out, missing panes added hidden, bad shares replaced. */
GVariant *sg_pane_layout_save(const struct sg_pane_layout *layout);
void sg_pane_layout_load(struct sg_pane_layout *layout, GVariant *saved, const char *maximized);
