/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `spreadglass watch`: the live session as text, until Ctrl+C, --duration or --bars. */
#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>

#include "spreadglass/cli/live.h"
#include "spreadglass/feed/recorder.h"
#include "output_check_private.h"
#include "verbs_private.h"
#include "watch_format_private.h"

#define LINE_LIMIT 65536

struct watch {
    const char *verb; /* as it was called: `replay` watches too */
    const struct sg_options *options;
    GMainLoop *loop;
    SgSession *session;
    struct sg_buffer line;
    uint64_t bars;
    bool output_gone;   /* the reader of standard output left, or … */
    int output_failure; /* … why it cannot be written; 0: it can */
    bool feed_failed;
};

static void put_line(struct watch *watch)
{
    if (watch->line.length > 0 && (fwrite(watch->line.data, 1, watch->line.length, stdout) != watch->line.length || fflush(stdout) != 0)) {
        watch->output_gone = true;
        watch->output_failure = errno == EPIPE ? 0 : errno; /* a reader that has seen enough is no failure */
        g_main_loop_quit(watch->loop);
    }
    sg_buffer_clear(&watch->line);
}

static void bar_cb(SgSession *session, const SgClosedBar *bar, struct watch *watch)
{
    const struct sg_options *options = watch->options;
    if (watch->output_gone || (options->bars > 0 && watch->bars >= options->bars))
        return;
    sg_watch_format_bar(&watch->line, options->format, sg_session_get_snapshot(session)->legs, bar);
    put_line(watch);
    if (++watch->bars == options->bars)
        g_main_loop_quit(watch->loop);
}

static void event_cb(SgSession *session, const SgSessionEvent *event, struct watch *watch)
{
    const struct sg_options *options = watch->options;
    const struct sg_instrument *legs = sg_session_get_snapshot(session)->legs;
    if (watch->output_gone || (options->bars > 0 && watch->bars >= options->bars))
        return;
    if (options->format == SG_FORMAT_CSV) { /* a CSV has bars only; the news still reaches a person */
        sg_watch_format_event(&watch->line, SG_FORMAT_TEXT, legs, event);
        fwrite(watch->line.data, 1, watch->line.length, stderr);
        sg_buffer_clear(&watch->line);
        return;
    }
    sg_watch_format_event(&watch->line, options->format, legs, event);
    put_line(watch);
}

static void changed_cb(SgSession *session, struct watch *watch)
{
    if (sg_session_get_snapshot(session)->feed.state == SG_FEED_FAILED) {
        watch->feed_failed = true;
        g_main_loop_quit(watch->loop);
    }
}

static void ended_cb(SgSession *session, struct watch *watch)
{
    (void)session;
    g_main_loop_quit(watch->loop);
}

static gboolean quit_cb(gpointer data)
{
    struct watch *watch = data;
    g_main_loop_quit(watch->loop);
    return G_SOURCE_CONTINUE;
}

/* A leg never came and the feed says why: that is a failure of the world, whatever ended the watch. That no bar of a long interval has closed is none. */
static int exit_status(const struct watch *watch)
{
    if (watch->output_failure != 0) {
        char text[128];
        snprintf(text, sizeof text, "standard output cannot be written: %s", g_strerror(watch->output_failure));
        return sg_verb_failed(watch->verb, text);
    }
    const struct sg_feed_status *feed = &sg_session_get_snapshot(watch->session)->feed;
    if (watch->feed_failed || (watch->bars == 0 && !sg_feed_has_delivered(feed) && feed->failure != SG_FAILURE_NONE)) {
        char text[512];
        snprintf(text, sizeof text, "%s%s%s", sg_feed_failure_name(feed->failure), feed->detail[0] != '\0' ? ": " : "", feed->detail);
        return sg_verb_failed(watch->verb, text);
    }
    return SG_EXIT_DONE;
}

int sg_verb_watch(const struct sg_options *options)
{
    return sg_verb_watch_as("watch", options);
}

int sg_verb_watch_as(const char *verb, const struct sg_options *options)
{
    struct sg_error error = {0};
    struct sg_session_config config;
    if ((options->record != NULL && sg_recording_place(options, options->record, &error) != SG_OK) || sg_live_config(options, &config, &error) != SG_OK)
        return sg_verb_failed(verb, error.text);

    struct sg_recorder *recorder = NULL;
    if (options->record != NULL) {
        struct sg_recorder_config recording = {
            .file = options->record, .legs = {config.legs[0], config.legs[1]}, .stream = config.stream, .with_history = true};
        recorder = config.recorder = sg_recorder_start(&recording, &error);
        if (recorder == NULL)
            return sg_verb_failed(verb, error.text);
    }
    struct sg_error no_database = {0};
    struct sg_database *database = sg_live_store(options, &config, &no_database);
    GError *problem = NULL;
    struct watch watch = {.verb = verb, .options = options, .loop = g_main_loop_new(NULL, FALSE)};
    sg_buffer_init(&watch.line, LINE_LIMIT);
    watch.session = sg_session_new(&config, &problem);
    int status = SG_EXIT_WORLD;
    if (watch.session == NULL)
        goto out;
    g_signal_connect(watch.session, "bar", G_CALLBACK(bar_cb), &watch);
    g_signal_connect(watch.session, "event", G_CALLBACK(event_cb), &watch);
    g_signal_connect(watch.session, "changed", G_CALLBACK(changed_cb), &watch);
    g_signal_connect(watch.session, "ended", G_CALLBACK(ended_cb), &watch);
    if (options->format == SG_FORMAT_CSV) {
        sg_buffer_append_text(&watch.line, sg_watch_csv_header);
        put_line(&watch);
    }
    if (!sg_session_start(watch.session, &problem))
        goto out;
    guint sources[3] = {g_unix_signal_add(SIGINT, quit_cb, &watch), g_unix_signal_add(SIGTERM, quit_cb, &watch), 0};
    if (options->duration_s > 0.0)
        sources[2] = g_timeout_add((guint)MIN(options->duration_s * 1000.0, 4e9), quit_cb, &watch);
    if (!watch.output_gone)
        g_main_loop_run(watch.loop);
    for (size_t i = 0; i < 3; i++)
        if (sources[i] != 0)
            g_source_remove(sources[i]);
    if (recorder != NULL)
        sg_session_end(watch.session); /* what is in the recording is also told */
    status = exit_status(&watch);
    sg_session_stop(watch.session);
out:
    if (problem != NULL) {
        status = sg_verb_failed(verb, problem->message);
        if (problem->domain == SG_SESSION_ERROR && problem->code == SG_ERR_INVALID)
            status = SG_EXIT_USAGE;
        g_error_free(problem);
    }
    g_clear_object(&watch.session);
    if (sg_recorder_stop(recorder, &error) != SG_OK)
        status = sg_verb_failed(verb, error.text);
    g_main_loop_unref(watch.loop);
    sg_buffer_free(&watch.line);
    if (sg_database_close(database, &error) != SG_OK)
        status = sg_verb_failed(verb, error.text);
    return status;
}
