/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recording as ticks and events: the reader and the decoder of live messages, one after the other, nothing in between. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "history_line_private.h"
#include "spreadglass/feed/decoder.h"
#include "spreadglass/feed/recording_reader.h"

#define MESSAGE_TICKS 8192            /* more than one message of all symbols holds */
#define WAITING_MAX ((size_t)1 << 20) /* events and signs of life between two messages: 12 days of silence */

#define ANSWERS_MAX 64 /* between two messages */

/* An event, an answer about the past, or a sign of life. */
struct waiting {
    int64_t recv_us;
    size_t event;                     /* index in `events`; NO_EVENT for the others */
    struct sg_history_answer *answer; /* NULL: none */
};
#define NO_EVENT SIZE_MAX

struct ticks_stream {
    struct sg_tick_stream base;
    struct sg_recording *recording;
    struct sg_decoder decoder;
    struct sg_tick_stream_info info;
    struct sg_tick *ticks; /* of the message read last */
    size_t tick_count, tick_at;
    int64_t message_us;      /* receive time of that message */
    struct waiting *waiting; /* what stands before it */
    size_t waiting_count, waiting_at, waiting_capacity;
    struct sg_feed_event *events;
    size_t event_count, event_capacity;
    size_t answer_count;
    bool begun, ended, own, waiting_lost;
    bool swapped;              /* the header's leg A is our leg B */
    bool silence;              /* the time before the message read last was silence, and not a hole */
    bool message_told;         /* its ticks, or a sign of life in their place, were given */
    unsigned opening;          /* synthetic events still to be given */
    int64_t first_us, told_us; /* of the item given last */
};

static bool grow(void **items, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity)
        return true;
    size_t wanted = *capacity ? *capacity * 2 : 16;
    void *grown = wanted > WAITING_MAX ? NULL : realloc(*items, wanted * size);
    if (!grown)
        return false;
    *items = grown;
    *capacity = wanted;
    return true;
}

static void wait_for(struct ticks_stream *stream, int64_t recv_us, size_t event, struct sg_history_answer *answer)
{
    stream->own = true;
    void *items = stream->waiting;
    if (!grow(&items, &stream->waiting_capacity, stream->waiting_count, sizeof *stream->waiting)) {
        sg_history_answer_free(answer);
        stream->waiting_lost = true; /* said as an error by the next call */
        return;
    }
    stream->waiting = items;
    stream->waiting[stream->waiting_count++] = (struct waiting){recv_us, event, answer};
    stream->answer_count += answer != NULL;
}

static void keep_event(void *context, const struct sg_feed_event *event)
{
    struct ticks_stream *stream = context;
    void *items = stream->events;
    if (!grow(&items, &stream->event_capacity, stream->event_count, sizeof *stream->events)) {
        stream->waiting_lost = true;
        return;
    }
    stream->events = items;
    stream->events[stream->event_count] = *event;
    if (stream->swapped && event->leg >= 0)
        stream->events[stream->event_count].leg = !event->leg;
    wait_for(stream, event->recv_us, stream->event_count++, NULL);
}

static void keep_alive(void *context, int64_t recv_us)
{
    wait_for(context, recv_us, NO_EVENT, NULL);
}

static void keep_end(void *context, int64_t recv_us)
{
    struct ticks_stream *stream = context;
    stream->info.ended_on_purpose = true;
    wait_for(stream, recv_us, NO_EVENT, NULL);
}

static enum sg_status keep_history(void *context, int64_t recv_us, const char *text, size_t length, struct sg_error *error)
{
    struct ticks_stream *stream = context;
    const char *reason = NULL;
    if (stream->answer_count == ANSWERS_MAX)
        return sg_fail(error, SG_ERR_RANGE, "more than %d answers about the past stand together", ANSWERS_MAX);
    struct sg_history_answer *answer = sg_history_line_read(text, length, &reason);
    if (!answer)
        return sg_fail(error, SG_ERR_PARSE, "%s", reason);
    if (stream->swapped) {
        struct sg_history_leg first = answer->legs[SG_LEG_A];
        answer->legs[SG_LEG_A] = answer->legs[SG_LEG_B];
        answer->legs[SG_LEG_B] = first;
    }
    wait_for(stream, recv_us, NO_EVENT, answer);
    return SG_OK;
}

static void forget_waiting(struct ticks_stream *stream)
{
    for (; stream->waiting_at < stream->waiting_count; stream->waiting_at++)
        sg_history_answer_free(stream->waiting[stream->waiting_at].answer);
    stream->event_count = stream->answer_count = stream->waiting_count = stream->waiting_at = 0;
}

static void note_rejected(struct ticks_stream *stream, uint64_t count, const char *detail)
{
    if (stream->info.rejected == 0)
        snprintf(stream->info.first_rejected, sizeof stream->info.first_rejected, "%s", detail);
    stream->info.rejected += count;
}

static void decode(struct ticks_stream *stream, const struct sg_recorded_message *message)
{
    struct sg_decoded decoded;
    uint64_t rejected_before = stream->decoder.rejected_values;
    struct sg_decoder *decoder = &stream->decoder;
    struct sg_instrument *other = &decoder->legs[(message->leg_number == 1) != stream->swapped ? SG_LEG_B : SG_LEG_A];
    char initial = other->symbol[0];
    if (message->leg_number) /* whose it is was recorded, and is not in the message */
        other->symbol[0] = '\0';
    sg_decoder_message(decoder, message->text, message->length, message->recv_us, stream->ticks, MESSAGE_TICKS, &decoded);
    other->symbol[0] = initial;
    if (decoded.kind == SG_MESSAGE_TICKS)
        stream->tick_count = decoded.tick_count;
    else if (decoded.kind == SG_MESSAGE_BAD)
        note_rejected(stream, 1, decoded.detail);
    if (stream->decoder.rejected_values > rejected_before)
        note_rejected(stream, stream->decoder.rejected_values - rejected_before, decoded.detail);
}

/* Reads one message and decodes it; what stands before it waits in `waiting`. */
static enum sg_status read_message(struct ticks_stream *stream, struct sg_error *error)
{
    struct sg_recorded_message message;
    forget_waiting(stream);
    stream->info.ended_on_purpose = false; /* the last word counts */
    stream->tick_count = stream->tick_at = 0;
    enum sg_status status = stream->recording->next(stream->recording, &message, error);
    if (stream->waiting_lost)
        return sg_fail(error, SG_ERR_RANGE, "more than %zu connection events stand together in the recording", WAITING_MAX);
    if (status == SG_ERR_END) {
        stream->ended = stream->message_told = true;
        return SG_OK;
    }
    if (status != SG_OK)
        return status;
    stream->info.messages++;
    stream->silence = message.recv_us - stream->told_us <= SG_SILENCE_MAX_US;
    stream->message_us = message.recv_us;
    stream->message_told = false;
    decode(stream, &message);
    if (!stream->begun) {
        stream->begun = true;
        stream->first_us = stream->told_us = message.recv_us;
        stream->opening = stream->own ? 0 : 2;
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

static enum sg_status give_alive(struct ticks_stream *stream, int64_t recv_us, enum sg_tick_stream_item *ret_item, struct sg_tick *ret_tick)
{
    *ret_item = SG_ITEM_ALIVE;
    *ret_tick = (struct sg_tick){.recv_us = recv_us, .id = -1};
    stream->told_us = recv_us;
    return SG_OK;
}

static enum sg_status ticks_next(struct sg_tick_stream *base, enum sg_tick_stream_item *ret_item, struct sg_tick *ret_tick, struct sg_feed_event *ret_event,
                                 struct sg_error *error)
{
    struct ticks_stream *stream = (struct ticks_stream *)base;
    sg_history_answer_free(base->answer);
    base->answer = NULL;
    for (;;) {
        if (stream->waiting_at < stream->waiting_count) {
            struct waiting waiting = stream->waiting[stream->waiting_at++];
            if (waiting.answer) {
                stream->base.answer = waiting.answer;
                *ret_item = SG_ITEM_HISTORY;
                *ret_tick = (struct sg_tick){.recv_us = waiting.recv_us, .id = -1};
                stream->told_us = waiting.recv_us;
                return SG_OK;
            }
            if (waiting.event == NO_EVENT)
                return give_alive(stream, waiting.recv_us, ret_item, ret_tick);
            *ret_event = stream->events[waiting.event];
            *ret_item = SG_ITEM_EVENT;
            stream->told_us = waiting.recv_us;
            return SG_OK;
        }
        if (stream->opening > 0) {
            opening_event(stream, ret_event);
            *ret_item = SG_ITEM_EVENT;
            return SG_OK;
        }
        if (!stream->message_told && !stream->own && stream->begun && stream->silence && stream->message_us - stream->told_us > SG_ALIVE_STEP_US)
            return give_alive(stream, stream->told_us + SG_ALIVE_STEP_US, ret_item, ret_tick);
        if (stream->tick_at < stream->tick_count) {
            stream->message_told = true;
            *ret_tick = stream->ticks[stream->tick_at++];
            *ret_item = SG_ITEM_TICK;
            stream->told_us = stream->message_us;
            return SG_OK;
        }
        /* A message without ticks of ours still says that the connection lived. */
        if (!stream->message_told && stream->begun && stream->message_us - stream->told_us >= SG_ALIVE_STEP_US / 10) {
            stream->message_told = true;
            return give_alive(stream, stream->message_us, ret_item, ret_tick);
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
    forget_waiting(stream);
    sg_history_answer_free(stream->base.answer);
    free(stream->ticks);
    free(stream->events);
    free(stream->waiting);
    free(stream);
}

static bool same_instrument(const struct sg_instrument *one, const struct sg_instrument *other, bool by_market)
{
    return strcmp(one->symbol, other->symbol) == 0 && (!by_market || one->market == other->market);
}

/* Which stream to decode: as asked for, else as the recording says or shows; and which of its legs is which of ours. */
static enum sg_status look_at(struct ticks_stream *stream, const struct sg_tick_stream_request *request, struct sg_error *error)
{
    struct sg_recording_info info;
    enum sg_status status = sg_recording_describe(request->files, request->file_count, &info, error);
    if (status != SG_OK)
        return status;
    if (request->stream < 0 && !info.has_stream)
        return sg_fail(error, SG_ERR_PARSE, "%s: the recording holds no trades, tickers or book tickers", request->files[0]);
    stream->decoder.stream = stream->info.stream = request->stream >= 0 ? (enum sg_stream)request->stream : info.stream;
    bool one_symbol = same_instrument(&request->legs[SG_LEG_A], &request->legs[SG_LEG_B], false) && request->legs[SG_LEG_A].symbol[0];
    stream->swapped = info.has_header && same_instrument(&info.legs[SG_LEG_A], &request->legs[SG_LEG_B], one_symbol) &&
                      !same_instrument(&info.legs[SG_LEG_A], &request->legs[SG_LEG_A], one_symbol);
    const struct sg_instrument *first = &info.legs[stream->swapped ? SG_LEG_B : SG_LEG_A], *second = &info.legs[stream->swapped ? SG_LEG_A : SG_LEG_B];
    if (one_symbol && !(info.has_header && same_instrument(first, &request->legs[SG_LEG_A], true) && same_instrument(second, &request->legs[SG_LEG_B], true)))
        return sg_fail(error, SG_ERR_INVALID, "%s: it is no recording of %s on both markets, and its messages do not say of which they are", request->files[0],
                       request->legs[SG_LEG_A].symbol);
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
    if (look_at(stream, request, error) == SG_OK)
        stream->recording = sg_recording_open(request->files, request->file_count, error);
    if (!stream->recording) {
        ticks_free(&stream->base);
        return NULL;
    }
    stream->recording->on_event = keep_event;
    stream->recording->on_alive = keep_alive;
    stream->recording->on_history = keep_history;
    stream->recording->on_end = keep_end;
    stream->recording->event_context = stream;
    memcpy(stream->decoder.legs, request->legs, sizeof stream->decoder.legs);
    memcpy(stream->info.legs, request->legs, sizeof stream->info.legs);
    return &stream->base;
}
