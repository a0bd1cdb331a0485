/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording as a source: its own thread reads, decodes, waits for the time to come, and writes to the ring. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "source_private.h"
#include "spreadglass/feed/recording_reader.h"

#define BATCH 512u
#define POLL_NS 1000000L                     /* while the ring is full, or its consumer has not looked */
#define STEP_NS 50000000L                    /* while time passes: the watermark moves in these steps */
#define UNSEEN_MAX_US (2 * SG_ALIVE_STEP_US) /* the watermark never moves by more than this (and a step) without being seen */
#define PUBLISH_US INT64_C(50000)

struct replay {
    struct sg_source base;
    char **files;
    size_t file_count;
    struct sg_instrument legs[SG_LEG_COUNT];
    enum sg_stream which;
    struct sg_tick_ring *ring;
    size_t batch_size;

    pthread_mutex_t lock;         /* {status}: guards the members of this paragraph */
    pthread_cond_t changed;       /* stopping, paused or speed */
    bool stopping, paused, moved; /* moved: the pace was changed */
    double speed;
    struct sg_feed_status status;
    int64_t played_us;      /* recorded time that has been reached */
    int64_t first_us;       /* of the first record; 0: it was not read yet */
    int64_t until_us;       /* as fast as it goes up to here; 0: no more */
    int64_t next_us;        /* of the record that came after the last such time */
    int64_t start_until_us; /* where a start begins to keep the pace */

    bool started; /* main thread */
    pthread_t thread;

    /* the replay's thread */
    struct sg_tick_stream *stream;
    struct sg_tick batch[BATCH];
    size_t batch_count;
    int64_t base_recv_us, base_mono_us; /* recorded time and machine time of the same moment */
    int64_t last_us;                    /* of the record handled last */
    int64_t certain_us;                 /* time up to which the consumer has certainly been brought */
    int64_t published_us;
    uint64_t rate_messages;
    int64_t rate_since_us;
    struct sg_feed_status work;
};

static int64_t mono_us(void)
{
    return sg_clock_mono(sg_clock_system());
}

/* Waits on the condition for so long at most; false: stop. Locked by the caller. */
static bool pause_for(struct replay *replay, long nanoseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += nanoseconds;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    if (!replay->stopping)
        pthread_cond_timedwait(&replay->changed, &replay->lock, &until);
    return !replay->stopping;
}

static void publish(struct replay *replay, bool now)
{
    int64_t at = mono_us();
    if (!now && at - replay->published_us < PUBLISH_US)
        return;
    struct sg_tick_stream_info info;
    replay->stream->info(replay->stream, &info);
    replay->work.messages = info.messages;
    replay->work.rejected_messages = info.rejected;
    replay->work.bytes = info.bytes_read;
    if (at - replay->rate_since_us >= SG_US_PER_S) {
        replay->work.messages_per_s = (double)(info.messages - replay->rate_messages) * 1e6 / (double)(at - replay->rate_since_us);
        replay->rate_messages = info.messages;
        replay->rate_since_us = at;
    }
    replay->work.tick_mono_us = at;
    replay->published_us = at;
    pthread_mutex_lock(&replay->lock);
    replay->status = replay->work;
    if (replay->last_us > replay->played_us)
        replay->played_us = replay->last_us;
    pthread_mutex_unlock(&replay->lock);
}

/* Waits until the ring has room for so many ticks and one event. */
static bool wait_for_room(struct replay *replay, size_t ticks)
{
    for (;;) {
        struct sg_tick_ring_stats stats;
        sg_tick_ring_stats(replay->ring, &stats);
        if (stats.capacity - stats.length >= ticks && stats.events_length < stats.events_capacity)
            return true;
        pthread_mutex_lock(&replay->lock);
        bool go_on = pause_for(replay, POLL_NS);
        pthread_mutex_unlock(&replay->lock);
        if (!go_on)
            return false;
    }
}

/* Waits until the consumer has seen the watermark `time_us` with the ring empty. */
static bool wait_until_seen(struct replay *replay, int64_t time_us)
{
    for (;;) {
        struct sg_tick_ring_stats stats;
        sg_tick_ring_stats(replay->ring, &stats);
        if (stats.seen_us >= time_us)
            return true;
        pthread_mutex_lock(&replay->lock);
        bool go_on = pause_for(replay, POLL_NS);
        pthread_mutex_unlock(&replay->lock);
        if (!go_on)
            return false;
    }
}

static bool flush(struct replay *replay)
{
    if (replay->batch_count == 0)
        return true;
    if (!wait_for_room(replay, replay->batch_count))
        return false;
    int64_t watermark = replay->batch[replay->batch_count - 1].recv_us;
    sg_tick_ring_push(replay->ring, replay->batch, replay->batch_count, watermark);
    replay->work.ticks += replay->batch_count;
    replay->certain_us = watermark; /* the records themselves bring the consumer there */
    replay->batch_count = 0;
    publish(replay, false);
    return true;
}

/* Silence is played as silence: were the watermark to jump over a minute at once, the consumer would take it for a machine asleep. */
static bool pass_silence(struct replay *replay, int64_t time_us)
{
    if (time_us - replay->certain_us > UNSEEN_MAX_US) {
        if (!wait_until_seen(replay, replay->last_us))
            return false;
        replay->certain_us = replay->last_us;
    }
    sg_tick_ring_set_watermark(replay->ring, time_us);
    return true;
}

/* What was asked for is reached: the record that is next comes after it. The consumer is brought there exactly, whatever the pace is from here on.
 * Locked by the caller, but not meanwhile. False: stop. */
static bool hold(struct replay *replay, int64_t time_us)
{
    int64_t until_us = replay->until_us;
    pthread_mutex_unlock(&replay->lock);
    bool go_on = flush(replay);
    if (go_on && until_us > replay->last_us && time_us - replay->last_us <= SG_ALIVE_STEP_US)
        sg_tick_ring_set_watermark(replay->ring, until_us);
    pthread_mutex_lock(&replay->lock);
    if (replay->until_us == until_us) { /* else another one was asked for */
        if (until_us > replay->played_us && until_us >= replay->first_us)
            replay->played_us = until_us;
        replay->until_us = 0;
        replay->next_us = time_us;
        replay->moved = true;
    }
    return go_on && !replay->stopping;
}

/* Waits until the recorded time `time_us` has come; the watermark moves along. False: stop. */
static bool wait_until(struct replay *replay, int64_t time_us)
{
    bool go_on = true;
    pthread_mutex_lock(&replay->lock);
    while (go_on) {
        if (replay->until_us > 0 && !replay->stopping) {
            if (time_us <= replay->until_us)
                break;
            go_on = hold(replay, time_us);
            continue;
        }
        if (replay->paused) {
            replay->moved = true;
            pthread_mutex_unlock(&replay->lock);
            go_on = flush(replay);
            pthread_mutex_lock(&replay->lock);
            if (replay->paused && replay->until_us == 0 && !replay->stopping)
                pthread_cond_wait(&replay->changed, &replay->lock);
            go_on = go_on && !replay->stopping;
            continue;
        }
        if (replay->moved) { /* go on from where we are, at the new pace */
            replay->moved = false;
            int64_t reached = replay->played_us > replay->last_us ? replay->played_us : replay->last_us;
            replay->base_recv_us = reached ? reached : time_us;
            replay->base_mono_us = mono_us();
        }
        if (replay->speed == 0 || replay->stopping)
            break;
        double elapsed = (double)(mono_us() - replay->base_mono_us) * replay->speed;
        int64_t reached = elapsed < 4e15 ? replay->base_recv_us + (int64_t)elapsed : INT64_MAX;
        if (reached >= time_us)
            break;
        if (reached > replay->played_us)
            replay->played_us = reached;
        double left_ns = (double)(time_us - reached) * 1e3 / replay->speed;
        pthread_mutex_unlock(&replay->lock);
        go_on = flush(replay);
        /* Over a longer hole the recorder did not run: the watermark jumps over it, as it did then. */
        if (go_on && reached > replay->last_us && time_us - replay->last_us <= SG_ALIVE_STEP_US)
            sg_tick_ring_set_watermark(replay->ring, reached);
        publish(replay, false);
        pthread_mutex_lock(&replay->lock);
        go_on = go_on && pause_for(replay, left_ns < (double)STEP_NS ? (long)left_ns + 1 : STEP_NS);
    }
    go_on = go_on && !replay->stopping;
    pthread_mutex_unlock(&replay->lock);
    return go_on;
}

static bool play_item(struct replay *replay, enum sg_tick_stream_item item, const struct sg_tick *tick, const struct sg_feed_event *event)
{
    int64_t time_us = item == SG_ITEM_EVENT ? event->recv_us : tick->recv_us;
    /* Before a hole the consumer has seen the last record's time, and closed what it could by then: else it would depend on when it looked. */
    if (replay->last_us > 0 && time_us - replay->last_us > SG_ALIVE_STEP_US && !(flush(replay) && wait_until_seen(replay, replay->last_us)))
        return false;
    if (!wait_until(replay, time_us))
        return false;
    if (item == SG_ITEM_TICK) {
        replay->batch[replay->batch_count++] = *tick;
        replay->work.last_data_mono_us[tick->leg] = mono_us();
        replay->last_us = time_us;
        return replay->batch_count < replay->batch_size || flush(replay);
    }
    if (!flush(replay))
        return false;
    if (item == SG_ITEM_EVENT) {
        if (!wait_for_room(replay, 0))
            return false;
        sg_tick_ring_push_event(replay->ring, event);
        sg_tick_ring_set_watermark(replay->ring, time_us);
        replay->certain_us = time_us;
        replay->work.state = event->code == SG_EVENT_DISCONNECTED                                      ? SG_FEED_WAITING
                             : event->code == SG_EVENT_SUBSCRIBED || event->code == SG_EVENT_RECOVERED ? SG_FEED_LIVE
                             : event->code == SG_EVENT_STALLED                                         ? SG_FEED_STALLED
                                                                                                       : replay->work.state;
        replay->work.connects += event->code == SG_EVENT_CONNECTED;
    } else if (item == SG_ITEM_HISTORY) {
        if (!wait_for_room(replay, 0))
            return false;
        sg_tick_ring_push_answer(replay->ring, replay->stream->answer, time_us);
        replay->stream->answer = NULL;
        sg_tick_ring_set_watermark(replay->ring, time_us);
        replay->certain_us = time_us;
        if (!wait_until_seen(replay, time_us)) /* so that the ring never holds more of them than it can */
            return false;
    } else if (!pass_silence(replay, time_us)) {
        return false;
    }
    replay->last_us = time_us;
    publish(replay, item == SG_ITEM_EVENT);
    return true;
}

static void fail(struct replay *replay, const char *reason)
{
    struct sg_feed_event event = {.recv_us = replay->last_us, .code = SG_EVENT_ERROR, .leg = -1};
    if (!wait_for_room(replay, 0))
        return;
    snprintf(event.detail, sizeof event.detail, "%.230s", reason);
    sg_tick_ring_push_event(replay->ring, &event);
    replay->work.state = SG_FEED_FAILED;
    replay->work.failure = SG_FAILURE_PROTOCOL;
    snprintf(replay->work.detail, sizeof replay->work.detail, "%.250s", reason);
}

static void end(struct replay *replay)
{
    const char *warning = replay->stream->warning(replay->stream);
    struct sg_tick_stream_info info;
    replay->stream->info(replay->stream, &info);
    replay->work.state = SG_FEED_ENDED;
    replay->work.ended_on_purpose = info.ended_on_purpose;
    snprintf(replay->work.detail, sizeof replay->work.detail, "%.250s", warning ? warning : "the recording is over");
    for (int leg = 0; leg < SG_LEG_COUNT && !warning; leg++)
        if (replay->work.last_data_mono_us[leg] == 0)
            snprintf(replay->work.detail, sizeof replay->work.detail, "the recording held no %ss of %s", sg_stream_name(replay->which),
                     replay->legs[leg].symbol);
}

static void *run(void *data)
{
    struct replay *replay = data;
    bool first = true, go_on = true;
    while (go_on) {
        enum sg_tick_stream_item item;
        struct sg_tick tick;
        struct sg_feed_event event;
        struct sg_error error = {0};
        enum sg_status status = replay->stream->next(replay->stream, &item, &tick, &event, &error);
        if (status != SG_OK) {
            go_on = flush(replay);
            if (go_on && status == SG_ERR_END)
                end(replay);
            else if (go_on)
                fail(replay, error.text);
            break;
        }
        if (first) {
            first = false;
            replay->base_recv_us = replay->last_us = replay->certain_us = item == SG_ITEM_EVENT ? event.recv_us : tick.recv_us;
            replay->base_mono_us = mono_us();
            pthread_mutex_lock(&replay->lock);
            replay->first_us = replay->last_us;
            pthread_mutex_unlock(&replay->lock);
        }
        go_on = play_item(replay, item, &tick, &event);
    }
    if (!go_on)
        replay->work.state = SG_FEED_STOPPED;
    publish(replay, true);
    return NULL;
}

static enum sg_status open_stream(struct replay *replay, struct sg_error *error)
{
    struct sg_tick_stream_request request = {.files = (const char *const *)replay->files, .file_count = replay->file_count, .stream = (int)replay->which};
    memcpy(request.legs, replay->legs, sizeof request.legs);
    replay->stream = sg_tick_stream_open_recording(&request, error);
    return replay->stream ? SG_OK : error ? error->status : SG_ERR_IO;
}

static enum sg_status start(struct sg_source *base, struct sg_error *error)
{
    struct replay *replay = (struct replay *)base;
    if (replay->started)
        return sg_fail(error, SG_ERR_INVALID, "the replay runs already");
    enum sg_status status = open_stream(replay, error);
    if (status != SG_OK)
        return status;
    replay->batch_count = 0;
    replay->last_us = replay->certain_us = replay->published_us = 0;
    replay->rate_messages = 0;
    replay->rate_since_us = mono_us();
    replay->work = (struct sg_feed_status){.state = SG_FEED_LIVE};
    const char *name = strrchr(replay->files[0], '/');
    snprintf(replay->work.host, sizeof replay->work.host, "%s", name ? name + 1 : replay->files[0]);
    pthread_mutex_lock(&replay->lock);
    replay->stopping = replay->moved = false;
    replay->played_us = replay->first_us = replay->next_us = 0;
    replay->until_us = replay->start_until_us;
    replay->status = replay->work;
    pthread_mutex_unlock(&replay->lock);
    if (pthread_create(&replay->thread, NULL, run, replay) != 0) {
        replay->stream->free(replay->stream);
        replay->stream = NULL;
        return sg_fail(error, SG_ERR_NOMEM, "the replay's thread could not be started");
    }
    replay->started = true;
    return SG_OK;
}

static void stop(struct sg_source *base)
{
    struct replay *replay = (struct replay *)base;
    if (!replay->started)
        return;
    pthread_mutex_lock(&replay->lock);
    replay->stopping = true;
    pthread_cond_broadcast(&replay->changed);
    pthread_mutex_unlock(&replay->lock);
    pthread_join(replay->thread, NULL);
    replay->started = false;
    replay->stream->free(replay->stream);
    replay->stream = NULL;
}

static void destroy(struct sg_source *base)
{
    struct replay *replay = (struct replay *)base;
    pthread_cond_destroy(&replay->changed);
    pthread_mutex_destroy(&replay->lock);
    for (size_t i = 0; replay->files && i < replay->file_count; i++)
        free(replay->files[i]);
    free(replay->files);
    free(replay);
}

static void status(struct sg_source *base, struct sg_feed_status *ret_status)
{
    struct replay *replay = (struct replay *)base;
    pthread_mutex_lock(&replay->lock);
    *ret_status = replay->status;
    pthread_mutex_unlock(&replay->lock);
}

static void reconnect(struct sg_source *base)
{
    (void)base;
}

static int64_t now(struct sg_source *base)
{
    struct replay *replay = (struct replay *)base;
    pthread_mutex_lock(&replay->lock);
    int64_t played = replay->played_us;
    pthread_mutex_unlock(&replay->lock);
    return played;
}

static const struct sg_source_kind replay_kind = {"replay", start, stop, destroy, status, reconnect, now, NULL};

void sg_source_replay_pace(struct sg_source *source, double speed, bool paused)
{
    if (source->kind != &replay_kind || !(speed >= 0) || !isfinite(speed))
        return;
    struct replay *replay = (struct replay *)source;
    pthread_mutex_lock(&replay->lock);
    replay->speed = speed;
    replay->paused = paused;
    replay->moved = true;
    pthread_cond_broadcast(&replay->changed);
    pthread_mutex_unlock(&replay->lock);
}

void sg_source_replay_until(struct sg_source *source, int64_t time_us)
{
    if (source->kind != &replay_kind)
        return;
    struct replay *replay = (struct replay *)source;
    pthread_mutex_lock(&replay->lock);
    if (time_us > replay->played_us) {
        replay->until_us = time_us;
        pthread_cond_broadcast(&replay->changed);
    }
    pthread_mutex_unlock(&replay->lock);
}

bool sg_source_replay_progress(struct sg_source *source, struct sg_replay_progress *ret_progress)
{
    if (source->kind != &replay_kind)
        return false;
    struct replay *replay = (struct replay *)source;
    pthread_mutex_lock(&replay->lock);
    ret_progress->reached_us = replay->played_us > replay->first_us ? replay->played_us : replay->first_us;
    ret_progress->next_us = replay->until_us > 0 ? 0 : replay->next_us;
    ret_progress->is_rushing = replay->until_us > 0 && replay->status.state != SG_FEED_ENDED && replay->status.state != SG_FEED_FAILED;
    pthread_mutex_unlock(&replay->lock);
    return true;
}

/* A recording that says what it is of must be of what is asked for. */
static enum sg_status check_content(const struct replay *replay, struct sg_error *error)
{
    struct sg_recording_info info;
    enum sg_status status = sg_recording_describe((const char *const *)replay->files, replay->file_count, &info, error);
    if (status != SG_OK || !info.has_header)
        return status;
    if (info.stream != replay->which)
        return sg_fail(error, SG_ERR_INVALID, "%s: it is a recording of the %s stream, not of %s", replay->files[0], sg_stream_name(info.stream),
                       sg_stream_name(replay->which));
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (strcmp(replay->legs[leg].symbol, info.legs[0].symbol) != 0 && strcmp(replay->legs[leg].symbol, info.legs[1].symbol) != 0) {
            char pair[SG_PAIR_BUF];
            sg_pair_format(info.legs, info.legs[SG_LEG_A].market, pair);
            return sg_fail(error, SG_ERR_INVALID, "%s: it is a recording of %s and holds no %s", replay->files[0], pair, replay->legs[leg].symbol);
        }
    return SG_OK;
}

struct sg_source *sg_source_new_replay(const struct sg_replay_config *config, struct sg_tick_ring *ring, struct sg_error *error)
{
    const char *const *files = config->files ? config->files : &config->file;
    size_t count = config->files ? config->file_count : 1;
    if (count == 0 || count > SG_RECORDING_FILES_MAX || !files[0] || !(config->speed >= 0) || !isfinite(config->speed)) {
        sg_fail(error, SG_ERR_INVALID, "a replay needs 1 to %d files and a speed of 0 or more", SG_RECORDING_FILES_MAX);
        return NULL;
    }
    struct replay *replay = calloc(1, sizeof *replay);
    char **copies = calloc(count, sizeof *copies);
    if (!replay || !copies) {
        free(replay);
        free(copies);
        sg_fail(error, SG_ERR_NOMEM, "no memory for a replay");
        return NULL;
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&replay->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&replay->lock, NULL);
    replay->base.kind = &replay_kind;
    replay->files = copies;
    replay->file_count = count;
    replay->ring = ring;
    replay->which = config->stream;
    replay->speed = config->speed;
    replay->paused = config->paused;
    replay->start_until_us = config->until_us;
    memcpy(replay->legs, config->legs, sizeof replay->legs);
    struct sg_tick_ring_stats stats;
    sg_tick_ring_stats(ring, &stats);
    replay->batch_size = stats.capacity / 2 < BATCH ? stats.capacity / 2 : BATCH;
    enum sg_status status = SG_OK;
    for (size_t i = 0; i < count && status == SG_OK; i++)
        if (!(copies[i] = strdup(files[i])))
            status = sg_fail(error, SG_ERR_NOMEM, "no memory for a replay");
    if (status == SG_OK)
        status = check_content(replay, error);
    if (status != SG_OK) {
        destroy(&replay->base);
        return NULL;
    }
    return &replay->base;
}
