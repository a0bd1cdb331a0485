/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only REST knows: whether the symbols exist and trade, and what time it is at the exchange. Asked on a helper thread. */
#include "binance_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct inquiry {
    struct sg_job job;
    /* the question */
    bool time_first; /* bars wait for it */
    const struct sg_clock *clock;
    int64_t wall_base_us, mono_base_us;
    size_t lane;
    char *rest_url, *ca_file;
    enum sg_market market;
    struct sg_instrument symbols[SG_LEG_COUNT];
    int legs[SG_LEG_COUNT];
    size_t count;
    /* the answer */
    enum sg_status symbols_status, time_status;
    struct sg_symbol_info info[SG_LEG_COUNT];
    struct sg_error error;
    int64_t offset_us, uncertainty_us;
};

static void ask_time(struct inquiry *inquiry, const struct sg_rest_config *config)
{
    struct sg_error unused;
    int64_t server, round_trip;
    inquiry->time_status = sg_rest_time(config, &server, &round_trip, NULL, &unused);
    if (inquiry->time_status != SG_OK)
        return;
    /* The exchange looked at its clock somewhere between the request and the answer; its answer is cut to a millisecond. */
    int64_t recv = inquiry->wall_base_us + (sg_clock_mono(inquiry->clock) - inquiry->mono_base_us);
    inquiry->offset_us = server + SG_US_PER_MS / 2 - (recv - round_trip / 2);
    inquiry->uncertainty_us = round_trip / 2 + SG_US_PER_MS;
}

static void run(struct sg_job *job)
{
    struct inquiry *inquiry = (struct inquiry *)job;
    struct sg_rest_config config = {
        .base_url = inquiry->rest_url, .ca_file = inquiry->ca_file, .market = inquiry->market, .cancelled = sg_job_cancel_flag(job)};
    if (inquiry->time_first)
        ask_time(inquiry, &config);
    inquiry->symbols_status = sg_rest_symbols(&config, inquiry->symbols, inquiry->count, inquiry->info, &inquiry->error);
    if (!inquiry->time_first) {
        inquiry->time_status = inquiry->symbols_status;
        if (inquiry->symbols_status == SG_OK)
            ask_time(inquiry, &config);
    }
}

static void learn_time(struct sg_binance *source, const struct inquiry *inquiry)
{
    bool known = inquiry->time_status == SG_OK;
    if (known) {
        source->work.clock_known = true;
        source->work.clock_offset_us = inquiry->offset_us;
        source->work.clock_uncertainty_us = inquiry->uncertainty_us;
    }
    if (inquiry->market == SG_MARKET_SPOT)
        sg_exchange_time_answered(source, known, inquiry->offset_us);
    sg_binance_publish(source);
}

static void done(struct sg_job *job, void *owner)
{
    const struct inquiry *inquiry = (const struct inquiry *)job;
    struct sg_binance *source = owner;
    struct sg_lane *lane = &source->lanes[inquiry->lane];
    lane->inquiring = false;
    if (source->failed)
        return;
    learn_time(source, inquiry);
    bool told = lane->inquiry_failed;
    lane->inquiry_failed = inquiry->symbols_status != SG_OK;
    if (inquiry->symbols_status != SG_OK) {
        if (!told)
            sg_binance_event(source, SG_EVENT_ERROR, lane->event_leg, "the symbols could not be checked (%.150s); going on without", inquiry->error.text);
        return;
    }
    for (size_t i = 0; i < inquiry->count; i++) {
        int leg = inquiry->legs[i];
        const char *symbol = inquiry->symbols[i].symbol;
        enum sg_symbol_status before = lane->legs[leg].symbol_status, now = inquiry->info[i].status;
        lane->legs[leg].symbol_status = now;
        if (now == SG_SYMBOL_UNKNOWN) {
            sg_binance_fail(source, SG_FAILURE_SYMBOL, "%s is not a symbol of Binance %s; check its spelling (BTCUSDT, without a dash)", symbol,
                            sg_market_name(inquiry->market));
            return;
        }
        if (now != before && now == SG_SYMBOL_BREAK)
            sg_binance_event(source, SG_EVENT_ERROR, leg, "the exchange has suspended trading of %s (status BREAK): no data is to be expected", symbol);
        else if (now != before && now == SG_SYMBOL_HALTED)
            sg_binance_event(source, SG_EVENT_ERROR, leg, "the exchange has halted trading of %s", symbol);
        sg_watch_explain(lane, leg);
    }
}

static void destroy(struct sg_job *job)
{
    struct inquiry *inquiry = (struct inquiry *)job;
    free(inquiry->rest_url);
    free(inquiry->ca_file);
    free(inquiry);
}

void sg_inquiry_start(struct sg_lane *lane)
{
    struct sg_binance *source = lane->source;
    struct inquiry *inquiry;
    if (!source->check_symbols || lane->inquiring || !(inquiry = calloc(1, sizeof *inquiry)))
        return;
    lane->inquired_us = sg_binance_mono(source);
    inquiry->job.run = run;
    inquiry->job.done = done;
    inquiry->job.destroy = destroy;
    inquiry->time_first = source->needs_time;
    inquiry->clock = source->clock;
    inquiry->wall_base_us = source->wall_base_us;
    inquiry->mono_base_us = source->mono_base_us;
    inquiry->lane = (size_t)(lane - source->lanes);
    if ((source->rest_url && !(inquiry->rest_url = strdup(source->rest_url))) || (source->ca_file && !(inquiry->ca_file = strdup(source->ca_file)))) {
        destroy(&inquiry->job);
        return;
    }
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        if (!lane->legs[leg].watched)
            continue;
        inquiry->market = source->instruments[leg].market;
        inquiry->legs[inquiry->count] = leg;
        inquiry->symbols[inquiry->count++] = source->instruments[leg];
    }
    lane->inquiring = sg_mailbox_start(source->mailbox, &inquiry->job) == SG_OK;
}
