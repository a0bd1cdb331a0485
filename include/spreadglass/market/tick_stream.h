/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Ticks and events of a recording, decoded, in the order in which they were received: the interface between whoever can
 * decode messages (feed) and whoever wants bars from a file (store), which may not know each other.
 * One owner, one thread at a time. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/history_answer.h"
#include "spreadglass/market/instrument.h"
#include "spreadglass/market/tick.h"

enum sg_tick_stream_item {
    SG_ITEM_TICK,
    SG_ITEM_EVENT,
    SG_ITEM_HISTORY, /* an answer about the past came at ret_tick->recv_us: it stands in `answer` */
    SG_ITEM_ALIVE,   /* nothing up to ret_tick->recv_us: a watermark. Recordings of others have none: silence in
                                        them (of at most SG_SILENCE_MAX_US; more is a hole between two captures) is taken for
                                        silence, and one of these comes at least every SG_ALIVE_STEP_US */
};
#define SG_SILENCE_MAX_US INT64_C(3600000000)
#define SG_ALIVE_STEP_US INT64_C(10000000)

struct sg_tick_stream_info {
    struct sg_instrument legs[SG_LEG_COUNT]; /* as asked for */
    enum sg_stream stream;                   /* what is being decoded: as asked for, or what the recording holds */
    uint64_t messages;                       /* read so far */
    uint64_t rejected;                       /* messages that made no sense, and ticks with impossible values, so far */
    char first_rejected[200];                /* what was wrong with the first of them */
    bool ended_on_purpose;                   /* the recorded session was ended: nothing is to be closed beyond it */
    uint64_t bytes_read, bytes_total;        /* of the files as they lie on the disk; for progress */
};

struct sg_tick_stream {
    /* SG_OK and one of the three; SG_ERR_END; SG_ERR_PARSE/SG_ERR_IO with file, line and reason. */
    enum sg_status (*next)(struct sg_tick_stream *stream, enum sg_tick_stream_item *ret_item, struct sg_tick *ret_tick, struct sg_feed_event *ret_event,
                           struct sg_error *error);
    void (*info)(const struct sg_tick_stream *stream, struct sg_tick_stream_info *ret_info);
    const char *(*warning)(struct sg_tick_stream *stream); /* see sg_recording.warning */
    void (*free)(struct sg_tick_stream *stream);
    struct sg_history_answer *answer; /* of the last HISTORY item; whoever takes it sets NULL, else the next call frees it */
};

/* What is asked for. A symbol that is empty: that leg is not wanted. */
struct sg_tick_stream_request {
    const char *const *files; /* merged by receive time */
    size_t file_count;
    struct sg_instrument legs[SG_LEG_COUNT];
    int stream; /* enum sg_stream, or -1: the one that the recording holds */
};

/* Opens one: NULL with error. feed's is sg_tick_stream_open_recording (feed/recording_reader.h). */
typedef struct sg_tick_stream *(*sg_tick_stream_opener)(const struct sg_tick_stream_request *request, struct sg_error *error);
