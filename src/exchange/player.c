/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "player_private.h"

#include <stdlib.h>
#include <string.h>

#define SCAN_MESSAGES 5000
#define FIELDS_MAX 40
#define BATCH 512 /* messages in one turn at rate 0 */
#define NAME_MAX_BYTES 128

struct track { /* what the player knows of a symbol */
    struct sg_ex_symbol *symbol;
    bool has_aggregates;
    int price_decimals, quantity_decimals;
    int64_t first_trade, last_trade, first_aggregate, last_aggregate, first_update, last_update; /* of this pass; -1: none */
    int64_t trade_ids, aggregate_ids, update_ids;                                                /* added to the ids by passes before this one */
};

struct sg_ex_player {
    struct sg_recording *recording;
    struct sg_ex_publisher *publisher;
    double rate;
    bool loop;
    struct track tracks[EX_SYMBOLS_MAX];
    size_t track_count;
    int64_t skew_us; /* E - recv */
    int64_t first_recv_us;
    bool has_first, started, ended;
    struct sg_recorded_message message;
    bool pending;
    int64_t start_mono_us, shift_us;
    int64_t pass_us;      /* added to the receive times by passes before this one */
    int64_t last_recv_us; /* of the message played last, pass_us included */
    int64_t end_mono_us;
    uint64_t played, ignored;
    struct sg_error error;
    struct sg_buffer text, micro;
};

/* One message, taken apart. */
struct parts {
    char stream[NAME_MAX_BYTES];
    size_t stream_length;
    struct sg_ex_slice data;
    struct sg_ex_field fields[FIELDS_MAX];
    size_t count;
    bool is_trade, is_aggregate, is_mini, is_book;
};

static bool equals(struct sg_ex_slice slice, const char *text)
{
    return slice.length == strlen(text) && memcmp(slice.text, text, slice.length) == 0;
}

static struct sg_ex_slice get(const struct parts *parts, const char *key)
{
    return sg_ex_field_value(parts->fields, parts->count, key, true);
}

/* "<symbol, lower case>@<kind>" */
static void name_stream(struct parts *parts, struct sg_ex_slice symbol, const char *kind, struct sg_ex_slice interval)
{
    if (symbol.length + strlen(kind) + interval.length + 2 > sizeof parts->stream)
        return;
    char *to = parts->stream;
    for (size_t i = 0; i < symbol.length; i++)
        *to++ = symbol.text[i] >= 'A' && symbol.text[i] <= 'Z' ? (char)(symbol.text[i] + ('a' - 'A')) : symbol.text[i];
    *to++ = '@';
    memcpy(to, kind, strlen(kind));
    to += strlen(kind);
    memcpy(to, interval.text, interval.length);
    parts->stream_length = (size_t)(to - parts->stream) + interval.length;
}

/* False: not a message of a stream (a reply, a snapshot, something unknown). */
static bool take_apart(const char *text, size_t length, struct parts *parts)
{
    parts->stream_length = 0;
    parts->data = (struct sg_ex_slice){text, length};
    parts->count = sg_ex_fields(text, length, parts->fields, FIELDS_MAX);
    const struct sg_ex_slice stream = sg_ex_field_value(parts->fields, parts->count, "stream", true);
    const struct sg_ex_slice data = sg_ex_field_value(parts->fields, parts->count, "data", false);
    if (stream.length && data.length) {
        if (stream.length >= sizeof parts->stream)
            return false;
        memcpy(parts->stream, stream.text, stream.length);
        parts->stream_length = stream.length;
        parts->data = data;
        parts->count = sg_ex_fields(data.text, data.length, parts->fields, FIELDS_MAX);
    }
    const struct sg_ex_slice event = get(parts, "e"), symbol = get(parts, "s");
    parts->is_trade = equals(event, "trade");
    parts->is_aggregate = equals(event, "aggTrade");
    parts->is_mini = equals(event, "24hrMiniTicker");
    parts->is_book = (event.length == 0 || equals(event, "bookTicker")) && get(parts, "u").length && get(parts, "b").length && get(parts, "b").text[0] != '[' &&
                     get(parts, "A").length;
    if (parts->stream_length)
        return true;
    const struct sg_ex_slice none = {"", 0};
    if (!symbol.length)
        return false;
    if (parts->is_trade || parts->is_aggregate)
        name_stream(parts, symbol, parts->is_trade ? "trade" : "aggTrade", none);
    else if (parts->is_mini)
        name_stream(parts, symbol, "miniTicker", none);
    else if (parts->is_book)
        name_stream(parts, symbol, "bookTicker", none);
    else if (equals(event, "24hrTicker"))
        name_stream(parts, symbol, "ticker", none);
    else if (equals(event, "kline")) {
        struct sg_ex_field inner[FIELDS_MAX];
        const struct sg_ex_slice k = get(parts, "k");
        const size_t n = sg_ex_fields(k.text, k.length, inner, FIELDS_MAX);
        name_stream(parts, symbol, "kline_", sg_ex_field_value(inner, n, "i", true));
    }
    return parts->stream_length > 0;
}

static int64_t integer(struct sg_ex_slice text, int64_t absent)
{
    int64_t value;
    return sg_decimal_to_int64(text.text, text.length, INT64_MIN, INT64_MAX, &value) == SG_OK ? value : absent;
}

/* A time field in microseconds, whatever its unit; 0 when absent. */
static int64_t time_us(struct sg_ex_slice text)
{
    const int64_t value = integer(text, 0);
    return value >= INT64_C(100000000000000) ? value : value * SG_US_PER_MS;
}

static int decimals_of(struct sg_ex_slice text)
{
    const char *point = text.length ? memchr(text.text, '.', text.length) : NULL;
    return point ? (int)(text.text + text.length - point - 1) : 0;
}

/* Without its trailing zeros. */
static int used_decimals(struct sg_ex_slice text)
{
    int n = decimals_of(text);
    while (n > 0 && text.text[text.length - 1] == '0') {
        text.length--;
        n--;
    }
    return n;
}

static void split_name(const char *name, char base[static SG_SYMBOL_BUF], char quote[static SG_SYMBOL_BUF])
{
    static const char *const quotes[] = {"FDUSD", "USDT", "USDC", "BUSD", "TUSD", "EUR", "TRY", "BTC", "ETH", "BNB"};
    const size_t length = strlen(name);
    size_t cut = length;
    for (size_t i = 0; i < sizeof quotes / sizeof quotes[0] && cut == length; i++)
        if (length > strlen(quotes[i]) && strcmp(name + length - strlen(quotes[i]), quotes[i]) == 0)
            cut = length - strlen(quotes[i]);
    memcpy(base, name, cut);
    base[cut] = '\0';
    memcpy(quote, name + cut, length - cut + 1);
}

/* The symbol's track, made when it is new; NULL when there is no room or no name. */
static struct track *track_of(struct sg_ex_player *player, struct sg_ex_slice symbol)
{
    for (size_t i = 0; i < player->track_count; i++)
        if (equals(symbol, player->tracks[i].symbol->name))
            return &player->tracks[i];
    char name[SG_SYMBOL_BUF], base[SG_SYMBOL_BUF], quote[SG_SYMBOL_BUF];
    if (symbol.length == 0 || symbol.length >= sizeof name || player->track_count == EX_SYMBOLS_MAX)
        return NULL;
    memcpy(name, symbol.text, symbol.length);
    name[symbol.length] = '\0';
    split_name(name, base, quote);
    struct sg_ex_symbol *made = sg_ex_archive_add(player->publisher->archive, name, base, quote, NULL);
    if (!made)
        return NULL;
    struct track *track = &player->tracks[player->track_count++];
    *track = (struct track){.symbol = made, .first_trade = -1, .first_aggregate = -1, .first_update = -1};
    return track;
}

static int64_t power_of_ten(int n)
{
    int64_t value = 1;
    while (n-- > 0)
        value *= 10;
    return value;
}

/* What the beginning of the recording tells: symbols, their grids, the skew, which streams there are. */
static void scan(struct sg_ex_player *player, const struct sg_recorded_message *message)
{
    struct parts parts;
    if (!take_apart(message->text, message->length, &parts))
        return;
    struct track *track = track_of(player, get(&parts, "s"));
    const int64_t event_us = time_us(get(&parts, "E"));
    if (event_us && (event_us - message->recv_us > player->skew_us || player->skew_us == INT64_MIN))
        player->skew_us = event_us - message->recv_us;
    if (parts.is_mini)
        player->publisher->no_tickers = true;
    if (!track || !(parts.is_trade || parts.is_aggregate))
        return;
    track->has_aggregates |= parts.is_aggregate;
    const struct sg_ex_slice price = get(&parts, "p"), quantity = get(&parts, "q");
    struct sg_ex_symbol *symbol = track->symbol;
    symbol->price_decimals = decimals_of(price) < 8 ? decimals_of(price) : 8;
    symbol->quantity_decimals = decimals_of(quantity) < 8 ? decimals_of(quantity) : 8;
    track->price_decimals = used_decimals(price) > track->price_decimals ? used_decimals(price) : track->price_decimals;
    track->quantity_decimals = used_decimals(quantity) > track->quantity_decimals ? used_decimals(quantity) : track->quantity_decimals;
}

static enum sg_status look_ahead(struct sg_ex_player *player, struct sg_error *error)
{
    struct sg_recorded_message message;
    enum sg_status status = SG_OK;
    player->skew_us = INT64_MIN;
    for (int i = 0; i < SCAN_MESSAGES && status == SG_OK; i++) {
        status = player->recording->next(player->recording, &message, error);
        if (status != SG_OK)
            break;
        if (!player->has_first) {
            player->has_first = true;
            player->first_recv_us = message.recv_us;
        }
        if (message.leg_number)
            return sg_fail(error, SG_ERR_UNSUPPORTED, "the recording holds one symbol of two markets: this exchange cannot serve them apart");
        scan(player, &message);
    }
    if (status != SG_OK && status != SG_ERR_END)
        return status;
    if (player->skew_us == INT64_MIN)
        player->skew_us = 0;
    if (!player->has_first)
        return sg_fail(error, SG_ERR_PARSE, "the recording is empty");
    for (size_t i = 0; i < player->track_count; i++) {
        struct track *track = &player->tracks[i];
        if (track->price_decimals <= 8)
            track->symbol->tick = power_of_ten(8 - track->price_decimals);
        if (track->quantity_decimals <= 8)
            track->symbol->step = power_of_ten(8 - track->quantity_decimals);
    }
    return player->recording->rewind(player->recording, error);
}

static void fetch(struct sg_ex_player *player)
{
    struct sg_error error = {0};
    enum sg_status status = player->recording->next(player->recording, &player->message, &error);
    if (status == SG_ERR_END && player->loop && player->last_recv_us > 0) {
        /* Whole seconds, so that times within the second stay what they were. */
        const int64_t span = player->last_recv_us - player->pass_us - player->first_recv_us;
        player->pass_us += (span / SG_US_PER_S + 1) * SG_US_PER_S;
        for (size_t i = 0; i < player->track_count; i++) {
            struct track *track = &player->tracks[i];
            track->trade_ids += track->first_trade < 0 ? 0 : track->last_trade - track->first_trade + 1;
            track->aggregate_ids += track->first_aggregate < 0 ? 0 : track->last_aggregate - track->first_aggregate + 1;
            track->update_ids += track->first_update < 0 ? 0 : track->last_update - track->first_update + 1;
            track->first_trade = track->first_aggregate = track->first_update = -1;
        }
        status = player->recording->rewind(player->recording, &error);
        if (status == SG_OK)
            status = player->recording->next(player->recording, &player->message, &error);
    }
    player->pending = status == SG_OK;
    if (status != SG_OK) {
        player->ended = true;
        if (status != SG_ERR_END)
            player->error = error;
    }
}

enum sg_status sg_ex_player_new(struct sg_recording *recording, double rate, bool loop, struct sg_ex_publisher *publisher, struct sg_ex_player **ret_player,
                                struct sg_error *error)
{
    struct sg_ex_player *player = calloc(1, sizeof *player);
    if (!player) {
        recording->free(recording);
        return sg_fail(error, SG_ERR_NOMEM, "no memory for the recording");
    }
    player->recording = recording;
    player->publisher = publisher;
    player->rate = rate;
    player->loop = loop;
    sg_buffer_init(&player->text, EX_OUT_MAX);
    sg_buffer_init(&player->micro, EX_OUT_MAX);
    enum sg_status status = look_ahead(player, error);
    if (status != SG_OK) {
        sg_ex_player_free(player);
        return status;
    }
    fetch(player);
    *ret_player = player;
    return SG_OK;
}

void sg_ex_player_free(struct sg_ex_player *player)
{
    if (!player)
        return;
    player->recording->free(player->recording);
    sg_buffer_free(&player->text);
    sg_buffer_free(&player->micro);
    free(player);
}

void sg_ex_player_start(struct sg_ex_player *player, int64_t mono_us, int64_t wall_us)
{
    if (player->started)
        return;
    player->started = true;
    player->start_mono_us = mono_us;
    player->shift_us = sg_ex_floor(wall_us - player->first_recv_us + SG_US_PER_S / 2, SG_US_PER_S);
    player->last_recv_us = player->first_recv_us;
}

bool sg_ex_player_started(const struct sg_ex_player *player)
{
    return player->started;
}

bool sg_ex_player_ended(const struct sg_ex_player *player)
{
    return player->ended;
}

int64_t sg_ex_player_shift(const struct sg_ex_player *player)
{
    return player->shift_us;
}

const char *sg_ex_player_trouble(const struct sg_ex_player *player)
{
    return player->error.status != SG_OK ? player->error.text : NULL;
}

int64_t sg_ex_player_now(const struct sg_ex_player *player, int64_t mono_us, int64_t wall_us)
{
    if (!player->started)
        return wall_us + player->skew_us;
    int64_t recv_us;
    if (player->ended)
        recv_us = player->last_recv_us + (mono_us - player->end_mono_us);
    else if (player->rate > 0)
        recv_us = player->first_recv_us + (int64_t)((double)(mono_us - player->start_mono_us) * player->rate);
    else
        recv_us = player->last_recv_us;
    return recv_us + player->shift_us + player->skew_us;
}

static void note_ids(int64_t first, int64_t last, int64_t *ret_first, int64_t *ret_last)
{
    if (last < 0)
        return;
    *ret_last = *ret_first < 0 || last > *ret_last ? last : *ret_last;
    *ret_first = *ret_first < 0 || first < *ret_first ? first : *ret_first;
}

/* The trade of a message in the terms of the archive. False: it cannot be read as one. */
static bool read_trade(const struct sg_ex_player *player, const struct parts *parts, const struct track *track, struct sg_ex_trade *trade)
{
    const struct sg_ex_slice price = get(parts, "p"), quantity = get(parts, "q");
    sg_qty p, q;
    if (sg_decimal_to_qty(price.text, price.length, &p) != SG_OK || sg_decimal_to_qty(quantity.text, quantity.length, &q) != SG_OK || p <= 0 || q < 0 ||
        p > INT64_MAX || q > INT64_MAX)
        return false;
    const int64_t added = player->shift_us + player->pass_us;
    *trade = (struct sg_ex_trade){.time_us = time_us(get(parts, "T")) + added,
                                  .event_us = time_us(get(parts, "E")) + added,
                                  .price = (int64_t)p,
                                  .quantity = (int64_t)q,
                                  .buyer_maker = equals(get(parts, "m"), "true")};
    if (parts->is_aggregate) {
        trade->agg_id = integer(get(parts, "a"), -1) + track->aggregate_ids;
        trade->first_id = integer(get(parts, "f"), -1) + track->trade_ids;
        trade->last_id = integer(get(parts, "l"), -1) + track->trade_ids;
    } else {
        trade->agg_id = trade->first_id = trade->last_id = integer(get(parts, "t"), -1) + track->trade_ids;
    }
    return trade->time_us > added && trade->event_us > added && trade->agg_id >= 0 && trade->first_id >= 0 && trade->last_id >= trade->first_id;
}

static void play(struct sg_ex_player *player)
{
    struct parts parts;
    const struct sg_recorded_message *message = &player->message;
    const int64_t recv_us = message->recv_us + player->pass_us;
    player->last_recv_us = recv_us > player->last_recv_us ? recv_us : player->last_recv_us;
    sg_ex_publish_clock(player->publisher, player->last_recv_us + player->shift_us + player->skew_us);
    player->played++;
    if (!take_apart(message->text, message->length, &parts)) {
        player->ignored++;
        return;
    }
    struct track *track = track_of(player, get(&parts, "s"));
    if (track && parts.is_trade) {
        const int64_t id = integer(get(&parts, "t"), -1);
        note_ids(id, id, &track->first_trade, &track->last_trade);
    } else if (track && parts.is_aggregate) {
        const int64_t id = integer(get(&parts, "a"), -1);
        note_ids(id, id, &track->first_aggregate, &track->last_aggregate);
        note_ids(integer(get(&parts, "f"), -1), integer(get(&parts, "l"), -1), &track->first_trade, &track->last_trade);
    } else if (track && parts.is_book) {
        const int64_t id = integer(get(&parts, "u"), -1);
        note_ids(id, id, &track->first_update, &track->last_update);
    }
    struct sg_ex_topic *topic = sg_ex_hub_topic(player->publisher->hub, parts.stream, parts.stream_length);
    if (topic) {
        struct sg_ex_rewrite rule = {.shift_us = player->shift_us + player->pass_us};
        if (track) {
            rule.trade_ids = track->trade_ids;
            rule.aggregate_ids = track->aggregate_ids;
            rule.update_ids = track->update_ids;
        }
        sg_buffer_clear(&player->text);
        sg_buffer_clear(&player->micro);
        sg_ex_rewrite(parts.data.text, parts.data.length, &rule, &player->text);
        rule.to_microseconds = true;
        if (topic->microsecond_clients)
            sg_ex_rewrite(parts.data.text, parts.data.length, &rule, &player->micro);
        sg_ex_hub_publish(player->publisher->hub, topic, &player->text, &player->micro);
    }
    struct sg_ex_trade trade;
    if (track && (parts.is_aggregate || (parts.is_trade && !track->has_aggregates)) && read_trade(player, &parts, track, &trade)) {
        sg_ex_symbol_trade(track->symbol, &trade);
        if (parts.is_trade)
            sg_ex_publish_trade(player->publisher, track->symbol, &trade, false);
    }
}

int64_t sg_ex_player_turn(struct sg_ex_player *player, int64_t mono_us)
{
    const int64_t idle = mono_us + SG_US_PER_S;
    if (!player->started)
        return idle;
    for (int i = 0; player->pending; i++) {
        const int64_t since_us = player->message.recv_us + player->pass_us - player->first_recv_us;
        if (player->rate > 0) {
            const int64_t due = player->start_mono_us + (int64_t)((double)since_us / player->rate);
            if (due > mono_us)
                return due;
        } else {
            if (i == BATCH)
                return mono_us;
            if (sg_ex_hub_congested(player->publisher->hub))
                return mono_us + SG_US_PER_MS;
        }
        play(player);
        fetch(player);
    }
    if (player->end_mono_us == 0)
        player->end_mono_us = mono_us;
    sg_ex_publish_clock(player->publisher, sg_ex_player_now(player, mono_us, 0));
    return mono_us + 100 * SG_US_PER_MS;
}
