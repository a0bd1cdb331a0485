/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The resampler on recordings of the real exchange (trades of BTCUSDT and ETHUSDT, 2024-08-08): every bar against one added up from
 * the file by other means, and not one late tick. The local clock of that recording is 1.3 s behind, which is part of the proof. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "resampler_log.h"
#include "test_time.h"

#define TRADES_MAX 40000
#define SECONDS_MAX 1000

static struct sg_tick trades[TRADES_MAX];
static size_t trade_count;

static int64_t digits_after(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    int64_t value = 0;

    assert_non_null(at);
    /* Eight decimals, always: without its point the text counts units of 1e-8. */
    for (at += strlen(key); (*at >= '0' && *at <= '9') || *at == '.'; at++) {
        value = *at == '.' ? value : value * 10 + (*at - '0');
    }
    return value;
}

static bool load(const char *name, enum sg_leg leg)
{
    char path[512];
    char command[700];
    char line[4096];
    FILE *pipe;

    if (!test_shared_path(name, path, sizeof path)) {
        return false;
    }
    snprintf(command, sizeof command, "zcat '%s' | grep '\"e\":\"trade\"'", path);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    while (fgets(line, sizeof line, pipe)) {
        struct sg_tick *tick = &trades[trade_count++];
        char *space = strchr(line, ' ');

        assert_true(trade_count < TRADES_MAX);
        assert_true(space != NULL);
        *tick = (struct sg_tick){
            .recv_us = digits_after(line, "") / 1000,
            .event_us = digits_after(line, "\"E\":") * 1000,
            .time_us = digits_after(line, "\"T\":") * 1000,
            .price = (double)digits_after(line, "\"p\":\"") / 1e8,
            .quantity = digits_after(line, "\"q\":\""),
            .id = digits_after(line, "\"t\":"),
            .trades = 1,
            .leg = (uint8_t)leg,
            .kind = SG_TICK_TRADE,
        };
    }
    assert_int_equal(pclose(pipe), 0);
    return true;
}

static int by_recv(const void *a, const void *b)
{
    const struct sg_tick *x = a;
    const struct sg_tick *y = b;

    return x->recv_us != y->recv_us ? (x->recv_us > y->recv_us) - (x->recv_us < y->recv_us) : (x->id > y->id) - (x->id < y->id);
}

static int by_leg_and_id(const void *a, const void *b)
{
    const struct sg_tick *x = a;
    const struct sg_tick *y = b;

    return x->leg != y->leg ? x->leg - y->leg : (x->id > y->id) - (x->id < y->id);
}

/* Adds the trades up in the order of their ids into one bar per second, with no notion of a clock. */
static size_t add_up(enum sg_leg leg, int64_t from_us, struct sg_bar bars[SECONDS_MAX])
{
    double last = 0;
    size_t seconds = 0;

    memset(bars, 0, SECONDS_MAX * sizeof *bars);
    for (size_t i = 0; i < trade_count; i++) {
        const struct sg_tick *tick = &trades[i];
        int64_t index = (tick->time_us - from_us) / LOG_S;
        struct sg_bar *bar;

        if (tick->leg != leg || tick->time_us < from_us) {
            continue;
        }
        assert_true(index < SECONDS_MAX);
        bar = &bars[index];
        seconds = (size_t)index + 1 > seconds ? (size_t)index + 1 : seconds;
        if (bar->ticks++ == 0) {
            bar->open = bar->high = bar->low = tick->price;
        }
        bar->high = tick->price > bar->high ? tick->price : bar->high;
        bar->low = tick->price < bar->low ? tick->price : bar->low;
        bar->close = tick->price;
        bar->volume += tick->quantity;
        bar->trades++;
    }
    for (size_t i = 0; i < trade_count; i++) {
        if (trades[i].leg == leg && trades[i].time_us < from_us) {
            last = trades[i].price;
        }
    }
    for (size_t i = 0; i < seconds; i++) {
        if (bars[i].ticks == 0) {
            bars[i].open = bars[i].high = bars[i].low = bars[i].close = last;
        }
        last = bars[i].close;
    }
    return seconds;
}

static void check_leg(const struct resampler_log *log, enum sg_leg leg, int64_t from_us)
{
    static struct sg_bar expected[SECONDS_MAX];
    size_t seconds = add_up(leg, from_us, expected);
    size_t at = 0;

    for (size_t i = 0; i < log->bar_count; i++) {
        const struct sg_bar *bar = &log->bars[i].bar;
        const struct sg_bar *want = &expected[at];

        if (log->bars[i].leg != leg || log->bars[i].interval != SG_INTERVAL_1S) {
            continue;
        }
        assert_true(bar->time_us == from_us + (int64_t)at * LOG_S);
        assert_true(bar->open == want->open);
        assert_true(bar->high == want->high);
        assert_true(bar->low == want->low);
        assert_true(bar->close == want->close);
        assert_true(bar->volume == want->volume);
        assert_true(bar->trades == want->trades);
        assert_true(bar->ticks == want->ticks);
        assert_int_equal(bar->flags, want->ticks == 0 ? SG_BAR_FILLED : 0);
        at++;
    }
    print_message("leg %d: %zu bars of %zu seconds are equal\n", (int)leg, at, seconds);
    assert_true(at >= seconds - 2);
    assert_true(at > 300); /* the last second or two are not over when the file ends */
}

static void run(const char *a, const char *b)
{
    struct resampler_log log;
    struct sg_resampler_stats stats;
    int64_t from_us = 0;

    trade_count = 0;
    if (!load(a, SG_LEG_A) || !load(b, SG_LEG_B)) {
        skip();
    }
    qsort(trades, trade_count, sizeof *trades, by_recv);
    log_start(&log, 0);
    log_event(&log, SG_EVENT_SUBSCRIBED, -1, trades[0].recv_us);
    for (size_t i = 0; i < trade_count; i++) {
        sg_resampler_advance(log.resampler, trades[i].recv_us);
        sg_resampler_tick(log.resampler, &trades[i]);
    }
    sg_resampler_finish(log.resampler);
    sg_resampler_stats(log.resampler, &stats);
    assert_int_equal(log.late, 0);
    assert_int_equal(log.gap_count, 0);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        assert_int_equal(stats.duplicates[leg] + stats.future[leg] + stats.rejected[leg] + stats.id_holes[leg], 0);
        assert_true(stats.ids_seen[leg] == (uint64_t)(stats.last_id[leg] - stats.first_id[leg]) + 1);
    }
    print_message("%zu trades, the exchange is %lld us ahead\n", trade_count, (long long)stats.clock_offset_us);

    for (size_t i = log.bar_count; i-- > 0;) {
        from_us = log.bars[i].interval == SG_INTERVAL_1S ? log.bars[i].bar.time_us : from_us;
    }
    assert_true(from_us <= trades[0].time_us + 2 * LOG_S); /* the first whole second */
    qsort(trades, trade_count, sizeof *trades, by_leg_and_id);
    check_leg(&log, SG_LEG_A, from_us);
    check_leg(&log, SG_LEG_B, from_us);
    log_free(&log);
}

static void test_spot(void **state)
{
    (void)state;
    run("data/ws/hftbacktest/spot/btcusdt_20240808.gz", "data/ws/hftbacktest/spot/ethusdt_20240808.gz");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_spot)};
    char path[512];

    if (!test_shared_path("data/ws/hftbacktest/spot/btcusdt_20240808.gz", path, sizeof path)) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
