/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pills and the banner about the connection. */
#include <math.h>
#include "spreadglass/base/clock.h"
#include "text_private.h"
#include "window_private.h"

#define STALE_AFTER_US (10 * SG_US_PER_S)

/* Age of the older leg's last message; -1: one of them never came. */
static gint64 oldest_data_us(const struct sg_feed_status *feed)
{
    gint64 now = sg_clock_mono(sg_clock_system()), oldest = 0;
    for (int i = 0; i < SG_LEG_COUNT; i++) {
        if (feed->last_data_mono_us[i] == 0)
            return -1;
        oldest = MAX(oldest, now - feed->last_data_mono_us[i]);
    }
    return oldest;
}

static int seconds_until(gint64 mono_us)
{
    gint64 left = mono_us - sg_clock_mono(sg_clock_system());
    return left <= 0 ? 0 : (int)((left + SG_US_PER_S - 1) / SG_US_PER_S);
}

static void update_connection(SgWindow *window, const SgSnapshot *snapshot)
{
    SgStatusPill *pill = window->connection;
    if (snapshot == NULL) {
        if (window->app->start_error != NULL)
            sg_status_pill_set(pill, SG_TONE_BAD, "\u2715", "Offline", window->app->start_error);
        else
            sg_status_pill_set(pill, SG_TONE_BUSY, "\u25cc", "Connecting\u2026", NULL);
        return;
    }
    const struct sg_feed_status *feed = &snapshot->feed;
    g_autofree char *text = NULL;
    gint64 age = oldest_data_us(feed);
    switch (feed->state) {
    case SG_FEED_LIVE:
        if (snapshot->replay && window->app->now.replay_paused)
            sg_status_pill_set(pill, SG_TONE_NEUTRAL, "\u2016", "Paused", "A recording, paused: Space plays it, . and , go a bar on and back");
        else if (snapshot->replay)
            sg_status_pill_set(pill, SG_TONE_GOOD, "\u25b6", "Replay", "A recording is playing");
        else if (age > STALE_AFTER_US) {
            text = g_strdup_printf("Stale %d s", (int)(age / SG_US_PER_S));
            sg_status_pill_set(pill, SG_TONE_WARNING, "\u25d1", text, "Connected, but a leg has not traded for this long");
        } else if (snapshot->demo)
            sg_status_pill_set(pill, SG_TONE_GOOD, "\u25cf", "Demo", "Live data of the built-in exchange on this machine");
        else
            sg_status_pill_set(pill, SG_TONE_GOOD, "\u25cf", "Live", feed->host);
        break;
    case SG_FEED_STALLED:
        text = g_strdup_printf("Stale %d s", (int)(MAX(age, 0) / SG_US_PER_S));
        sg_status_pill_set(pill, SG_TONE_WARNING, "\u25d1", text, feed->detail);
        break;
    case SG_FEED_WAITING:
        text = g_strdup_printf("Reconnecting in %d s (%u)", seconds_until(feed->retry_at_mono_us), feed->attempt);
        sg_status_pill_set(pill, SG_TONE_WARNING, "\u21bb", text, feed->detail);
        break;
    case SG_FEED_FAILED: sg_status_pill_set(pill, SG_TONE_BAD, "\u2715", "Offline", feed->detail); break;
    case SG_FEED_STOPPED: sg_status_pill_set(pill, SG_TONE_BAD, "\u2715", "Offline", NULL); break;
    case SG_FEED_ENDED: sg_status_pill_set(pill, SG_TONE_NEUTRAL, "\u25a0", "Replay over", "The recording has been played to its end"); break;
    case SG_FEED_IDLE:
    case SG_FEED_CONNECTING:
    case SG_FEED_SUBSCRIBING:
    default: sg_status_pill_set(pill, SG_TONE_BUSY, "\u25cc", "Connecting\u2026", feed->host); break;
    }
}

static void update_numbers(SgWindow *window, const SgSnapshot *snapshot)
{
    char number[SG_TEXT_BUF];
    gboolean live = snapshot != NULL && (snapshot->feed.state == SG_FEED_LIVE || snapshot->feed.state == SG_FEED_STALLED);
    g_autofree char *latency = NULL, *rate = NULL;
    if (live && isfinite(snapshot->latency_ms))
        latency = g_strdup_printf("%s ms", sg_text_fixed(snapshot->latency_ms, 0, false, number));
    else
        latency = g_strdup(SG_TEXT_UNDEFINED " ms");
    if (live && isfinite(snapshot->feed.messages_per_s))
        rate = g_strdup_printf("%s msg/s", sg_text_fixed(snapshot->feed.messages_per_s, 0, false, number));
    else
        rate = g_strdup(SG_TEXT_UNDEFINED " msg/s");
    sg_status_pill_set(window->latency, SG_TONE_NEUTRAL, "", latency, "Time from the exchange to here: median of 5 s");
    sg_status_pill_set(window->rate, SG_TONE_NEUTRAL, "", rate, "Messages from the exchange: mean of 1 s");
}

/* Lasting, for as long as what is seen is not kept by this program: not all look at the moment when it is told. */
static void update_storage(SgWindow *window, const SgSnapshot *snapshot)
{
    gboolean told = snapshot != NULL && snapshot->storage[0] != '\0';
    gtk_widget_set_visible(GTK_WIDGET(window->storage), told);
    if (!told) {
        window->storage_since_us = 0;
        return;
    }
    if (window->storage_since_us == 0)
        window->storage_since_us = g_get_real_time();
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(window->storage_since_us / SG_US_PER_S);
    g_autoptr(GDateTime) shown = window->app->prefs.utc ? g_date_time_ref(utc) : g_date_time_to_local(utc);
    g_autofree char *since = g_date_time_format(shown, window->app->prefs.utc ? "%Y-%m-%d %T UTC" : "%Y-%m-%d %T");
    g_autofree char *what = g_strdup(snapshot->storage);
    what[0] = g_ascii_toupper(what[0]);
    g_autofree char *text = g_strdup_printf("%s.\nSince %s. %s", what, since,
                                            snapshot->storage_read_only
                                                ? "Nothing is lost by it; end the other program to keep it here."
                                                : "What is seen meanwhile is held in memory, and stored as soon as that works: put right what is in the way "
                                                  "before this program ends. doctor looks at the database, --data-dir names another folder.");
    sg_status_pill_set(window->storage, snapshot->storage_read_only ? SG_TONE_BUSY : SG_TONE_WARNING, snapshot->storage_read_only ? "\u25cb" : "\u26a0",
                       snapshot->storage_read_only ? "Kept elsewhere" : "Not kept", text);
    gtk_accessible_update_property(GTK_ACCESSIBLE(window->storage), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

/* What is wrong with the connection, in one sentence, or NULL. */
static char *trouble(SgWindow *window, const SgSnapshot *snapshot)
{
    if (window->app->start_error != NULL)
        return g_strdup(window->app->start_error);
    if (snapshot == NULL)
        return NULL;
    const struct sg_feed_status *feed = &snapshot->feed;
    const char *what = feed->detail[0] != '\0' ? feed->detail : sg_feed_failure_name(feed->failure);
    if (feed->state == SG_FEED_WAITING) {
        int left = seconds_until(feed->retry_at_mono_us);
        if (left > 0)
            return g_strdup_printf("Trying again in %d s \u2014 %s", left, what);
        return g_strdup_printf("Trying again \u2014 %s", what);
    }
    if (feed->state == SG_FEED_FAILED || feed->state == SG_FEED_STALLED)
        return g_strdup(what);
    /* Between two attempts the banner stays: it would flap otherwise. */
    if ((feed->state == SG_FEED_CONNECTING || feed->state == SG_FEED_SUBSCRIBING) && feed->attempt > 0 && feed->failure != SG_FAILURE_NONE)
        return g_strdup_printf("Trying again now \u2014 %s", what);
    return NULL;
}

static void update_feed_banner(SgWindow *window, const SgSnapshot *snapshot)
{
    g_autofree char *text = trouble(window, snapshot);
    if (text == NULL) {
        sg_banner_hide(window->feed_banner);
        return;
    }
    gboolean demo = snapshot != NULL && snapshot->demo;
    sg_banner_set_button_visible(window->feed_banner, 1, !demo && window->app->config->start_demo != NULL);
    sg_banner_show(window->feed_banner, SG_BANNER_WARNING, text);
}

void sg_window_update_status(SgWindow *window, const SgSnapshot *snapshot)
{
    update_connection(window, snapshot);
    update_numbers(window, snapshot);
    update_storage(window, snapshot);
    update_feed_banner(window, snapshot);
}

gboolean sg_window_needs_tick(SgWindow *window, const SgSnapshot *snapshot)
{
    if (snapshot == NULL || window->alert_since_us != 0)
        return window->alert_since_us != 0;
    if (sg_window_muted_us(window) > 0)
        return TRUE;
    if (snapshot->replay) /* it may be played in silence, which is when nothing comes */
        return snapshot->feed.state == SG_FEED_LIVE && !window->app->now.replay_paused;
    /* It may go stale, which is when nothing comes; and what is shown grows older while there is no connection. */
    return snapshot->history->length > 0 || snapshot->feed.state == SG_FEED_LIVE || snapshot->feed.state == SG_FEED_WAITING ||
           snapshot->feed.state == SG_FEED_STALLED;
}
