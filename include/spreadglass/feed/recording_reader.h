/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Opens recordings by content, never by name. Plain or gzip (several gzip members one after the other count as one
 * file). Streams in bounded memory: one line of at most SG_RECORDING_LINE_MAX bytes per file is held.
 *
 * Forms:
 *  - our own, one JSON object a line, UTF-8, "\n" ends a line (the recorder writes it, feed/recorder.h):
 *      {"spreadglass":1,"market":"spot","pair":"BTCUSDT/ETHUSDT","stream":"trade"}     first line of every file
 *      {"t":RECV_US,"m":RAW}                        a message: RAW is the message's JSON text, byte for byte
 *      {"t":RECV_US,"leg":LEG,"m":RAW}              the same where both legs are one symbol, on two markets: the message does not say whose it is (version 3)
 *      {"t":RECV_US,"event":NAME,"leg":LEG,"detail":TEXT}   an event: NAME as src/cli/CLI.md's, "recovered" and "maintenance" being apart; LEG -1, 0, 1
 *      {"t":RECV_US,"event":"clock","leg":-1,"detail":"EXCHANGE_US"}     what the exchange's clock showed then, where the stream does not tell (version 3);
 *       "awaited": it was asked for; "unknown": it could not be had
 *      {"t":RECV_US,"history":KIND,"interval":I,"problem":TEXT,"legs":[{"from":US,"to":US,"bars":[[TIME_US,"O","H","L","C","VOLUME",TRADES,TICKS,FLAGS,
 *       LAST_TICK_US],…],"ids":[[FIRST,LAST],…]},{…}]}     what the exchange's REST interface said about the past, where it came (version 2)
 *      {"t":RECV_US,"end":1}                        the session that was recorded ended here, on purpose (version 2)
 *      {"t":RECV_US,"alive":1}                      nothing else happened for a second or more
 *    exactly this spelling and order of keys, no other white space: the text of a message is then known without parsing it.
 *    A header line may come again (files put end to end); one that names another market, pair or stream is an error.
 *  - `<nanoseconds> <json>` a line (hftbacktest);
 *  - `<seconds, with fraction>: <json>` a line (cryptofeed); a first line with the address of the connection is passed over;
 *  - plain messages, one a line: the receive time is then the event time E of the message, or of the one before it.
 *
 * Receive times never go backwards: one that does is raised to the one before it, counted, and said in the warning.
 * A torn last line and a gzip stream that ends early are what a crash leaves: they are the end, and said in the warning.
 * Several files are merged by receive time; of equal times, the file named first goes first. */
#include <stdatomic.h>
#include <stdbool.h>
#include "spreadglass/market/instrument.h"
#include "spreadglass/market/recording.h"
#include "spreadglass/market/tick_stream.h"

#define SG_RECORDING_LINE_MAX ((size_t)16 << 20)
#define SG_RECORDING_FILES_MAX 64

/* NULL with error: unreadable, not a recording, too many files. The caller frees it through its own `free`. */
struct sg_recording *sg_recording_open(const char *const *files, size_t count, struct sg_error *error);

/* What a recording says about itself: from its header line, else from the messages at its beginning. */
struct sg_recording_info {
    bool has_header; /* then market, stream and pair are those of the recorder */
    bool has_legs, has_stream;
    struct sg_instrument legs[SG_LEG_COUNT]; /* without a header: the first two symbols seen, in alphabetical order */
    enum sg_stream stream;
    unsigned symbol_count; /* different symbols seen at the beginning; 0 with a header */
};
/* Opens, looks at the header or at most 2,000 messages of each file, closes. */
enum sg_status sg_recording_describe(const char *const *files, size_t count, struct sg_recording_info *ret_info, struct sg_error *error);

/* Receive times of the first and the last record, of all files together, signs of life and the end mark included. Reads everything: on a thread that may
 * take its time. SG_ERR_CANCELLED: *cancelled (may be NULL) became true; SG_ERR_NOT_FOUND: there is no record. What a crash left at the end is no error. */
enum sg_status sg_recording_span(const char *const *files, size_t count, const atomic_bool *cancelled, int64_t *ret_first_us, int64_t *ret_last_us,
                                 struct sg_error *error);

/* A recording opened with sg_recording_open: bytes of its files on disk that were read so far, and their sum. */
void sg_recording_progress(const struct sg_recording *recording, uint64_t *ret_read, uint64_t *ret_total);

/* Ticks of a recording; see market/tick_stream.h. Asked for with the header's legs the other way round, its events and answers change legs too. A recording without events begins with CONNECTED and SUBSCRIBED. */
struct sg_tick_stream *sg_tick_stream_open_recording(const struct sg_tick_stream_request *request, struct sg_error *error);
