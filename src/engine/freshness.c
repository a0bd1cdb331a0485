/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/engine/freshness.h"

#include <stdio.h>
#include "spreadglass/base/clock.h"

/* How long ago the leg last said anything: since its last message of this run, else since the close of the newest bar that there is. -1: not known. */
static int64_t age_of(const SgSnapshot *snapshot, int leg, int64_t mono_us, int64_t wall_us)
{
    const struct sg_history *history = snapshot->history;
    if (snapshot->feed.last_data_mono_us[leg] > 0)
        return MAX(mono_us - snapshot->feed.last_data_mono_us[leg], 0);
    if (history->length == 0)
        return -1;
    return MAX(wall_us - history->time_us[history->length - 1] - history->interval_us, 0);
}

/* What is waited for while the connection is not there; NULL: it is there. */
static const char *missing_connection(enum sg_feed_state state)
{
    switch (state) {
    case SG_FEED_IDLE:
    case SG_FEED_CONNECTING:
    case SG_FEED_SUBSCRIBING: return "connecting";
    case SG_FEED_WAITING: return "waiting to reconnect";
    case SG_FEED_FAILED:
    case SG_FEED_STOPPED: return "not connected";
    case SG_FEED_LIVE:
    case SG_FEED_STALLED:
    case SG_FEED_ENDED:
    default: return NULL;
    }
}

static void put_age(struct sg_freshness *f, int64_t age_us)
{
    char duration[SG_TEXT_BUF];
    f->stale = true;
    f->age_us = age_us;
    if (age_us >= 0) /* less than a second is not told: it would be over before it is read */
        snprintf(f->age, sizeof f->age, "%.60s old", sg_text_duration(MAX(age_us, SG_US_PER_S), duration));
}

static void put_words(struct sg_freshness *f, const char *what, const char *name)
{
    snprintf(f->words, sizeof f->words, "%s%s%s%s", what, name, f->age[0] ? ", " : "", f->age);
}

/* "for BTCUSDT", or for both. */
static void wait_for_legs(const SgSnapshot *snapshot, const bool silent[static SG_LEG_COUNT], const char *what, struct sg_freshness *f)
{
    char name[SG_LEG_BUF];
    if (silent[SG_LEG_A] == silent[SG_LEG_B])
        put_words(f, what, "both legs");
    else
        put_words(f, what, sg_leg_name(snapshot->legs, silent[SG_LEG_A] ? SG_LEG_A : SG_LEG_B, name));
}

/* The last row, by the time of its own close: a leg whose trades were too old then. False: none. */
static bool row_is_stale(const SgSnapshot *snapshot, bool silent[static SG_LEG_COUNT], int64_t *ret_age_us)
{
    const struct sg_history *history = snapshot->history;
    *ret_age_us = -1;
    if (history->length == 0 || !(history->flags[history->length - 1] & SG_ROW_STALE))
        return false;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        silent[leg] = snapshot->age_us[leg] > snapshot->stale_after_us;
        *ret_age_us = MAX(*ret_age_us, snapshot->age_us[leg]);
    }
    return true;
}

void sg_freshness_of(const SgSnapshot *snapshot, int64_t mono_us, int64_t wall_us, struct sg_freshness *ret_freshness)
{
    *ret_freshness = (struct sg_freshness){.age_us = -1};
    if (!snapshot) {
        snprintf(ret_freshness->words, sizeof ret_freshness->words, "not connected: no bar yet");
        return;
    }
    bool silent[SG_LEG_COUNT] = {false, false}, any = snapshot->history->length > 0 || snapshot->has_forming;
    int64_t row_age_us, ages_us[SG_LEG_COUNT];
    bool row_stale = row_is_stale(snapshot, silent, &row_age_us);
    if (snapshot->replay) {
        if (row_stale) {
            put_age(ret_freshness, row_age_us);
            wait_for_legs(snapshot, silent, "no trade of ", ret_freshness);
        }
        return;
    }
    const char *connection = missing_connection(snapshot->feed.state);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        ages_us[leg] = age_of(snapshot, leg, mono_us, wall_us);
    int64_t oldest_us = MAX(ages_us[SG_LEG_A], ages_us[SG_LEG_B]), newest_us = MIN(ages_us[SG_LEG_A], ages_us[SG_LEG_B]);
    if (connection) {
        if (any)
            put_age(ret_freshness, oldest_us);
        put_words(ret_freshness, connection, any ? "" : ": no bar yet");
        return;
    }
    if (!any) /* connected, and the first bar forms */
        return;
    bool quiet = newest_us > SG_FRESHNESS_QUIET_US;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        silent[leg] |= quiet || ages_us[leg] > snapshot->stale_after_us || (snapshot->feed.state == SG_FEED_STALLED && ages_us[leg] > SG_FRESHNESS_QUIET_US);
    if (snapshot->feed.state != SG_FEED_STALLED && !silent[SG_LEG_A] && !silent[SG_LEG_B])
        return;
    put_age(ret_freshness, MAX(oldest_us, row_age_us));
    wait_for_legs(snapshot, silent, "waiting for ", ret_freshness);
}
