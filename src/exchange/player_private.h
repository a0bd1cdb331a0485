/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Plays a recording on the exchange: the raw messages to the subscribers of their streams, with times shifted to now and
 * everything else verbatim; what a recording lacks (aggregate trades, tickers, klines) is made from its trades.
 *
 * Clock: the first message is due at the start; message i at start + (recv_i - recv_0) / rate. The exchange's clock is the
 * recording's receive time plus the shift plus the skew, the skew being the largest E - recv of its first messages: a local
 * clock that was 1.27 s behind the exchange's while recording is so again while playing. Exchange's thread only. */
#include "publisher_private.h"
#include "spreadglass/market/recording.h"

struct sg_ex_player;

/* Reads the first messages and rewinds. Takes ownership of the recording, also on failure. SG_ERR_… with `error`. */
enum sg_status sg_ex_player_new(struct sg_recording *recording, double rate, bool loop, struct sg_ex_publisher *publisher, struct sg_ex_player **ret_player,
                                struct sg_error *error);
void sg_ex_player_free(struct sg_ex_player *player);
void sg_ex_player_start(struct sg_ex_player *player, int64_t mono_us, int64_t wall_us);
bool sg_ex_player_started(const struct sg_ex_player *player);
int64_t sg_ex_player_shift(const struct sg_ex_player *player);
/* Plays what is due; returns when (monotonic) the next message is. */
int64_t sg_ex_player_turn(struct sg_ex_player *player, int64_t mono_us);
/* The exchange's clock; before the start it is the wall clock plus the skew. */
int64_t sg_ex_player_now(const struct sg_ex_player *player, int64_t mono_us, int64_t wall_us);
/* NULL while the recording is readable; else why playing stopped. */
const char *sg_ex_player_trouble(const struct sg_ex_player *player);
bool sg_ex_player_ended(const struct sg_ex_player *player);

/* Text of recorded messages, fields.c. */
struct sg_ex_slice {
    const char *text;
    size_t length;
};
struct sg_ex_field {
    struct sg_ex_slice key, value; /* value as written: strings with their quotes */
};
/* The fields of the JSON object in `text`, the first level only. Returns how many (at most `capacity`); 0: not an object. */
size_t sg_ex_fields(const char *text, size_t length, struct sg_ex_field *fields, size_t capacity);
/* The value of a key; empty when absent. `unquoted`: without quotes when it is a string. */
struct sg_ex_slice sg_ex_field_value(const struct sg_ex_field *fields, size_t count, const char *key, bool unquoted);

struct sg_ex_rewrite {
    int64_t shift_us;                             /* added to the times of the message */
    bool to_microseconds;                         /* the times come out in microseconds */
    int64_t trade_ids, aggregate_ids, update_ids; /* added to ids: a recording that starts over */
};
/* Appends `text` with its times, and nothing else, changed. */
void sg_ex_rewrite(const char *text, size_t length, const struct sg_ex_rewrite *rule, struct sg_buffer *out);
