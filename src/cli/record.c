/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `spreadglass record`: what the exchange sends, to a file, as it is sent. No session, no statistics: a source with a recorder. */
#include <glib-unix.h>
#include <stdio.h>
#include <unistd.h>

#include "spreadglass/base/clock.h"
#include "spreadglass/cli/live.h"
#include "spreadglass/feed/recorder.h"
#include "spreadglass/feed/source.h"
#include "output_check_private.h"
#include "verbs_private.h"

#define RING_TICKS 4096
#define DRAIN_EVERY_MS 50
#define EVENTS_MAX 16

struct recording_run {
    GMainLoop *loop;
    struct sg_source *source;
    struct sg_recorder *recorder;
    struct sg_tick_ring *ring;
    struct sg_tick *ticks;
    int64_t shown_us;
    bool terminal, failed;
    char why[512];
};

/* The ring wants an owner, and the connection's news belong on standard error. */
static void drain(struct recording_run *run)
{
    struct sg_feed_event events[EVENTS_MAX];
    size_t after[EVENTS_MAX];
    struct sg_tick_batch batch = {.ticks = run->ticks, .tick_capacity = RING_TICKS, .events = events, .event_after = after, .event_capacity = EVENTS_MAX};
    do {
        sg_tick_ring_drain(run->ring, &batch);
        for (size_t i = 0; i < batch.event_count; i++) {
            if (events[i].code >= SG_EVENT_COUNT) /* no news for a person */
                continue;
            char time[SG_TIME_BUF];
            sg_time_format_iso(events[i].recv_us, time);
            fprintf(stderr, "%s%s  * %s: %s\n", run->terminal ? "\r" : "", time, sg_feed_event_name(events[i].code), events[i].detail);
        }
    } while (batch.more);
}

static void show_progress(struct recording_run *run, const struct sg_recorder_status *status)
{
    int64_t now_us = sg_clock_mono(sg_clock_system());
    if (run->terminal && now_us - run->shown_us >= SG_US_PER_S) {
        run->shown_us = now_us;
        fprintf(stderr, "\rspreadglass record: %llu messages, %llu kB", (unsigned long long)status->messages, (unsigned long long)(status->bytes >> 10));
    }
}

static gboolean turn(gpointer data)
{
    struct recording_run *run = data;
    struct sg_recorder_status recorder;
    struct sg_feed_status feed;
    drain(run);
    sg_recorder_status(run->recorder, &recorder);
    sg_source_status(run->source, &feed);
    show_progress(run, &recorder);
    if (recorder.status != SG_OK || feed.state == SG_FEED_FAILED) {
        run->failed = true;
        snprintf(run->why, sizeof run->why, "%s", recorder.status != SG_OK ? recorder.detail : feed.detail);
        g_main_loop_quit(run->loop);
    }
    return G_SOURCE_CONTINUE;
}

static gboolean quit_loop(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_CONTINUE;
}

static void run_until_told(struct recording_run *run, double duration_s)
{
    guint sources[] = {g_unix_signal_add(SIGINT, quit_loop, run->loop), g_unix_signal_add(SIGTERM, quit_loop, run->loop),
                       g_timeout_add(DRAIN_EVERY_MS, turn, run),
                       duration_s > 0.0 ? g_timeout_add((guint)MIN(duration_s * 1000.0, 4e9), quit_loop, run->loop) : 0};
    g_main_loop_run(run->loop);
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
        if (sources[i] != 0)
            g_source_remove(sources[i]);
}

/* Ends the recorder and says what was written. */
static int finish(struct recording_run *run, int status)
{
    struct sg_recorder_status written;
    struct sg_feed_status feed;
    struct sg_error error = {0};
    sg_recorder_status(run->recorder, &written);
    sg_source_status(run->source, &feed);
    if (sg_recorder_stop(run->recorder, &error) != SG_OK)
        return sg_verb_failed("record", error.text);
    if (status != SG_EXIT_DONE)
        return sg_verb_failed("record", run->why);
    if (written.messages == 0 && feed.failure != SG_FAILURE_NONE)
        return sg_verb_failed("record", feed.detail);
    fprintf(stderr, "%sspreadglass record: %llu messages in %u file%s, the last %s\n", run->terminal ? "\r" : "", (unsigned long long)written.messages,
            written.files, written.files == 1 ? "" : "s", written.file);
    return SG_EXIT_DONE;
}

int sg_verb_record(const struct sg_options *options)
{
    if (options->output == NULL) {
        fprintf(stderr, "spreadglass record: it needs --output FILE (.ndjson or .ndjson.gz)\ntry: spreadglass record --help\n");
        return SG_EXIT_USAGE;
    }
    struct sg_error error = {0};
    struct sg_session_config config;
    if (sg_recording_place(options, options->output, &error) != SG_OK || sg_live_config(options, &config, &error) != SG_OK)
        return sg_verb_failed("record", error.text);
    struct recording_run run = {.loop = g_main_loop_new(NULL, FALSE),
                                .ring = sg_tick_ring_new(RING_TICKS),
                                .ticks = g_new(struct sg_tick, RING_TICKS),
                                .terminal = isatty(STDERR_FILENO) == 1};
    struct sg_recorder_config recorder = {.file = options->output, .legs = {config.legs[0], config.legs[1]}, .stream = config.stream};
    run.recorder = sg_recorder_start(&recorder, &error);
    int status = SG_EXIT_WORLD;
    if (run.recorder == NULL) {
        status = sg_verb_failed("record", error.text);
        goto out;
    }
    struct sg_binance_config feed = {.legs = {config.legs[0], config.legs[1]},
                                     .stream = config.stream,
                                     .ws_url = config.ws_url,
                                     .rest_url = config.rest_url,
                                     .ca_file = config.ca_file,
                                     .check_symbols = config.ws_url == NULL || config.rest_url != NULL,
                                     .recorder = run.recorder,
                                     .connection_life_us = config.connection_life_us};
    run.source = run.ring != NULL ? sg_source_new_binance(&feed, run.ring, &error) : NULL;
    if (run.source == NULL || sg_source_start(run.source, &error) != SG_OK) {
        sg_recorder_stop(run.recorder, NULL);
        unlink(options->output); /* a header and nothing else helps nobody */
        status = sg_verb_failed("record", error.text);
        status = error.status == SG_ERR_INVALID ? SG_EXIT_USAGE : status;
        goto out;
    }
    run_until_told(&run, options->duration_s);
    sg_source_stop(run.source); /* before the recorder: its thread writes */
    status = finish(&run, run.failed ? SG_EXIT_WORLD : SG_EXIT_DONE);
out:
    sg_source_free(run.source);
    sg_tick_ring_free(run.ring);
    g_free(run.ticks);
    g_main_loop_unref(run.loop);
    return status;
}
