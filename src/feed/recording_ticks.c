/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording as ticks and events: the reader and the decoder of live messages, one after the other, nothing in between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "spreadglass/feed/decoder.h"
#include "spreadglass/feed/recording_reader.h"

#define MESSAGE_TICKS 8192           /* more than one message of all symbols holds */
#define WAITING_EVENTS_MAX 4096      /* events between two messages */

struct ticks_stream {
    struct sg_tick_stream base;
    struct sg_recording *recording;
    struct sg_decoder decoder;
    struct sg_tick_stream_info info;
    struct sg_tick *ticks;           /* of the message read last */
    size_t tick_count, tick_at;
    struct sg_feed_event *events;    /* that stand before those ticks */
    size_t event_count, event_at, event_capacity;
    bool begun, ended, events_seen, events_lost;
    unsigned opening;                /* synthetic events still to be given */
    int64_t first_us;
};

static void keep_event(void *context, const struct sg_feed_event *event)
{
    struct ticks_stream *stream = context;
    stream->events_seen = true;
    if (stream->event_count == stream->event_capacity) {
        size_t capacity = stream->event_capacity ? stream->event_capacity * 2 : 16;
        struct sg_feed_event *grown = capacity > WAITING_EVENTS_MAX ? NULL : realloc(stream->events, capacity * sizeof *grown);
        if (!grown) {
            stream->events_lost = true; /* said as an error by the next call */
            return;
        }
        stream->events = grown;
        stream->event_capacity = capacity;
    }
    stream->events[stream->event_count++] = *event;
}

static void note_rejected(struct ticks_stream *stream, uint64_t count, const char *detail)
{
    if (stream->info.rejected == 0)
        snprintf(stream->info.first_rejected, sizeof stream->info.first_rejected, "%s", detail);
    stream->info.rejected += count;
}

/* Reads one message and decodes it; the events before it wait in `events`. */
static enum sg_status read_message(struct ticks_stream *stream, struct sg_error *error)
{
    struct sg_recorded_message message;
    stream->event_count = stream->event_at = 0;
    stream->tick_count = stream->tick_at = 0;
    enum sg_status status = stream->recording->next(stream->recording, &message, error);
    if (stream->events_lost)
        return sg_fail(error, SG_ERR_RANGE, "more than %d connection events stand together in the recording", WAITING_EVENTS_MAX);
    if (status == SG_ERR_END)
        stream->ended = true;
    if (status != SG_OK)
        return status == SG_ERR_END ? SG_OK : status;
    stream->info.messages++;
    struct sg_decoded decoded;
    uint64_t rejected_before = stream->decoder.rejected_values;
    sg_decoder_message(&stream->decoder, message.text, message.length, message.recv_us, stream->ticks, MESSAGE_TICKS, &decoded);
    if (decoded.kind == SG_MESSAGE_TICKS)
        stream->tick_count = decoded.tick_count;
    else if (decoded.kind == SG_MESSAGE_BAD)
        note_rejected(stream, 1, decoded.detail);
    if (stream->decoder.rejected_values > rejected_before)
        note_rejected(stream, stream->decoder.rejected_values - rejected_before, decoded.detail);
    if (!stream->begun) {
        stream->begun = true;
        stream->first_us = message.recv_us;
        stream->opening = stream->events_seen ? 0 : 2;
    }
    return SG_OK;
}

/* A recording made by others has no events: what it holds was received on a connection that was up. */
static void opening_event(struct ticks_stream *stream, struct sg_feed_event *ret_event)
{
    memset(ret_event, 0, sizeof *ret_event);
    ret_event->recv_us = stream->first_us;
    ret_event->leg = -1;
    ret_event->code = stream->opening == 2 ? SG_EVENT_CONNECTED : SG_EVENT_SUBSCRIBED;
    snprintf(ret_event->detail, sizeof ret_event->detail, "recording begins");
    stream->opening--;
}

static enum sg_status ticks_next(struct sg_tick_stream *base, enum sg_tick_stream_item *ret_item, struct sg_tick *ret_tick,
                                 struct sg_feed_event *ret_event, struct sg_error *error)
{
    struct ticks_stream *stream = (struct ticks_stream *)base;
    for (;;) {
        if (stream->event_at < stream->event_count) {
            *ret_event = stream->events[stream->event_at++];
            *ret_item = SG_ITEM_EVENT;
            return SG_OK;
        }
        if (stream->opening > 0) {
            opening_event(stream, ret_event);
            *ret_item = SG_ITEM_EVENT;
            return SG_OK;
        }
        if (stream->tick_at < stream->tick_count) {
            *ret_tick = stream->ticks[stream->tick_at++];
            *ret_item = SG_ITEM_TICK;
            return SG_OK;
        }
        if (stream->ended)
            return SG_ERR_END;
        enum sg_status status = read_message(stream, error);
        if (status != SG_OK)
            return status;
    }
}

static void ticks_info(const struct sg_tick_stream *base, struct sg_tick_stream_info *ret_info)
{
    const struct ticks_stream *stream = (const struct ticks_stream *)base;
    *ret_info = stream->info;
    sg_recording_progress(stream->recording, &ret_info->bytes_read, &ret_info->bytes_total);
}

static const char *ticks_warning(struct sg_tick_stream *base)
{
    struct ticks_stream *stream = (struct ticks_stream *)base;
    return stream->recording->warning(stream->recording);
}

static void ticks_free(struct sg_tick_stream *base)
{
    if (!base)
        return;
    struct ticks_stream *stream = (struct ticks_stream *)base;
    if (stream->recording)
        stream->recording->free(stream->recording);
    free(stream->ticks);
    free(stream->events);
    free(stream);
}

/* Which stream to decode: as asked for, else as the recording says or shows. */
static enum sg_status choose_stream(const struct sg_tick_stream_request *request, enum sg_stream *ret_stream, struct sg_error *error)
{
    if (request->stream >= 0) {
        *ret_stream = (enum sg_stream)request->stream;
        return SG_OK;
    }
    struct sg_recording_info info;
    enum sg_status status = sg_recording_describe(request->files, request->file_count, &info, error);
    if (status != SG_OK)
        return status;
    if (!info.has_stream)
        return sg_fail(error, SG_ERR_PARSE, "%s: the recording holds no trades, tickers or book tickers", request->files[0]);
    *ret_stream = info.stream;
    return SG_OK;
}

struct sg_tick_stream *sg_tick_stream_open_recording(const struct sg_tick_stream_request *request, struct sg_error *error)
{
    struct ticks_stream *stream = calloc(1, sizeof *stream);
    struct sg_tick *ticks = calloc(MESSAGE_TICKS, sizeof *ticks);
    if (!stream || !ticks) {
        free(stream);
        free(ticks);
        sg_fail(error, SG_ERR_NOMEM, "no memory to open a recording");
        return NULL;
    }
    stream->ticks = ticks;
    stream->base.next = ticks_next;
    stream->base.info = ticks_info;
    stream->base.warning = ticks_warning;
    stream->base.free = ticks_free;
    enum sg_stream which = SG_STREAM_TICKER;
    if (choose_stream(request, &which, error) == SG_OK)
        stream->recording = sg_recording_open(request->files, request->file_count, error);
    if (!stream->recording) {
        ticks_free(&stream->base);
        return NULL;
    }
    stream->recording->on_event = keep_event;
    stream->recording->event_context = stream;
    memcpy(stream->decoder.legs, request->legs, sizeof stream->decoder.legs);
    stream->decoder.stream = which;
    memcpy(stream->info.legs, request->legs, sizeof stream->info.legs);
    stream->info.stream = which;
    return &stream->base;
}
