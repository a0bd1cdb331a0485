/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "messages_private.h"

#include <inttypes.h>
#include <string.h>

#include "spreadglass/base/clock.h"

void sg_ex_append_fixed(struct sg_buffer *buffer, sg_qty value, int decimals)
{
    char text[64];
    size_t at = sizeof text;
    unsigned __int128 rest = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    for (int i = decimals; i < 8; i++)
        rest /= 10;
    for (int i = 0; rest > 0 || i <= decimals; i++) {
        if (i == decimals && decimals > 0)
            text[--at] = '.';
        text[--at] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    if (value < 0)
        text[--at] = '-';
    sg_buffer_append(buffer, text + at, sizeof text - at);
}

void sg_ex_append_time(struct sg_buffer *buffer, int64_t time_us, bool microseconds)
{
    sg_buffer_append_int64(buffer, microseconds ? time_us : sg_ex_floor(time_us, SG_US_PER_MS) / SG_US_PER_MS);
}

static void add(struct sg_buffer *buffer, const char *text)
{
    sg_buffer_append(buffer, text, strlen(text));
}

static void number(struct sg_buffer *buffer, const char *key, int64_t value)
{
    add(buffer, key);
    sg_buffer_append_int64(buffer, value);
}

static void when(struct sg_buffer *buffer, const char *key, int64_t time_us, bool microseconds)
{
    add(buffer, key);
    sg_ex_append_time(buffer, time_us, microseconds);
}

static void quoted(struct sg_buffer *buffer, const char *key, sg_qty value, int decimals)
{
    add(buffer, key);
    add(buffer, "\"");
    sg_ex_append_fixed(buffer, value, decimals);
    add(buffer, "\"");
}

static void name(struct sg_buffer *buffer, const char *key, const char *text)
{
    add(buffer, key);
    sg_buffer_append_json_string(buffer, text, strlen(text));
}

void sg_ex_append_agg_trade(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade, bool microseconds)
{
    when(buffer, "{\"e\":\"aggTrade\",\"E\":", trade->event_us, microseconds);
    name(buffer, ",\"s\":", symbol->name);
    number(buffer, ",\"a\":", trade->agg_id);
    quoted(buffer, ",\"p\":", trade->price, symbol->price_decimals);
    quoted(buffer, ",\"q\":", trade->quantity, symbol->quantity_decimals);
    number(buffer, ",\"f\":", trade->first_id);
    number(buffer, ",\"l\":", trade->last_id);
    when(buffer, ",\"T\":", trade->time_us, microseconds);
    add(buffer, trade->buyer_maker ? ",\"m\":true,\"M\":true}" : ",\"m\":false,\"M\":true}");
}

void sg_ex_append_trade(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade, int64_t id, int64_t quantity,
                        bool microseconds)
{
    when(buffer, "{\"e\":\"trade\",\"E\":", trade->event_us, microseconds);
    name(buffer, ",\"s\":", symbol->name);
    number(buffer, ",\"t\":", id);
    quoted(buffer, ",\"p\":", trade->price, symbol->price_decimals);
    quoted(buffer, ",\"q\":", quantity, symbol->quantity_decimals);
    when(buffer, ",\"T\":", trade->time_us, microseconds);
    add(buffer, trade->buyer_maker ? ",\"m\":true,\"M\":true}" : ",\"m\":false,\"M\":true}");
}

void sg_ex_append_book(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, const struct sg_ex_book *book)
{
    number(buffer, "{\"u\":", book->update_id);
    name(buffer, ",\"s\":", symbol->name);
    quoted(buffer, ",\"b\":", book->bid, symbol->price_decimals);
    quoted(buffer, ",\"B\":", book->bid_quantity, symbol->quantity_decimals);
    quoted(buffer, ",\"a\":", book->ask, symbol->price_decimals);
    quoted(buffer, ",\"A\":", book->ask_quantity, symbol->quantity_decimals);
    add(buffer, "}");
}

void sg_ex_append_mini_ticker(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, int64_t event_us, bool microseconds)
{
    when(buffer, "{\"e\":\"24hrMiniTicker\",\"E\":", event_us, microseconds);
    name(buffer, ",\"s\":", symbol->name);
    quoted(buffer, ",\"c\":", symbol->last_price, symbol->price_decimals);
    quoted(buffer, ",\"o\":", symbol->day.open, symbol->price_decimals);
    quoted(buffer, ",\"h\":", symbol->day.high, symbol->price_decimals);
    quoted(buffer, ",\"l\":", symbol->day.low, symbol->price_decimals);
    quoted(buffer, ",\"v\":", symbol->day.volume, symbol->quantity_decimals);
    quoted(buffer, ",\"q\":", symbol->day.quote, 8);
    add(buffer, "}");
}

void sg_ex_append_kline(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, const struct sg_ex_bar *bar, const char *interval, int64_t interval_us,
                        bool closed, int64_t event_us, bool microseconds)
{
    const int64_t last_us = bar->time_us + interval_us - (microseconds ? 1 : SG_US_PER_MS);
    when(buffer, "{\"e\":\"kline\",\"E\":", event_us, microseconds);
    name(buffer, ",\"s\":", symbol->name);
    when(buffer, ",\"k\":{\"t\":", bar->time_us, microseconds);
    when(buffer, ",\"T\":", last_us, microseconds);
    name(buffer, ",\"s\":", symbol->name);
    name(buffer, ",\"i\":", interval);
    number(buffer, ",\"f\":", bar->first_id);
    number(buffer, ",\"L\":", bar->last_id);
    quoted(buffer, ",\"o\":", bar->open, symbol->price_decimals);
    quoted(buffer, ",\"c\":", bar->close, symbol->price_decimals);
    quoted(buffer, ",\"h\":", bar->high, symbol->price_decimals);
    quoted(buffer, ",\"l\":", bar->low, symbol->price_decimals);
    quoted(buffer, ",\"v\":", bar->volume, symbol->quantity_decimals);
    number(buffer, ",\"n\":", bar->trades);
    add(buffer, closed ? ",\"x\":true" : ",\"x\":false");
    quoted(buffer, ",\"q\":", bar->quote, 8);
    quoted(buffer, ",\"V\":", bar->taker_volume, symbol->quantity_decimals);
    quoted(buffer, ",\"Q\":", bar->taker_quote, 8);
    add(buffer, ",\"B\":\"0\"}}");
}

void sg_ex_append_agg_trade_row(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade, bool microseconds)
{
    number(buffer, "{\"a\":", trade->agg_id);
    quoted(buffer, ",\"p\":", trade->price, symbol->price_decimals);
    quoted(buffer, ",\"q\":", trade->quantity, symbol->quantity_decimals);
    number(buffer, ",\"f\":", trade->first_id);
    number(buffer, ",\"l\":", trade->last_id);
    when(buffer, ",\"T\":", trade->time_us, microseconds);
    add(buffer, trade->buyer_maker ? ",\"m\":true,\"M\":true}" : ",\"m\":false,\"M\":true}");
}

void sg_ex_append_kline_row(struct sg_buffer *buffer, const struct sg_ex_symbol *symbol, const struct sg_ex_bar *bar, int64_t interval_us, bool microseconds)
{
    when(buffer, "[", bar->time_us, microseconds);
    quoted(buffer, ",", bar->open, symbol->price_decimals);
    quoted(buffer, ",", bar->high, symbol->price_decimals);
    quoted(buffer, ",", bar->low, symbol->price_decimals);
    quoted(buffer, ",", bar->close, symbol->price_decimals);
    quoted(buffer, ",", bar->volume, symbol->quantity_decimals);
    when(buffer, ",", bar->time_us + interval_us - (microseconds ? 1 : SG_US_PER_MS), microseconds);
    quoted(buffer, ",", bar->quote, 8);
    number(buffer, ",", bar->trades);
    quoted(buffer, ",", bar->taker_volume, symbol->quantity_decimals);
    quoted(buffer, ",", bar->taker_quote, 8);
    add(buffer, ",\"0\"]");
}
