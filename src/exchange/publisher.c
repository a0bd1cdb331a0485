/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "publisher_private.h"

#include <string.h>

#include "messages_private.h"

#define TICKER_PHASE_US (400 * SG_US_PER_MS) /* within the second: the exchange's own are not on the second either */
#define KLINE_PHASE_US (30 * SG_US_PER_MS)
#define MESSAGE_MAX (1u << 20)

void sg_ex_publisher_init(struct sg_ex_publisher *publisher, struct sg_ex_hub *hub, struct sg_ex_archive *archive)
{
    publisher->hub = hub;
    publisher->archive = archive;
    sg_buffer_init(&publisher->text, MESSAGE_MAX);
    sg_buffer_init(&publisher->micro, MESSAGE_MAX);
}

void sg_ex_publisher_free(struct sg_ex_publisher *publisher)
{
    sg_buffer_free(&publisher->text);
    sg_buffer_free(&publisher->micro);
    if (publisher->log)
        fclose(publisher->log);
    publisher->log = NULL;
}

/* The topic "symbol@kind" when somebody listens; clears the buffers for it. */
static struct sg_ex_topic *topic_of(struct sg_ex_publisher *publisher, const struct sg_ex_symbol *symbol, const char *kind)
{
    char name[SG_SYMBOL_BUF + 32];
    const int length = snprintf(name, sizeof name, "%s@%s", symbol->lower, kind);
    sg_buffer_clear(&publisher->text);
    sg_buffer_clear(&publisher->micro);
    return sg_ex_hub_topic(publisher->hub, name, (size_t)length);
}

static void publish(struct sg_ex_publisher *publisher, struct sg_ex_topic *topic)
{
    sg_ex_hub_publish(publisher->hub, topic, &publisher->text, &publisher->micro);
}

void sg_ex_publish_trade(struct sg_ex_publisher *publisher, struct sg_ex_symbol *symbol, const struct sg_ex_trade *trade, bool fills)
{
    struct sg_ex_topic *topic = topic_of(publisher, symbol, "aggTrade");
    if (topic || publisher->log)
        sg_ex_append_agg_trade(&publisher->text, symbol, trade, false);
    if (publisher->log) {
        fwrite(publisher->text.data, 1, publisher->text.length, publisher->log);
        fputc('\n', publisher->log);
    }
    if (topic) {
        if (topic->microsecond_clients)
            sg_ex_append_agg_trade(&publisher->micro, symbol, trade, true);
        publish(publisher, topic);
    }
    if (!fills || !(topic = topic_of(publisher, symbol, "trade")))
        return;
    /* The fills share the quantity in whole lot steps; the first one takes what is left over. */
    const int64_t count = trade->last_id - trade->first_id + 1;
    const int64_t share = trade->quantity / symbol->step / count * symbol->step;
    for (int64_t i = 0; i < count; i++) {
        const int64_t quantity = i == 0 ? trade->quantity - share * (count - 1) : share;
        sg_buffer_clear(&publisher->text);
        sg_buffer_clear(&publisher->micro);
        sg_ex_append_trade(&publisher->text, symbol, trade, trade->first_id + i, quantity, false);
        if (topic->microsecond_clients)
            sg_ex_append_trade(&publisher->micro, symbol, trade, trade->first_id + i, quantity, true);
        publish(publisher, topic);
    }
}

void sg_ex_publish_book(struct sg_ex_publisher *publisher, struct sg_ex_symbol *symbol, const struct sg_ex_book *book)
{
    struct sg_ex_topic *topic = topic_of(publisher, symbol, "bookTicker");
    if (!topic)
        return;
    sg_ex_append_book(&publisher->text, symbol, book);
    sg_ex_append_book(&publisher->micro, symbol, book);
    publish(publisher, topic);
}

static void publish_tickers(struct sg_ex_publisher *publisher, int64_t event_us)
{
    static const char everything[] = "!miniTicker@arr";
    struct sg_ex_topic *all = sg_ex_hub_topic(publisher->hub, everything, sizeof everything - 1);
    struct sg_buffer text, micro;
    sg_buffer_init(&text, MESSAGE_MAX);
    sg_buffer_init(&micro, MESSAGE_MAX);
    for (size_t i = 0; i < publisher->archive->count; i++) {
        struct sg_ex_symbol *symbol = publisher->archive->symbols[i];
        if (!symbol->changed)
            continue;
        symbol->changed = false;
        struct sg_ex_topic *topic = topic_of(publisher, symbol, "miniTicker");
        if (!topic && !all)
            continue;
        sg_ex_symbol_day(symbol, event_us);
        sg_ex_append_mini_ticker(&publisher->text, symbol, event_us, false);
        sg_ex_append_mini_ticker(&publisher->micro, symbol, event_us, true);
        if (topic)
            publish(publisher, topic);
        if (all) {
            sg_buffer_append_text(&text, text.length ? "," : "[");
            sg_buffer_append(&text, publisher->text.data, publisher->text.length);
            sg_buffer_append_text(&micro, micro.length ? "," : "[");
            sg_buffer_append(&micro, publisher->micro.data, publisher->micro.length);
        }
    }
    if (all && text.length) {
        sg_buffer_append_text(&text, "]");
        sg_buffer_append_text(&micro, "]");
        sg_ex_hub_publish(publisher->hub, all, &text, &micro);
    }
    sg_buffer_free(&text);
    sg_buffer_free(&micro);
}

static void publish_kline(struct sg_ex_publisher *publisher, struct sg_ex_symbol *symbol, const struct sg_ex_interval *interval, int64_t second_us,
                          int64_t event_us)
{
    char kind[16];
    snprintf(kind, sizeof kind, "kline_%s", interval->name);
    struct sg_ex_topic *topic = topic_of(publisher, symbol, kind);
    const bool closed = second_us % interval->interval_us == 0;
    if (!topic || (!closed && second_us / SG_US_PER_S % 2 != 0))
        return;
    const int64_t open_us = closed ? second_us - interval->interval_us : sg_ex_floor(second_us, interval->interval_us);
    struct sg_ex_bar bar;
    if (!sg_ex_symbol_bar(symbol, interval, open_us, &bar))
        return;
    sg_ex_append_kline(&publisher->text, symbol, &bar, interval->name, interval->interval_us, closed, event_us, false);
    sg_ex_append_kline(&publisher->micro, symbol, &bar, interval->name, interval->interval_us, closed, event_us, true);
    publish(publisher, topic);
}

static void publish_klines(struct sg_ex_publisher *publisher, int64_t event_us)
{
    const int64_t second_us = sg_ex_floor(event_us, SG_US_PER_S);
    for (size_t i = 0; i < publisher->archive->count; i++) {
        struct sg_ex_symbol *symbol = publisher->archive->symbols[i];
        if (symbol->has_data)
            sg_ex_symbol_advance(symbol, event_us);
        for (size_t k = 0; k < EX_INTERVALS && symbol->has_data; k++)
            publish_kline(publisher, symbol, &sg_ex_intervals[k], second_us, event_us);
    }
}

/* Calls `act` for each second boundary plus phase in (last, now]; a long jump gives only the newest few. */
static void every_second(struct sg_ex_publisher *publisher, int64_t *next_us, int64_t phase_us, int64_t now_us, void (*act)(struct sg_ex_publisher *, int64_t))
{
    if (*next_us == 0 || now_us - *next_us > 10 * SG_US_PER_S)
        *next_us = sg_ex_floor(now_us - phase_us, SG_US_PER_S) + phase_us + (*next_us == 0 ? SG_US_PER_S : 0);
    for (; *next_us <= now_us; *next_us += SG_US_PER_S)
        act(publisher, *next_us);
}

void sg_ex_publish_clock(struct sg_ex_publisher *publisher, int64_t now_us)
{
    every_second(publisher, &publisher->next_kline_us, KLINE_PHASE_US, now_us, publish_klines);
    if (!publisher->no_tickers)
        every_second(publisher, &publisher->next_ticker_us, TICKER_PHASE_US, now_us, publish_tickers);
}
