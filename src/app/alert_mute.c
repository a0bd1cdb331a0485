/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mute of a pair's alerts: it belongs to the pair, whichever way round it is looked at, and outlives another pair, another stream and the program.
 * Of a recording it is not saved: its time is not ours. */
#include "app_private.h"

#include <string.h>
#include "spreadglass/base/clock.h"

static char *pair_key(const struct sg_app *app)
{
    static const char *const modes[] = {[SG_MODE_LIVE] = "live", [SG_MODE_DEMO] = "demo", [SG_MODE_REPLAY] = "replay"};
    const struct sg_instrument *a = &app->now.legs[SG_LEG_A], *b = &app->now.legs[SG_LEG_B];
    g_autofree char *one = g_strdup_printf("%s:%s", sg_market_name(a->market), a->symbol),
                    *two = g_strdup_printf("%s:%s", sg_market_name(b->market), b->symbol);
    gboolean ordered = strcmp(one, two) < 0;
    return g_strdup_printf("%s %s/%s", modes[sg_app_mode(&app->now)], ordered ? one : two, ordered ? two : one);
}

void sg_app_mute(struct sg_app *app, gint64 duration_us)
{
    app->missed_alerts = 0;
    if (app->session == NULL)
        return;
    sg_session_alert_mute(app->session, duration_us);
    if (sg_app_mode(&app->now) == SG_MODE_REPLAY)
        return;
    g_autofree char *key = pair_key(app);
    sg_prefs_set_muted(&app->prefs, key, duration_us > 0 ? (sg_clock_wall(sg_clock_system()) + duration_us) / SG_US_PER_MS : 0);
}

void sg_app_restore_mute(struct sg_app *app)
{
    app->missed_alerts = 0;
    if (app->session == NULL || sg_app_mode(&app->now) == SG_MODE_REPLAY)
        return;
    g_autofree char *key = pair_key(app);
    gint64 left_us = sg_prefs_muted_until(&app->prefs, key) * SG_US_PER_MS - sg_clock_wall(sg_clock_system());
    if (left_us > 0)
        sg_session_alert_mute(app->session, left_us);
}
