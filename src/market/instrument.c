/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/market/instrument.h"

#include <stdio.h>
#include <string.h>

#include "spreadglass/base/clock.h"

static const char *const interval_names[] = {"1s", "1m", "5m", "15m", "30m", "1h", "2h", "4h", "1d"};
static const int64_t interval_seconds[] = {1, 60, 300, 900, 1800, 3600, 7200, 14400, 86400};
static const char *const stream_names[] = {"ticker", "trade", "book"};
static const char *const market_names[] = {"spot", "usdm"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *name_of(const char *const *names, size_t count, size_t index)
{
    return index < count ? names[index] : "unknown";
}

/* Index of `text` in `names`, `count` when it is not there. */
static size_t index_of(const char *const *names, size_t count, const char *text)
{
    size_t i = 0;

    while (i < count && strcmp(names[i], text) != 0) {
        i++;
    }
    return i;
}

int64_t sg_interval_us(enum sg_interval interval)
{
    size_t index = (size_t)interval;

    return index < COUNT(interval_seconds) ? interval_seconds[index] * SG_US_PER_S : 0;
}

const char *sg_interval_name(enum sg_interval interval)
{
    return name_of(interval_names, COUNT(interval_names), (size_t)interval);
}

enum sg_status sg_interval_parse(const char *text, enum sg_interval *ret_interval)
{
    size_t index = index_of(interval_names, COUNT(interval_names), text);

    if (index == COUNT(interval_names)) {
        return SG_ERR_PARSE;
    }
    *ret_interval = (enum sg_interval)index;
    return SG_OK;
}

const char *sg_stream_name(enum sg_stream stream)
{
    return name_of(stream_names, COUNT(stream_names), (size_t)stream);
}

enum sg_status sg_stream_parse(const char *text, enum sg_stream *ret_stream)
{
    size_t index = index_of(stream_names, COUNT(stream_names), text);

    if (index == COUNT(stream_names)) {
        return SG_ERR_PARSE;
    }
    *ret_stream = (enum sg_stream)index;
    return SG_OK;
}

bool sg_stream_is_timeless(enum sg_stream stream, enum sg_market market)
{
    return stream == SG_STREAM_BOOK && market == SG_MARKET_SPOT;
}

const char *sg_market_name(enum sg_market market)
{
    return name_of(market_names, COUNT(market_names), (size_t)market);
}

enum sg_status sg_market_parse(const char *text, enum sg_market *ret_market)
{
    size_t index = index_of(market_names, COUNT(market_names), text);

    if (index == COUNT(market_names)) {
        return SG_ERR_PARSE;
    }
    *ret_market = (enum sg_market)index;
    return SG_OK;
}

/* What cannot be in a symbol, because it would change a URL, a JSON text or a file name. Bytes above ASCII pass:
 * the exchange lists symbols that are not ASCII. */
static bool symbol_character(unsigned char c)
{
    return c > 0x20 && c != 0x7F && !strchr("/\\?&%#@\"'`<>{}[]|^;:,=", c);
}

/* "usdm:BTCUSDT": a leg that names its market. Passes over the name; other text is left for the symbol's own check. */
static const char *parse_leg_market(const char *text, size_t length, enum sg_market *market)
{
    char name[8];
    const char *colon = memchr(text, ':', length);
    size_t size = colon ? (size_t)(colon - text) : sizeof name;

    if (size >= sizeof name) {
        return text;
    }
    memcpy(name, text, size);
    name[size] = '\0';
    return sg_market_parse(name, market) == SG_OK ? colon + 1 : text;
}

static enum sg_status parse_symbol(const char *text, size_t length, const char *which, struct sg_instrument *leg, struct sg_error *error)
{
    if (length == 0) {
        return sg_fail(error, SG_ERR_PARSE, "%s symbol of the pair is empty; write two symbols as in BTCUSDT/ETHUSDT", which);
    }
    if (length >= SG_SYMBOL_BUF) {
        return sg_fail(error, SG_ERR_PARSE, "%s symbol of the pair has %zu bytes; at most %d are allowed", which, length, SG_SYMBOL_BUF - 1);
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if (!symbol_character(c)) {
            return sg_fail(error, SG_ERR_PARSE, "%s symbol of the pair has a character that cannot be in one (byte 0x%02x at position %zu)", which, (unsigned)c,
                           i + 1);
        }
        leg->symbol[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : (char)c;
    }
    leg->symbol[length] = '\0';
    return SG_OK;
}

enum sg_status sg_pair_parse(const char *text, enum sg_market market, struct sg_instrument ret_legs[static SG_LEG_COUNT], struct sg_error *error)
{
    const char *slash = strchr(text, '/');
    struct sg_instrument legs[SG_LEG_COUNT] = {{.market = market}, {.market = market}};
    const char *symbol;
    enum sg_status status;

    if (!slash) {
        return sg_fail(error, SG_ERR_PARSE, "a pair is two symbols with a slash between them, as in BTCUSDT/ETHUSDT");
    }
    symbol = parse_leg_market(text, (size_t)(slash - text), &legs[SG_LEG_A].market);
    status = parse_symbol(symbol, (size_t)(slash - symbol), "the first", &legs[SG_LEG_A], error);
    if (status == SG_OK) {
        symbol = parse_leg_market(slash + 1, strlen(slash + 1), &legs[SG_LEG_B].market);
        status = parse_symbol(symbol, strlen(symbol), "the second", &legs[SG_LEG_B], error);
    }
    if (status != SG_OK) {
        return status;
    }
    if (legs[SG_LEG_A].market == legs[SG_LEG_B].market && strcmp(legs[SG_LEG_A].symbol, legs[SG_LEG_B].symbol) == 0) {
        return sg_fail(error, SG_ERR_INVALID, "both legs of the pair are %s; a spread needs two different instruments", legs[SG_LEG_A].symbol);
    }
    memcpy(ret_legs, legs, sizeof legs);
    return SG_OK;
}

size_t sg_pair_format(const struct sg_instrument legs[static SG_LEG_COUNT], enum sg_market market, char buffer[static SG_PAIR_BUF])
{
    size_t length = 0;

    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        bool other = legs[leg].market != market;

        length += (size_t)snprintf(buffer + length, SG_PAIR_BUF - length, "%s%s%s%s", leg ? "/" : "", other ? sg_market_name(legs[leg].market) : "",
                                   other ? ":" : "", legs[leg].symbol);
    }
    return length;
}

const char *sg_leg_name(const struct sg_instrument *legs, enum sg_leg leg, char buffer[static SG_LEG_BUF])
{
    bool two = legs[SG_LEG_A].market != legs[SG_LEG_B].market;

    snprintf(buffer, SG_LEG_BUF, "%s%s%s", two ? sg_market_name(legs[leg].market) : "", two ? ":" : "", legs[leg].symbol);
    return buffer;
}
