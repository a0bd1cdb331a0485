/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The bell in the header: how many alerts stand, and while they are muted for how long still and how many came meanwhile. As wide whatever it says. */
#include <gtk/gtk.h>

struct sg_bell {
    const char *pair;           /* "BTCUSDT/ETHUSDT" */
    gboolean stands, dismissed; /* an alert does; and it is hidden until it clears */
    gint64 muted_us;            /* how long still; 0: not muted */
    guint missed;               /* alerts since it was muted */
};

/* A click does win.alert-bell. */
GtkWidget *sg_alert_bell_new(void);
void sg_alert_bell_update(GtkWidget *bell, const struct sg_bell *state);
