/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random sequences of trades, delays, duplicates and outages through the resampler, against a recomputation that looks at all
 * records at once, bar by bar, by brute force. And what must not matter: watermarks, the local clock's error, its steps. */
#include <setjmp.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resampler_log.h"
#include "spreadglass/base/rng.h"

#define MS INT64_C(1000)
#define GRACE SG_RESAMPLER_GRACE_US
#define RECORDS_MAX 6000
#define SECONDS 150
#define NEVER INT64_MAX

struct record {
    int64_t recv_us;
    bool is_event;
    enum sg_feed_event_code code; /* of an event */
    int event_leg;
    struct sg_tick tick;
    int64_t now_us; /* by brute force: the clock when the record is applied */
    bool duplicate;
};

static struct record records[RECORDS_MAX];
static size_t record_count;

/* --- a market ---------------------------------------------------------------------------------------------------- */

static int by_recv(const void *a, const void *b)
{
    const struct record *x = a;
    const struct record *y = b;

    return (x->recv_us > y->recv_us) - (x->recv_us < y->recv_us);
}

static void add_event(enum sg_feed_event_code code, int leg, int64_t recv_us)
{
    records[record_count++] = (struct record){.recv_us = recv_us, .is_event = true, .code = code, .event_leg = leg};
}

/* A leg's connection delivers in order, with 20 … 220 ms of delay; what falls into an outage is lost. Quiet spells in between. */
static void make_leg(struct sg_rng *rng, enum sg_leg leg, double mean_ms)
{
    int64_t time = LOG_T0 + (int64_t)sg_rng_below(rng, 3000) * MS;
    int64_t recv = 0;
    int64_t id = (int64_t)sg_rng_below(rng, 100000);
    int64_t down_from = NEVER;
    int64_t down_to = NEVER;
    int64_t outage = LOG_T0 + (int64_t)(5 + sg_rng_below(rng, 40)) * LOG_S;
    double price = 1000;
    uint32_t trades;

    while (time < LOG_T0 + SECONDS * LOG_S && record_count + 4 < RECORDS_MAX) {
        int64_t event_us = time + (int64_t)sg_rng_below(rng, 3) * MS;
        int64_t arrival = event_us + 20 * MS + (int64_t)sg_rng_below(rng, 200) * MS;
        struct record *record;

        recv = arrival > recv ? arrival : recv;
        if (recv >= outage) {
            bool stall = sg_rng_below(rng, 2) == 0;

            down_from = outage;
            down_to = outage + (int64_t)sg_rng_below(rng, 12000) * MS + 1;
            add_event(stall ? SG_EVENT_STALLED : SG_EVENT_DISCONNECTED, (int)leg, down_from);
            add_event(stall ? SG_EVENT_RECOVERED : SG_EVENT_SUBSCRIBED, (int)leg, down_to);
            outage = down_to + (int64_t)(3 + sg_rng_below(rng, 60)) * LOG_S;
        }
        price += sg_rng_normal(rng);
        trades = 1 + (uint32_t)sg_rng_below(rng, 3);
        id += trades;
        if (recv < down_from || recv >= down_to || down_from == NEVER) {
            record = &records[record_count++];
            *record = (struct record){.recv_us = recv};
            record->tick = log_trade(leg, time, recv, id, price, (sg_qty)(1 + sg_rng_below(rng, 1000000)));
            record->tick.event_us = event_us;
            record->tick.trades = trades;
            if (sg_rng_below(rng, 40) == 0) {
                record[1] = *record; /* the same trade again */
                record_count++;
            }
        }
        time += (int64_t)(-log(1 - sg_rng_uniform(rng)) * mean_ms) * MS + (sg_rng_below(rng, 60) == 0 ? 4 * LOG_S : 0);
    }
}

static void make_market(uint64_t seed, bool late_ones)
{
    struct sg_rng rng;

    record_count = 0;
    sg_rng_seed(&rng, seed, 0);
    add_event(SG_EVENT_SUBSCRIBED, -1, LOG_T0 + (int64_t)sg_rng_below(&rng, 2000) * MS);
    make_leg(&rng, SG_LEG_A, 90);
    make_leg(&rng, SG_LEG_B, 400);
    for (size_t i = 0; late_ones && i < record_count; i++) {
        if (!records[i].is_event && sg_rng_below(&rng, 12) == 0) {
            records[i].recv_us += (int64_t)sg_rng_below(&rng, 2500) * MS; /* overtaken: later ones of its leg come first */
            records[i].tick.recv_us = records[i].recv_us;
        }
        if (seed % 2 == 0) {
            records[i].tick.id = -1; /* without ids nothing tells an overtaken one from a repetition: it counts, or is late */
        }
    }
    qsort(records, record_count, sizeof *records, by_recv);
}

/* --- by brute force ---------------------------------------------------------------------------------------------- */

/* Fills now_us: the offset is the largest sample of the last 60 s, looked up afresh for every record. */
static void compute_clock(void)
{
    int64_t now = 0;
    int64_t offset = 0;
    bool known = false;

    for (size_t i = 0; i < record_count; i++) {
        struct record *record = &records[i];

        if (known && record->recv_us + offset > now) {
            now = record->recv_us + offset;
        }
        if (!record->is_event) {
            offset = INT64_MIN;
            for (size_t j = 0; j <= i; j++) {
                if (!records[j].is_event && records[j].recv_us / LOG_S >= record->recv_us / LOG_S - 60) {
                    int64_t sample = records[j].tick.event_us - records[j].recv_us;

                    offset = sample > offset ? sample : offset;
                }
            }
            if (!known || record->recv_us + offset > now) {
                now = record->recv_us + offset;
            }
            known = true;
        }
        record->now_us = now;
    }
}

/* Seen before, or of before the account, which begins anew with an outage before the first bar. */
static void compute_duplicates(const struct resampler_log *log)
{
    struct sg_resampler_stats stats;

    sg_resampler_stats(log->resampler, &stats);
    for (size_t i = 0; i < record_count; i++) {
        bool begun = false;

        records[i].duplicate = false;
        for (size_t j = 0; j < i && !records[i].is_event; j++) {
            if (records[j].is_event || records[i].tick.id < 0 || records[j].tick.leg != records[i].tick.leg) {
                continue;
            }
            begun = begun || sg_tick_first_id(&records[j].tick) == stats.first_id[records[j].tick.leg];
            records[i].duplicate =
                records[i].duplicate || records[j].tick.id == records[i].tick.id || (begun && records[i].tick.id < stats.first_id[records[j].tick.leg]);
        }
    }
}

/* Index of the record before which second `time_us` closes; record_count when it does not. */
static size_t closing_record(int64_t time_us)
{
    for (size_t i = 0; i < record_count; i++) {
        if (records[i].now_us > 0 && records[i].now_us - GRACE >= time_us + LOG_S) {
            return i;
        }
    }
    return record_count;
}

static bool concerns(const struct record *record, enum sg_leg leg)
{
    return record->is_event && (record->event_leg == -1 || record->event_leg == (int)leg);
}

static bool is_down_code(enum sg_feed_event_code code)
{
    return code == SG_EVENT_DISCONNECTED || code == SG_EVENT_STALLED;
}

/* Was a bar of the leg closed before the record was applied? */
static bool has_started(const struct resampler_log *log, enum sg_leg leg, size_t record)
{
    for (size_t i = 0; i < log->bar_count; i++) {
        if (log->bars[i].interval == SG_INTERVAL_1S && log->bars[i].leg == leg) {
            return closing_record(log->bars[i].bar.time_us) <= record; /* the first one */
        }
    }
    return false;
}

/* The leg is up again since that record: until when there may be trades that the outage missed. By their ids, that is the end of the second of the first one that left some
 * out; 0: none did, or there are no ids, or nothing was there to miss. */
static int64_t missed_until(const struct resampler_log *log, enum sg_leg leg, size_t up_index, size_t close)
{
    int64_t last_id = -1;

    for (size_t i = 0; i < close; i++) {
        const struct sg_tick *tick = &records[i].tick;

        if (records[i].is_event || tick->leg != leg || tick->id <= last_id) {
            continue;
        }
        if (i >= up_index) {
            bool left_out = last_id >= 0 && sg_tick_first_id(tick) > last_id + 1 && has_started(log, leg, i);

            return left_out ? tick->time_us - tick->time_us % LOG_S + LOG_S : 0;
        }
        last_id = tick->id;
    }
    return 0;
}

/* The bar of a leg by definition; false when it does not exist. */
static bool expected_bar(const struct resampler_log *log, enum sg_leg leg, int64_t time_us, size_t close, struct sg_bar *bar)
{
    bool up = false;
    int64_t up_now = 0;
    size_t up_index = 0;
    const struct record *before = NULL; /* the tick that gives the price before this second */
    struct sg_bar result = {.time_us = time_us};
    int64_t first_id = 0;
    int64_t last_id = 0;

    if (close == record_count) {
        return false;
    }
    for (size_t i = 0; i < close; i++) {
        const struct record *record = &records[i];
        bool rises = concerns(record, leg) ? !is_down_code(record->code) : !record->is_event && record->tick.leg == leg && !record->duplicate;

        if (concerns(record, leg) && is_down_code(record->code)) {
            up = false;
        } else if (rises && !up) {
            up = true;
            up_index = i;
            /* Up before the first sample: counted from there. */
            up_now = record->now_us;
            for (size_t j = i; up_now == 0 && j < record_count; j++) {
                up_now = records[j].now_us;
            }
        }
    }
    if (!up || time_us < up_now || time_us < missed_until(log, leg, up_index, close)) {
        return false;
    }
    for (size_t i = up_index; i < close; i++) {
        const struct record *record = &records[i];
        const struct sg_tick *tick = &record->tick;
        int64_t second;

        if (record->is_event || tick->leg != leg || record->duplicate) {
            continue;
        }
        second = tick->time_us - tick->time_us % LOG_S;
        if (closing_record(second) <= i) {
            continue; /* late */
        }
        if (second < time_us) {
            int64_t newest = before ? before->tick.time_us - before->tick.time_us % LOG_S : 0;

            if (!before || second > newest || (second == newest && tick->id >= before->tick.id)) {
                before = record;
            }
        } else if (second == time_us) {
            if (result.ticks == 0) {
                result.high = result.low = tick->price;
            }
            if (result.ticks == 0 || tick->id < first_id) {
                result.open = tick->price;
                first_id = tick->id;
            }
            if (result.ticks == 0 || tick->id >= last_id) {
                result.close = tick->price;
                last_id = tick->id;
            }
            result.high = tick->price > result.high ? tick->price : result.high;
            result.low = tick->price < result.low ? tick->price : result.low;
            result.volume += tick->quantity;
            result.trades += tick->trades;
            result.ticks++;
        }
    }
    if (result.ticks == 0) {
        if (!before) {
            return false;
        }
        result.open = result.high = result.low = result.close = before->tick.price;
        result.flags = SG_BAR_FILLED;
    }
    *bar = result;
    return true;
}

static void play(struct resampler_log *log, struct sg_rng *watermarks)
{
    for (size_t i = 0; i < record_count; i++) {
        if (watermarks) {
            int64_t from = i > 0 ? records[i - 1].recv_us : records[0].recv_us;
            int64_t span = records[i].recv_us - from;

            for (uint64_t k = sg_rng_below(watermarks, 3); k > 0 && span > 0; k--) {
                sg_resampler_advance(log->resampler, from + (int64_t)sg_rng_below(watermarks, (uint64_t)span + 1));
            }
        }
        if (records[i].is_event) {
            log_event(log, records[i].code, records[i].event_leg, records[i].recv_us);
        } else {
            sg_resampler_tick(log->resampler, &records[i].tick);
        }
    }
}

static const struct sg_bar *find(const struct resampler_log *log, enum sg_interval interval, enum sg_leg leg, int64_t time_us)
{
    for (size_t i = 0; i < log->bar_count; i++) {
        if (log->bars[i].interval == interval && log->bars[i].leg == leg && log->bars[i].bar.time_us == time_us) {
            return &log->bars[i].bar;
        }
    }
    return NULL;
}

static void check_seconds(const struct resampler_log *log, bool holes)
{
    size_t compared = 0;
    size_t logged = 0;

    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        for (int64_t s = -5; s < SECONDS + 20; s++) {
            int64_t time = LOG_T0 + s * LOG_S;
            struct sg_bar expected;
            const struct sg_bar *got = find(log, SG_INTERVAL_1S, (enum sg_leg)leg, time);

            if (!expected_bar(log, (enum sg_leg)leg, time, closing_record(time), &expected)) {
                if (got && !(holes && got->flags & SG_BAR_INCOMPLETE)) {
                    fail_msg("leg %d has a bar at second %lld that cannot be", leg, (long long)s);
                }
                compared += got != NULL; /* in doubt, and marked so */
                continue;
            }
            if (!got) {
                fail_msg("leg %d lacks its bar at second %lld", leg, (long long)s);
            }
            assert_true(got->open == expected.open);
            assert_true(got->high == expected.high);
            assert_true(got->low == expected.low);
            assert_true(got->close == expected.close);
            assert_true(got->volume == expected.volume);
            assert_int_equal(got->trades, expected.trades);
            assert_int_equal(got->ticks, expected.ticks);
            assert_int_equal(got->flags & SG_BAR_FILLED, expected.flags & SG_BAR_FILLED);
            assert_true(holes || (got->flags & SG_BAR_INCOMPLETE) == 0);
            compared++;
        }
    }
    for (size_t i = 0; i < log->bar_count; i++) {
        logged += log->bars[i].interval == SG_INTERVAL_1S;
    }
    assert_int_equal(compared, logged);
    assert_true(compared > SECONDS / 2);
}

/* From a leg's first bar to its last, every second is either a bar or in exactly one outage. */
static void check_partition(const struct resampler_log *log)
{
    struct sg_resampler_stats stats;

    sg_resampler_stats(log->resampler, &stats);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        int64_t first = NEVER;
        int64_t last = 0;

        for (size_t i = 0; i < log->bar_count; i++) {
            if (log->bars[i].interval == SG_INTERVAL_1S && log->bars[i].leg == (enum sg_leg)leg) {
                first = first == NEVER ? log->bars[i].bar.time_us : first;
                last = log->bars[i].bar.time_us;
            }
        }
        for (int64_t time = first; time <= last && first != NEVER; time += LOG_S) {
            const struct sg_bar *bar = find(log, SG_INTERVAL_1S, (enum sg_leg)leg, time);
            size_t gaps = 0;

            for (size_t i = 0; i < log->gap_count; i++) {
                const struct sg_gap *gap = &log->gaps[i];

                gaps += gap->leg == (enum sg_leg)leg && gap->cause != SG_GAP_ID_HOLE && gap->to_us != INT64_MAX && gap->from_us <= time && time < gap->to_us;
            }
            /* Without ids the bars since the last record belong to the outage, too. */
            assert_true(gaps == (bar ? 0 : 1) || (bar && gaps == 1 && stats.first_id[leg] == -1));
            if (bar && time > first) {
                bool before = find(log, SG_INTERVAL_1S, (enum sg_leg)leg, time - LOG_S) != NULL;

                assert_int_equal((bar->flags & SG_BAR_AFTER_GAP) != 0, !before);
            }
        }
    }
}

/* Minutes are made of the seconds that were told. */
static void check_minutes(const struct resampler_log *log)
{
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        for (int64_t minute = LOG_T0; minute < LOG_T0 + SECONDS * LOG_S; minute += 60 * LOG_S) {
            const struct sg_bar *got = find(log, SG_INTERVAL_1M, (enum sg_leg)leg, minute);
            struct sg_bar sum = {0};
            int seconds = 0;
            bool filled = true;

            for (int64_t time = minute; time < minute + 60 * LOG_S; time += LOG_S) {
                const struct sg_bar *second = find(log, SG_INTERVAL_1S, (enum sg_leg)leg, time);

                if (!second) {
                    continue;
                }
                sum.open = seconds == 0 ? second->open : sum.open;
                sum.high = seconds == 0 || second->high > sum.high ? second->high : sum.high;
                sum.low = seconds == 0 || second->low < sum.low ? second->low : sum.low;
                sum.close = second->close;
                sum.volume += second->volume;
                sum.trades += second->trades;
                filled = filled && (second->flags & SG_BAR_FILLED);
                seconds++;
            }
            assert_int_equal(got != NULL, seconds == 60);
            if (got) {
                assert_true(got->open == sum.open);
                assert_true(got->high == sum.high);
                assert_true(got->low == sum.low);
                assert_true(got->close == sum.close);
                assert_true(got->volume == sum.volume);
                assert_true(got->trades == sum.trades);
                assert_int_equal((got->flags & SG_BAR_FILLED) != 0, filled);
            }
        }
    }
}

static void check_accounts(const struct resampler_log *log)
{
    struct sg_resampler_stats stats;
    size_t ticks = 0;

    sg_resampler_stats(log->resampler, &stats);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        assert_true(stats.first_id[leg] == -1 || (uint64_t)(stats.last_id[leg] - stats.first_id[leg]) + 1 == stats.ids_seen[leg] + stats.ids_missing[leg]);
        assert_true(stats.first_id[leg] == -1 || stats.ids_seen[leg] >= stats.ticks[leg] + stats.late[leg]); /* an aggregate has one or more */
        assert_int_equal(stats.future[leg] + stats.rejected[leg], 0);
        ticks += stats.ticks[leg] + stats.late[leg] + stats.duplicates[leg];
    }
    for (size_t i = 0; i < record_count; i++) {
        ticks -= !records[i].is_event;
    }
    assert_int_equal(ticks, 0);
}

/* Returns how many ticks were late. */
static size_t run(uint64_t seed, bool late_ones)
{
    struct resampler_log log;
    struct resampler_log with_watermarks;
    struct sg_rng rng;
    size_t late;

    make_market(seed, late_ones);
    compute_clock();
    log_start(&log, 0);
    play(&log, NULL);
    compute_duplicates(&log);
    check_seconds(&log, late_ones);
    check_partition(&log);
    check_minutes(&log);
    check_accounts(&log);
    assert_true(late_ones || log.late == 0);

    /* Watermarks between the records bring closes forward, and change nothing that is told. */
    sg_rng_seed(&rng, seed, 1);
    log_start(&with_watermarks, 0);
    play(&with_watermarks, &rng);
    assert_same_log(&log, &with_watermarks);
    log_free(&with_watermarks);
    late = log.late;
    log_free(&log);
    return late;
}

static void test_against_brute_force(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        run(seed, false);
    }
}

static void test_with_ticks_out_of_order(void **state)
{
    size_t late = 0;

    (void)state;
    for (uint64_t seed = 101; seed <= 108; seed++) {
        late += run(seed, true);
    }
    print_message("%zu ticks were late\n", late);
    assert_true(late > 100); /* the case is really there */
}

static void shift_recv(size_t from, int64_t shift_us)
{
    for (size_t i = from; i < record_count; i++) {
        records[i].recv_us += shift_us;
        records[i].tick.recv_us += shift_us;
    }
}

/* The local clock is wrong, or is set while we run: no bar knows. */
static void test_local_clock_does_not_matter(void **state)
{
    static const int64_t steps[] = {3600 * LOG_S, -3600 * LOG_S, 0};

    (void)state;
    for (uint64_t seed = 201; seed <= 204; seed++) {
        for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
            struct resampler_log plain;
            struct resampler_log skewed;

            make_market(seed, false);
            log_start(&plain, 0);
            play(&plain, NULL);
            sg_resampler_finish(plain.resampler);

            shift_recv(0, -1300 * MS);
            log_start(&skewed, 0);
            if (steps[s] != 0) {
                size_t half = record_count / 2;

                while (records[half].is_event) {
                    half++;
                }
                shift_recv(half, steps[s]);
            }
            for (size_t i = 0; i < record_count; i++) {
                /* A watermark of the stepped clock comes before the first record that has it. */
                if (!records[i].is_event) {
                    sg_resampler_advance(skewed.resampler, records[i].recv_us);
                    sg_resampler_tick(skewed.resampler, &records[i].tick);
                } else {
                    log_event(&skewed, records[i].code, records[i].event_leg, records[i].recv_us);
                }
            }
            sg_resampler_finish(skewed.resampler);
            assert_int_equal(skewed.late, 0);
            if (steps[s] == 0) {
                assert_same_log(&plain, &skewed);
            } else {
                assert_same_bars(&plain, &skewed);
            }
            log_free(&plain);
            log_free(&skewed);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_brute_force),
        cmocka_unit_test(test_with_ticks_out_of_order),
        cmocka_unit_test(test_local_clock_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
