/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What happened: alerts with how far they went and how long they stood, connections lost and found, gaps and what became of them. The newest first, a
 * bounded number. Choosing a row that has a place in time moves the charts there. Main thread. */
#include <gtk/gtk.h>
#include "spreadglass/engine/session.h"

#define SG_EVENT_LOG_MAX 500 /* the oldest leave */

enum sg_log_kind { SG_LOG_ALERTS, SG_LOG_CONNECTION, SG_LOG_DATA, SG_LOG_PROBLEMS, SG_LOG_KINDS };

#define SG_TYPE_LOG_ENTRY (sg_log_entry_get_type())
G_DECLARE_FINAL_TYPE(SgLogEntry, sg_log_entry, SG, LOG_ENTRY, GObject)

struct _SgLogEntry {
    GObject parent_instance;
    SgSessionEvent event;
    char *pair;       /* "BTCUSDT/ETHUSDT" */
    gboolean is_over; /* of an alert: event.peak and event.duration_us are final, and … */
    char *end;        /* … this is how it ended */
};

/* The model: lives as long as the program and is fed by the session's events, whether or not a window shows it. An alert has one row, which is completed
 * when it is over. `legs`: the two of the session. */
GListStore *sg_event_log_new(void);
void sg_event_log_add(GListStore *log, const struct sg_instrument *legs, const SgSessionEvent *event);

/* The event in a word or two for a person: "Alert", "Trying again"; static. */
const char *sg_log_entry_word(const SgLogEntry *entry);
enum sg_log_kind sg_log_entry_kind(const SgLogEntry *entry);
/* All that `list` holds as CSV with a header, the newest first: times in ms since 1970, numbers with a point, empty where there is none. g_free. */
char *sg_event_log_csv(GListModel *list);

/* event_log_window.c: a window over the model, destroyed with its parent, with headings, a filter and export. `show_time` is called with exchange time in
 * microseconds, `save` with what is listed. */
struct sg_log_calls {
    void (*show_time)(gint64 time_us, gpointer context);
    void (*save)(GtkWindow *parent, GListModel *listed, gpointer context);
    gpointer context;
};
GtkWidget *sg_event_log_window_new(GtkWindow *parent, GListStore *log, gboolean utc, const struct sg_log_calls *calls);
