/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "event_log_private.h"

#include <math.h>
#include <string.h>
#include "spreadglass/base/buffer.h"
#include "spreadglass/base/clock.h"

#define CSV_MAX ((size_t)SG_EVENT_LOG_MAX * 1024)

G_DEFINE_TYPE(SgLogEntry, sg_log_entry, G_TYPE_OBJECT)

static void finalize(GObject *object)
{
    g_free(SG_LOG_ENTRY(object)->pair);
    g_free(SG_LOG_ENTRY(object)->end);
    G_OBJECT_CLASS(sg_log_entry_parent_class)->finalize(object);
}

static void sg_log_entry_class_init(SgLogEntryClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = finalize;
}

static void sg_log_entry_init(SgLogEntry *entry)
{
    (void)entry;
}

GListStore *sg_event_log_new(void)
{
    return g_list_store_new(SG_TYPE_LOG_ENTRY);
}

/* ---- an event, and the end of an alert ---- */

/* One alert stands at a time, so it is the newest that is not over. */
static gboolean complete_alert(GListStore *log, const char *pair, const SgSessionEvent *event)
{
    guint count = g_list_model_get_n_items(G_LIST_MODEL(log));
    for (guint i = 0; i < count; i++) {
        g_autoptr(SgLogEntry) entry = g_list_model_get_item(G_LIST_MODEL(log), i);
        if (entry->event.code != SG_EVENT_ALERT_RAISED || strcmp(entry->pair, pair) != 0)
            continue;
        if (entry->is_over || entry->event.side != event->side)
            return FALSE;
        entry->is_over = TRUE;
        entry->end = g_strdup(event->detail);
        entry->event.peak = event->peak;
        entry->event.duration_us = event->duration_us;
        g_list_model_items_changed(G_LIST_MODEL(log), i, 1, 1); /* to be shown anew */
        return TRUE;
    }
    return FALSE;
}

/* The session's events say "leg A"; a person knows it by its symbol. */
static void name_leg(char text[], size_t size, const char *leg, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(text, leg, -1);
    if (parts[0] == NULL || parts[1] == NULL)
        return;
    g_autofree char *named = g_strjoinv(name, parts);
    g_strlcpy(text, named, size);
}

void sg_event_log_add(GListStore *log, const struct sg_instrument *legs, const SgSessionEvent *event)
{
    char a[SG_LEG_BUF], b[SG_LEG_BUF];
    g_autofree char *pair = g_strdup_printf("%s/%s", sg_leg_name(legs, SG_LEG_A, a), sg_leg_name(legs, SG_LEG_B, b));
    if (event->code == SG_EVENT_ALERT_CLEARED && complete_alert(log, pair, event))
        return;
    g_autoptr(SgLogEntry) entry = g_object_new(SG_TYPE_LOG_ENTRY, NULL);
    entry->event = *event;
    name_leg(entry->event.detail, sizeof entry->event.detail, "leg A", a);
    name_leg(entry->event.detail, sizeof entry->event.detail, "leg B", b);
    entry->pair = g_steal_pointer(&pair);
    g_list_store_insert(log, 0, entry);
    guint count = g_list_model_get_n_items(G_LIST_MODEL(log));
    if (count > SG_EVENT_LOG_MAX)
        g_list_store_splice(log, SG_EVENT_LOG_MAX, count - SG_EVENT_LOG_MAX, NULL, 0);
}

static const struct {
    const char *word;
    enum sg_log_kind kind;
} events[SG_EVENT_COUNT] = {
    [SG_EVENT_CONNECTING] = {"Connecting", SG_LOG_CONNECTION}, [SG_EVENT_CONNECTED] = {"Connected", SG_LOG_CONNECTION},
    [SG_EVENT_SUBSCRIBED] = {"Subscribed", SG_LOG_CONNECTION}, [SG_EVENT_DISCONNECTED] = {"Disconnected", SG_LOG_CONNECTION},
    [SG_EVENT_RETRY] = {"Trying again", SG_LOG_CONNECTION},    [SG_EVENT_STALLED] = {"Gone silent", SG_LOG_CONNECTION},
    [SG_EVENT_RECOVERED] = {"Heard again", SG_LOG_CONNECTION}, [SG_EVENT_GAP] = {"Gap", SG_LOG_DATA},
    [SG_EVENT_BACKFILLED] = {"Bars fetched", SG_LOG_DATA},     [SG_EVENT_LATE] = {"Late trades", SG_LOG_DATA},
    [SG_EVENT_DROPPED] = {"Trades dropped", SG_LOG_PROBLEMS},  [SG_EVENT_ALERT_RAISED] = {"Alert", SG_LOG_ALERTS},
    [SG_EVENT_ALERT_CLEARED] = {"Alert over", SG_LOG_ALERTS},  [SG_EVENT_ERROR] = {"Problem", SG_LOG_PROBLEMS},
};

const char *sg_log_entry_word(const SgLogEntry *entry)
{
    if (entry->event.code == SG_EVENT_ALERT_RAISED && entry->event.muted)
        return "Alert (muted)";
    const char *word = entry->event.code < SG_EVENT_COUNT ? events[entry->event.code].word : NULL;
    return word != NULL ? word : sg_feed_event_name(entry->event.code);
}

enum sg_log_kind sg_log_entry_kind(const SgLogEntry *entry)
{
    return entry->event.code < SG_EVENT_COUNT ? events[entry->event.code].kind : SG_LOG_PROBLEMS;
}

/* ---- as CSV ---- */

static void put_text(struct sg_buffer *csv, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        sg_buffer_append_text(csv, text);
        return;
    }
    g_auto(GStrv) pieces = g_strsplit(text, "\"", -1);
    g_autofree char *doubled = g_strjoinv("\"\"", pieces);
    sg_buffer_append_format(csv, "\"%s\"", doubled);
}

static void put_number(struct sg_buffer *csv, double value)
{
    sg_buffer_append_text(csv, ",");
    if (isfinite(value))
        sg_buffer_append_double(csv, value);
}

static void put_alert(struct sg_buffer *csv, const SgLogEntry *entry)
{
    const SgSessionEvent *event = &entry->event;
    gboolean over = entry->is_over || event->code == SG_EVENT_ALERT_CLEARED;
    sg_buffer_append_format(csv, ",%s", sg_signal_name(event->side));
    put_number(csv, event->zscore);
    put_number(csv, event->threshold);
    sg_buffer_append_format(csv, ",%s", sg_grade_name(event->grade));
    put_number(csv, over ? event->peak : (double)NAN);
    sg_buffer_append_text(csv, ",");
    if (over)
        sg_buffer_append_int64(csv, event->duration_us / SG_US_PER_MS);
    sg_buffer_append_format(csv, ",%s,", event->muted ? "true" : "false");
    if (entry->end != NULL)
        put_text(csv, entry->end);
}

char *sg_event_log_csv(GListModel *list)
{
    struct sg_buffer csv;
    sg_buffer_init(&csv, CSV_MAX);
    sg_buffer_append_text(&csv, "time,pair,event,detail,side,zscore,threshold,grade,peak,duration_ms,muted,end\n");
    guint count = g_list_model_get_n_items(list);
    for (guint i = 0; i < count; i++) {
        g_autoptr(SgLogEntry) entry = g_list_model_get_item(list, i);
        sg_buffer_append_int64(&csv, entry->event.time_us / SG_US_PER_MS);
        sg_buffer_append_text(&csv, ",");
        put_text(&csv, entry->pair);
        sg_buffer_append_format(&csv, ",%s,", sg_feed_event_name(entry->event.code));
        put_text(&csv, entry->event.detail);
        if (sg_log_entry_kind(entry) == SG_LOG_ALERTS)
            put_alert(&csv, entry);
        else
            sg_buffer_append_text(&csv, ",,,,,,,,");
        sg_buffer_append_text(&csv, "\n");
    }
    char *text = g_strndup(csv.data, csv.length);
    sg_buffer_free(&csv);
    return text;
}
