/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One WebSocket text message to ticks. */
#include "spreadglass/feed/decoder.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json_arena_private.h"
#include "spreadglass/base/decimal.h"

#define ARENA_SIZE 16384
#define PRICE_MAX 1e12                        /* dearer than anything quoted anywhere: a broken number */
#define INTEGER_MAX 9007199254740992.0        /* 2^53: beyond it a JSON number no longer names one integer */
#define TIME_MIN_US INT64_C(1483228800000000) /* 2017-01-01, the exchange opened in July of it */
#define TIME_MAX_US INT64_C(4102444800000000) /* 2100-01-01 */

enum payload_kind { PAYLOAD_UNKNOWN, PAYLOAD_TICKER, PAYLOAD_AGG_TRADE, PAYLOAD_TRADE, PAYLOAD_BOOK, PAYLOAD_SHUTDOWN };

/* The members of one payload, by their one-letter names. */
struct fields {
    const cJSON *by_letter[128];
    const char *doubled; /* the name that came twice */
};

struct context {
    struct sg_decoder *decoder;
    int64_t recv_us;
    struct sg_tick *ticks;
    size_t capacity;
    struct sg_decoded *decoded;
    const char *text;
    size_t length;
    bool rejected; /* a value of a watched symbol was refused */
};

/* Appends a short printable piece of the message to a reason: enough to recognise it in a log, never a whole message. */
static void put_detail(struct context *context, const char *reason)
{
    char piece[81];
    size_t length = context->length < sizeof piece - 1 ? context->length : sizeof piece - 1;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)context->text[i];
        piece[i] = byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
    }
    piece[length] = 0;
    snprintf(context->decoded->detail, sizeof context->decoded->detail, "%s, in: %s%s", reason, piece, length < context->length ? "…" : "");
}

static void reject(struct context *context, const char *what, const char *why)
{
    char reason[96];
    snprintf(reason, sizeof reason, "%s %s", what, why);
    context->decoder->rejected_values++;
    if (!context->rejected) /* the first reason of a message is the one shown */
        put_detail(context, reason);
    context->rejected = true;
}

static bool get_integer(const cJSON *item, int64_t *ret_value)
{
    if (!cJSON_IsNumber(item))
        return false;
    double value = item->valuedouble;
    if (!(value >= -INTEGER_MAX && value <= INTEGER_MAX) || value != floor(value))
        return false;
    *ret_value = (int64_t)value;
    return true;
}

/* An integer that must be there and not negative. */
static bool need_integer(struct context *context, const struct fields *fields, char letter, const char *what, int64_t *ret_value)
{
    const cJSON *item = fields->by_letter[(unsigned char)letter];
    if (!item)
        reject(context, what, "is missing");
    else if (!get_integer(item, ret_value))
        reject(context, what, "is not an integer below 2^53");
    else if (*ret_value < 0)
        reject(context, what, "is negative");
    else
        return true;
    return false;
}

static bool need_price(struct context *context, const struct fields *fields, char letter, const char *what, double *ret_price)
{
    const cJSON *item = fields->by_letter[(unsigned char)letter];
    if (!item)
        reject(context, what, "is missing");
    else if (!cJSON_IsString(item))
        reject(context, what, "is not a JSON string");
    else if (sg_decimal_plain_to_double(item->valuestring, strlen(item->valuestring), ret_price) != SG_OK)
        reject(context, what, "is not a decimal number");
    else if (!(*ret_price > 0))
        reject(context, what, "is not positive");
    else if (*ret_price > PRICE_MAX)
        reject(context, what, "is absurd (above 1e12)");
    else
        return true;
    return false;
}

static bool need_quantity(struct context *context, const struct fields *fields, char letter, const char *what, sg_qty *ret_quantity)
{
    const cJSON *item = fields->by_letter[(unsigned char)letter];
    if (!item)
        reject(context, what, "is missing");
    else if (!cJSON_IsString(item))
        reject(context, what, "is not a JSON string");
    else if (sg_decimal_to_qty(item->valuestring, strlen(item->valuestring), ret_quantity) != SG_OK)
        reject(context, what, "is not a decimal number of at most 8 decimals");
    else if (*ret_quantity < 0)
        reject(context, what, "is negative");
    else
        return true;
    return false;
}

static bool need_time(struct context *context, const struct fields *fields, char letter, const char *what, int64_t *ret_us)
{
    const struct sg_decoder *decoder = context->decoder;
    int64_t value;
    if (!need_integer(context, fields, letter, what, &value))
        return false;
    int64_t earliest = decoder->time_min_us ? decoder->time_min_us : TIME_MIN_US;
    int64_t latest = decoder->time_max_us ? decoder->time_max_us : TIME_MAX_US;
    if (!decoder->microseconds) {
        if (value > latest / 1000) { /* also what keeps the product below from overflowing */
            reject(context, what, "is too late to be true");
            return false;
        }
        value *= 1000;
    }
    if (value < earliest || value > latest) {
        reject(context, what, value < earliest ? "is too early to be true" : "is too late to be true");
        return false;
    }
    *ret_us = value;
    return true;
}

static bool same_symbol(const char *a, const char *b)
{
    for (;; a++, b++) {
        unsigned char x = (unsigned char)*a, y = (unsigned char)*b;
        if (x >= 'a' && x <= 'z')
            x = (unsigned char)(x - 32);
        if (y >= 'a' && y <= 'z')
            y = (unsigned char)(y - 32);
        if (x != y)
            return false;
        if (!x)
            return true;
    }
}

static int find_leg(const struct sg_decoder *decoder, const char *symbol)
{
    if (!*symbol)
        return -1;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (same_symbol(decoder->legs[leg].symbol, symbol))
            return leg;
    return -1;
}

static void collect(const cJSON *object, struct fields *fields)
{
    memset(fields, 0, sizeof *fields);
    for (const cJSON *item = object->child; item; item = item->next) {
        const unsigned char *name = (const unsigned char *)item->string;
        if (!name || !name[0] || name[1] || name[0] >= 128)
            continue; /* unknown members are nobody's business: the exchange adds and drops them */
        if (fields->by_letter[name[0]])
            fields->doubled = item->string;
        else
            fields->by_letter[name[0]] = item;
    }
}

static enum payload_kind classify(const struct fields *fields)
{
    const cJSON *event = fields->by_letter['e'];
    if (!event) /* spot bookTicker carries no name: told by its shape */
        return fields->by_letter['u'] && fields->by_letter['s'] && fields->by_letter['b'] && fields->by_letter['a'] ? PAYLOAD_BOOK : PAYLOAD_UNKNOWN;
    if (!cJSON_IsString(event))
        return PAYLOAD_UNKNOWN;
    static const struct {
        const char *name;
        enum payload_kind kind;
    } names[] = {
        {"aggTrade", PAYLOAD_AGG_TRADE}, {"24hrMiniTicker", PAYLOAD_TICKER},   {"bookTicker", PAYLOAD_BOOK},
        {"trade", PAYLOAD_TRADE},        {"serverShutdown", PAYLOAD_SHUTDOWN},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(event->valuestring, names[i].name) == 0)
            return names[i].kind;
    return PAYLOAD_UNKNOWN;
}

static bool wanted(struct sg_decoder *decoder, enum payload_kind kind)
{
    switch (kind) {
    case PAYLOAD_TICKER: return decoder->stream == SG_STREAM_TICKER;
    case PAYLOAD_BOOK: return decoder->stream == SG_STREAM_BOOK;
    case PAYLOAD_AGG_TRADE:
    case PAYLOAD_TRADE: {
        enum sg_trade_form form = kind == PAYLOAD_AGG_TRADE ? SG_TRADE_FORM_AGGREGATE : SG_TRADE_FORM_SINGLE;
        if (decoder->stream != SG_STREAM_TRADE)
            return false;
        if (decoder->trade_form == SG_TRADE_FORM_ANY)
            decoder->trade_form = form;
        return decoder->trade_form == form;
    }
    case PAYLOAD_SHUTDOWN:
    case PAYLOAD_UNKNOWN: break;
    }
    return false;
}

static bool read_trade(struct context *context, const struct fields *fields, enum payload_kind kind, struct sg_tick *tick)
{
    tick->kind = SG_TICK_TRADE;
    if (!need_time(context, fields, 'E', "event time E", &tick->event_us) || !need_time(context, fields, 'T', "trade time T", &tick->time_us) ||
        !need_price(context, fields, 'p', "price p", &tick->price) || !need_quantity(context, fields, 'q', "quantity q", &tick->quantity))
        return false;
    if (kind == PAYLOAD_TRADE) {
        tick->trades = 1;
        return need_integer(context, fields, 't', "trade id t", &tick->id);
    }
    int64_t first, last;
    if (!need_integer(context, fields, 'a', "aggregate trade id a", &tick->aggregate) || !need_integer(context, fields, 'f', "first trade id f", &first) ||
        !need_integer(context, fields, 'l', "last trade id l", &last))
        return false;
    if (last < first || last - first >= UINT32_MAX) {
        reject(context, "last trade id l", "does not follow the first");
        return false;
    }
    tick->id = last;
    tick->trades = (uint32_t)(last - first + 1);
    tick->skips = context->decoder->legs[tick->leg].market == SG_MARKET_USDM;
    return true;
}

static bool read_ticker(struct context *context, const struct fields *fields, struct sg_tick *tick)
{
    tick->kind = SG_TICK_TICKER;
    if (!need_time(context, fields, 'E', "event time E", &tick->event_us) || !need_price(context, fields, 'c', "close price c", &tick->price) ||
        !need_quantity(context, fields, 'v', "24 h volume v", &tick->quantity))
        return false;
    tick->time_us = tick->event_us;
    return true;
}

static bool read_book(struct context *context, const struct fields *fields, struct sg_tick *tick)
{
    double bid, ask;
    sg_qty unused;
    tick->kind = SG_TICK_BOOK;
    if (!need_integer(context, fields, 'u', "update id u", &tick->id) || !need_price(context, fields, 'b', "bid price b", &bid) ||
        !need_price(context, fields, 'a', "ask price a", &ask) || !need_quantity(context, fields, 'B', "bid quantity B", &unused) ||
        !need_quantity(context, fields, 'A', "ask quantity A", &unused))
        return false;
    /* Futures carry both times, spot neither. */
    if (fields->by_letter['E'] && !need_time(context, fields, 'E', "event time E", &tick->event_us))
        return false;
    if (fields->by_letter['T'] && !need_time(context, fields, 'T', "transaction time T", &tick->time_us))
        return false;
    tick->price = (bid + ask) / 2;
    return true;
}

static void read_payload(struct context *context, const cJSON *payload)
{
    struct fields fields;
    collect(payload, &fields);
    enum payload_kind kind = classify(&fields);
    if (kind == PAYLOAD_SHUTDOWN) {
        context->decoded->kind = SG_MESSAGE_SHUTDOWN;
        return;
    }
    if (!wanted(context->decoder, kind))
        return;
    const cJSON *symbol = fields.by_letter['s'];
    if (!cJSON_IsString(symbol)) {
        reject(context, "symbol s", symbol ? "is not a JSON string" : "is missing");
        return;
    }
    int leg = find_leg(context->decoder, symbol->valuestring);
    if (leg < 0)
        return;
    const cJSON *order_type = fields.by_letter['X'];
    if (kind == PAYLOAD_TRADE && cJSON_IsString(order_type) && strcmp(order_type->valuestring, "NA") == 0)
        return; /* futures: a placeholder of price 0, not a trade */
    if (fields.doubled) {
        reject(context, fields.doubled, "is given twice");
        return;
    }
    struct sg_tick tick = {.recv_us = context->recv_us, .id = -1, .leg = (uint8_t)leg};
    bool good = kind == PAYLOAD_TICKER ? read_ticker(context, &fields, &tick)
                : kind == PAYLOAD_BOOK ? read_book(context, &fields, &tick)
                                       : read_trade(context, &fields, kind, &tick);
    if (!good)
        return;
    if (context->decoded->tick_count == context->capacity) {
        reject(context, "one message", "holds more ticks than there is room for");
        return;
    }
    context->ticks[context->decoded->tick_count++] = tick;
}

static int64_t reply_id(const cJSON *object)
{
    int64_t id;
    return get_integer(cJSON_GetObjectItemCaseSensitive(object, "id"), &id) ? id : -1;
}

/* Replies come unwrapped: {"result":…,"id":…}, {"code":…,"msg":…} or {"error":{"code":…,"msg":…},"id":…}. */
static bool read_reply(struct context *context, const cJSON *object)
{
    struct sg_decoded *decoded = context->decoded;
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(object, "error");
    const cJSON *holder = cJSON_IsObject(error) ? error : object;
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(holder, "code"), *message = cJSON_GetObjectItemCaseSensitive(holder, "msg");
    int64_t number = 0;
    if (cJSON_IsNumber(code) || cJSON_IsString(message) || (error && !cJSON_IsNull(error))) {
        decoded->kind = SG_MESSAGE_REPLY_ERROR;
        decoded->reply_id = reply_id(object);
        if (get_integer(code, &number) && number >= INT32_MIN && number <= INT32_MAX)
            decoded->error_code = (int)number;
        char reason[160];
        snprintf(reason, sizeof reason, "error %d: %.120s", decoded->error_code, cJSON_IsString(message) ? message->valuestring : "no text");
        for (char *c = reason; *c; c++)
            if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
                *c = '?';
        snprintf(decoded->detail, sizeof decoded->detail, "%s", reason);
        return true;
    }
    if (cJSON_GetObjectItemCaseSensitive(object, "result")) {
        decoded->kind = SG_MESSAGE_REPLY_OK;
        decoded->reply_id = reply_id(object);
        return true;
    }
    return false;
}

static void bad(struct context *context, const char *reason)
{
    context->decoded->kind = SG_MESSAGE_BAD;
    put_detail(context, reason);
}

static void read_item(struct context *context, const cJSON *item)
{
    if (cJSON_IsObject(item))
        read_payload(context, item);
    else
        reject(context, "an array item", "is not an object");
}

/* Also when an announcement stands among them, which no exchange sends: ticks are never under another name. */
static void name_kind(struct context *context)
{
    if (context->decoded->tick_count || context->rejected)
        context->decoded->kind = SG_MESSAGE_TICKS;
}

static void read_root(struct context *context, const cJSON *root)
{
    const cJSON *payload = root;
    if (cJSON_IsObject(root)) {
        const cJSON *stream = cJSON_GetObjectItemCaseSensitive(root, "stream");
        const cJSON *data = stream ? cJSON_GetObjectItemCaseSensitive(root, "data") : NULL;
        if (stream && (!cJSON_IsString(stream) || !data)) {
            bad(context, "a combined message without a stream name or data");
            return;
        }
        if (data)
            payload = data;
    }
    if (cJSON_IsObject(payload)) {
        const cJSON *first = payload->child;
        bool named = first && first->string && strcmp(first->string, "e") == 0; /* every payload but spot's bookTicker starts so */
        if (payload == root && !named && read_reply(context, root))
            return;
        read_payload(context, payload);
    } else if (cJSON_IsArray(payload)) {
        const cJSON *item;
        cJSON_ArrayForEach(item, payload) read_item(context, item);
    } else {
        bad(context, "neither an object nor an array");
        return;
    }
    name_kind(context);
}

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
        at++;
    return at;
}

/* One JSON value that begins at `from`, in memory of its own for as long as `arena` is open. NULL: not JSON; else *ret_end is behind it. */
static cJSON *parse_value(const char *from, const char *end, const char **ret_end)
{
    if (from == end || (unsigned char)*from == 0xEF) /* cJSON would skip a byte order mark, also in the middle of a text */
        return NULL;
    return cJSON_ParseWithLengthOpts(from, (size_t)(end - from), ret_end, 0);
}

static void close_arena(struct sg_json_arena *arena, cJSON *root)
{
    if (arena->spilled)
        cJSON_Delete(root); /* else it lies in the block, which ends with its function */
    sg_json_arena_close(arena);
}

static void read_whole(struct context *context)
{
    _Alignas(16) unsigned char block[ARENA_SIZE];
    struct sg_json_arena arena;
    const char *end = NULL, *text_end = context->text + context->length;
    sg_json_arena_open(&arena, block, sizeof block);
    cJSON *root = cJSON_ParseWithLengthOpts(context->text, context->length, &end, 0);
    if (!root)
        bad(context, "not JSON");
    else if (skip_space(end, text_end) != text_end)
        bad(context, "something after the end of the JSON");
    else
        read_root(context, root);
    close_arena(&arena, root);
}

/* Behind the literal `word` and the space around it; NULL: something else stands there. */
static const char *skip_word(const char *at, const char *end, const char *word)
{
    size_t length = strlen(word);
    at = skip_space(at, end);
    if ((size_t)(end - at) < length || memcmp(at, word, length) != 0)
        return NULL;
    return skip_space(at + length, end);
}

/* Behind the '[' of a message that is an array, or {"stream":"…","data":[…]}; NULL: it is neither. */
static const char *find_array(const char *at, const char *end, bool *ret_wrapped)
{
    const char *array = skip_word(at, end, "[");
    *ret_wrapped = !array;
    if (array)
        return array;
    if (!(at = skip_word(at, end, "{")) || !(at = skip_word(at, end, "\"stream\"")) || !(at = skip_word(at, end, ":")))
        return NULL;
    _Alignas(16) unsigned char block[ARENA_SIZE];
    struct sg_json_arena arena;
    const char *after = NULL;
    sg_json_arena_open(&arena, block, sizeof block);
    cJSON *stream = at < end && *at == '"' ? parse_value(at, end, &after) : NULL;
    close_arena(&arena, stream);
    if (!stream || !(at = skip_word(after, end, ",")) || !(at = skip_word(at, end, "\"data\"")) || !(at = skip_word(at, end, ":")))
        return NULL;
    return skip_word(at, end, "[");
}

/* Every ticker of the exchange in one message: thousands of objects, two of which are wanted. Each is parsed by itself in the same small
 * block, so that no memory is allocated and none leaves the cache. FALSE: it is not quite as it should be, and nothing came of it. */
static bool read_array(struct context *context)
{
    const char *end = context->text + context->length, *after;
    bool wrapped;
    const char *at = find_array(context->text, end, &wrapped);
    if (!at)
        return false;
    _Alignas(16) unsigned char block[ARENA_SIZE];
    struct sg_json_arena arena;
    for (;;) {
        after = NULL;
        sg_json_arena_open(&arena, block, sizeof block);
        cJSON *item = parse_value(at, end, &after);
        if (item)
            read_item(context, item);
        close_arena(&arena, item);
        if (!item)
            return false;
        if (!(at = skip_word(after, end, ",")))
            break;
    }
    if (!(at = skip_word(after, end, "]")) || (wrapped && !(at = skip_word(at, end, "}"))) || at != end)
        return false;
    name_kind(context);
    return true;
}

void sg_decoder_message(struct sg_decoder *decoder, const char *text, size_t length, int64_t recv_us, struct sg_tick *ticks, size_t tick_capacity,
                        struct sg_decoded *ret_decoded)
{
    struct context context = {
        .decoder = decoder, .recv_us = recv_us, .ticks = ticks, .capacity = tick_capacity, .decoded = ret_decoded, .text = text, .length = length};
    ret_decoded->kind = SG_MESSAGE_IGNORED;
    ret_decoded->tick_count = 0;
    ret_decoded->reply_id = -1;
    ret_decoded->error_code = 0;
    ret_decoded->detail[0] = 0;
    if (length == 0) {
        bad(&context, "an empty message");
        return;
    }
    /* Either would make cJSON's strings end early, so that "1\u00002" would pass as 1. */
    if (memchr(text, 0, length) || memmem(text, length, "\\u0000", 6)) {
        bad(&context, "a NUL character");
        return;
    }
    if (text[length - 1] == ']' || (text[length - 1] == '}' && length > 1 && text[length - 2] == ']')) {
        const struct sg_decoder before = *decoder;
        if (read_array(&context))
            return;
        *decoder = before; /* all or nothing: as a whole, which says what is wrong with it */
        context.rejected = false;
        ret_decoded->kind = SG_MESSAGE_IGNORED;
        ret_decoded->tick_count = 0;
        ret_decoded->detail[0] = 0;
    }
    read_whole(&context);
}
