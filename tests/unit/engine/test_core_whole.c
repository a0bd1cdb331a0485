/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is missing is in the ledger, and its trade ids add up: of bars that close without what a gap missed, of the time before a session's first second, and of a run
 * that is killed while something is not over yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../../../src/engine/core_private.h"

#define MINUTE_US INT64_C(60000000)
#define AT_US (INT64_C(1700000100) * SG_US_PER_S) /* a minute's opening, and that of five */
#define KEPT_MAXIMUM 64

static int told;
static struct sg_gap kept[KEPT_MAXIMUM]; /* as a database has them: one that is kept again replaces itself */
static size_t kept_count;

static void on_event(void *context, const SgSessionEvent *event)
{
    (void)context;
    told += event->code == SG_EVENT_GAP;
}

static void keep_gap(void *context, const struct sg_gap *gap)
{
    (void)context;
    size_t i = 0;
    while (i < kept_count && (kept[i].leg != gap->leg || kept[i].from_us != gap->from_us || kept[i].cause != gap->cause))
        i++;
    assert_true(i < KEPT_MAXIMUM);
    kept[i] = *gap;
    kept_count = MAX(kept_count, i + 1);
}

/* The entry of leg A on disk that begins `second` seconds after AT_US. */
static const struct sg_gap *on_disk(int64_t second)
{
    for (size_t i = 0; i < kept_count; i++)
        if (kept[i].leg == SG_LEG_A && kept[i].from_us == AT_US + second * SG_US_PER_S)
            return &kept[i];
    return NULL;
}

static struct sg_core *begin(bool keeps, enum sg_interval interval)
{
    struct sg_core_config config = {.interval = interval, .keeps = keeps, .outputs = {.on_event = on_event, .keep_gap = keep_gap}};
    sg_pair_params_default(&config.params);
    struct sg_error error;
    struct sg_core *core = sg_core_new(&config, &error);
    assert_non_null(core);
    told = 0;
    kept_count = 0;
    return core;
}

static void add_gap(struct sg_core *core, enum sg_gap_state state)
{
    const struct sg_gap gap = {SG_LEG_A, AT_US + 51 * SG_US_PER_S, AT_US + 52 * SG_US_PER_S, 7, 9, SG_GAP_DISCONNECT, SG_GAP_OPEN};
    assert_int_equal(sg_gap_ledger_add(&core->gaps, &gap), SG_OK);
    if (state != SG_GAP_OPEN)
        assert_int_equal(sg_gap_ledger_resolve(&core->gaps, SG_LEG_A, gap.from_us, gap.to_us, state), SG_OK);
}

/* A session that began long before. */
static void begun_at(struct sg_core *core, int64_t time_us)
{
    core->first_tick_us = time_us;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        core->first_bar_us[leg] = time_us - time_us % SG_US_PER_S + SG_US_PER_S;
}

static void what_was_filled_too_soon_is_open_again(void **state)
{
    (void)state;
    struct sg_core *core = begin(true, SG_INTERVAL_1M);
    begun_at(core, AT_US - MINUTE_US - 1);
    struct sg_bar minute = {.time_us = AT_US, .open = 1, .high = 1, .low = 1, .close = 1};
    assert_int_equal(sg_bar_store_append(&core->bars[SG_INTERVAL_1M][SG_LEG_A], &minute), SG_OK);
    add_gap(core, SG_GAP_FILLED);
    core->listed_until_us[SG_INTERVAL_1M][SG_LEG_A] = AT_US; /* what was before is not at issue */
    sg_core_list_missing(core, SG_INTERVAL_1M, SG_LEG_A, AT_US + MINUTE_US);
    assert_int_equal(core->gaps.gaps[0].state, SG_GAP_FILLED); /* the minute is whole */
    core->listed_until_us[SG_INTERVAL_5M][SG_LEG_A] = AT_US;
    sg_core_list_missing(core, SG_INTERVAL_5M, SG_LEG_A, AT_US + 5 * MINUTE_US);
    assert_int_equal(core->gaps.length, 1);
    assert_int_equal(core->gaps.gaps[0].state, SG_GAP_OPEN); /* and of the five the second is missing still */
    assert_int_equal(told, 0);                               /* it was when it happened */
    assert_non_null(on_disk(51));
    assert_int_equal(on_disk(51)->state, SG_GAP_OPEN);
    assert_int_equal(on_disk(51)->to_us, AT_US + 52 * SG_US_PER_S);
    sg_core_free(core);
}

static void a_bar_is_looked_at_once(void **state)
{
    (void)state;
    struct sg_core *core = begin(true, SG_INTERVAL_1M);
    begun_at(core, AT_US + 1);
    add_gap(core, SG_GAP_OPEN);
    sg_core_list_missing(core, SG_INTERVAL_1M, SG_LEG_A, AT_US + MINUTE_US);
    assert_int_equal(core->gaps.length, 1); /* it is listed already */
    assert_int_equal(sg_gap_ledger_resolve(&core->gaps, SG_LEG_A, AT_US, AT_US + MINUTE_US, SG_GAP_FILLED), SG_OK);
    sg_core_list_missing(core, SG_INTERVAL_1M, SG_LEG_A, AT_US + MINUTE_US);
    assert_int_equal(core->gaps.gaps[0].state, SG_GAP_FILLED);
    sg_core_free(core);
}

static void an_incomplete_bar_is_as_good_as_none(void **state)
{
    (void)state;
    const struct {
        uint32_t flags;
        enum sg_gap_state state;
    } cases[] = {{SG_BAR_INCOMPLETE, SG_GAP_OPEN}, {SG_BAR_UNSETTLED, SG_GAP_FILLED}, {SG_BAR_REPAIRED, SG_GAP_FILLED}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sg_core *core = begin(true, SG_INTERVAL_1M);
        begun_at(core, AT_US + 1);
        struct sg_bar minute = {.time_us = AT_US, .open = 1, .high = 1, .low = 1, .close = 1, .flags = cases[i].flags};
        assert_int_equal(sg_bar_store_append(&core->bars[SG_INTERVAL_1M][SG_LEG_A], &minute), SG_OK);
        add_gap(core, SG_GAP_FILLED);
        sg_core_list_missing(core, SG_INTERVAL_1M, SG_LEG_A, AT_US + MINUTE_US);
        assert_int_equal(core->gaps.gaps[0].state, cases[i].state);
        sg_core_free(core);
    }
}

static void other_legs_times_and_intervals_are_let_be(void **state)
{
    (void)state;
    struct sg_core *core = begin(false, SG_INTERVAL_1S); /* nobody looks at minutes, and nobody keeps them */
    begun_at(core, AT_US + 1);
    add_gap(core, SG_GAP_FILLED);
    sg_core_list_missing(core, SG_INTERVAL_1M, SG_LEG_A, AT_US + MINUTE_US);
    assert_int_equal(core->gaps.gaps[0].state, SG_GAP_FILLED);
    sg_core_free(core);
    core = begin(true, SG_INTERVAL_1S);
    begun_at(core, AT_US + MINUTE_US + 1);
    add_gap(core, SG_GAP_FILLED);
    sg_core_list_missing(core, SG_INTERVAL_1M, SG_LEG_A, AT_US + 2 * MINUTE_US); /* of the minute before, nothing was watched */
    assert_int_equal(core->gaps.gaps[0].state, SG_GAP_FILLED);
    sg_core_list_missing(core, SG_INTERVAL_5M, SG_LEG_B, AT_US + 5 * MINUTE_US);
    for (size_t i = 0; i < core->gaps.length; i++)
        if (core->gaps.gaps[i].cause == SG_GAP_DISCONNECT)
            assert_int_equal(core->gaps.gaps[i].state, SG_GAP_FILLED);
    sg_core_free(core);
}

/* The bar in which a session begins lacks what was before its first second, and closes without it. */
static void what_was_before_the_first_second_is_listed(void **state)
{
    (void)state;
    for (int keeps = 0; keeps < 2; keeps++) {
        struct sg_core *core = begin(keeps, SG_INTERVAL_1M);
        begun_at(core, AT_US + 30 * SG_US_PER_S + 1);
        core->first_bar_us[SG_LEG_B] = 0; /* it has not come at all */
        for (int leg = 0; leg < SG_LEG_COUNT; leg++)
            sg_core_list_missing(core, SG_INTERVAL_1M, (enum sg_leg)leg, AT_US + MINUTE_US);
        assert_int_equal(told, 0);
        assert_int_equal(core->gaps.length, keeps ? 2 : 0); /* a demo's start shows no gap */
        for (size_t i = 0; i < core->gaps.length; i++) {
            const struct sg_gap *gap = &core->gaps.gaps[i];
            assert_int_equal(gap->cause, SG_GAP_NOT_RUNNING);
            assert_int_equal(gap->from_us, AT_US);
            assert_int_equal(gap->to_us, gap->leg == SG_LEG_A ? AT_US + 31 * SG_US_PER_S : AT_US + MINUTE_US);
        }
        sg_core_free(core);
    }
}

/* ---- records ---- */

static void feed_event(struct sg_core *core, enum sg_feed_event_code code, int leg, int64_t ms)
{
    struct sg_feed_event event = {.recv_us = AT_US + ms * SG_US_PER_MS, .code = code, .leg = leg};
    size_t after = 0;
    struct sg_tick_batch batch = {.events = &event, .event_after = &after, .event_capacity = 1, .event_count = 1, .more = true};
    sg_core_ingest(core, &batch);
}

static void feed_tick(struct sg_core *core, enum sg_tick_kind kind, int64_t ms, int64_t recv_ms, int64_t id)
{
    struct sg_tick tick = {.time_us = AT_US + ms * SG_US_PER_MS,
                           .event_us = AT_US + recv_ms * SG_US_PER_MS,
                           .recv_us = AT_US + recv_ms * SG_US_PER_MS,
                           .price = 100,
                           .quantity = SG_QTY_ONE,
                           .id = id,
                           .trades = kind == SG_TICK_TRADE,
                           .leg = SG_LEG_A,
                           .kind = (uint8_t)kind};
    struct sg_tick_batch batch = {.ticks = &tick, .tick_capacity = 1, .tick_count = 1, .more = true};
    sg_core_ingest(core, &batch);
}

/* An earlier run kept a minute that ended one before AT_US, and saw trade 500 last. */
static void earlier_run(struct sg_core *core)
{
    const struct sg_bar minute = {.time_us = AT_US - 2 * MINUTE_US, .open = 1, .high = 1, .low = 1, .close = 1};
    assert_int_equal(sg_core_seed(core, SG_INTERVAL_1M, SG_LEG_A, &minute, 1, minute.time_us), SG_OK);
    sg_core_seeded_until(core, SG_LEG_A, AT_US - MINUTE_US);
    sg_core_seed_ids(core, SG_LEG_A, 500, AT_US - MINUTE_US + 1);
}

static void trade(struct sg_core *core, int64_t ms, int64_t id)
{
    feed_tick(core, SG_TICK_TRADE, ms, ms, id);
}

static struct sg_id_account account_of(struct sg_core *core)
{
    struct sg_id_account account;
    assert_true(sg_core_ids(core, SG_LEG_A, &account));
    return account;
}

/* The connection is cut before the first second of this run is over. */
static void an_outage_before_the_first_second(void **state)
{
    (void)state;
    struct sg_core *core = begin(true, SG_INTERVAL_1S);
    earlier_run(core);
    feed_event(core, SG_EVENT_SUBSCRIBED, -1, 100);
    trade(core, 200, 601);
    feed_event(core, SG_EVENT_DISCONNECTED, -1, 400);
    feed_event(core, SG_EVENT_SUBSCRIBED, -1, 9100);
    trade(core, 9200, 651);
    for (int64_t second = 10; second < 16; second++)
        trade(core, second * 1000 + 500, 642 + second);
    assert_int_equal(core->first_bar_us[SG_LEG_A], AT_US + 10 * SG_US_PER_S);
    struct sg_id_account account = account_of(core);
    assert_true(account.adds_up);
    assert_int_equal(account.first_id, 500);
    assert_int_equal(account.in_gaps, 100 + 49);
    assert_non_null(on_disk(-60));
    assert_int_equal(on_disk(-60)->cause, SG_GAP_NOT_RUNNING);
    assert_int_equal(on_disk(-60)->first_id, 501);
    assert_int_equal(on_disk(-60)->last_id, 650);
    assert_int_equal(on_disk(-60)->to_us, AT_US);
    assert_int_equal(told, 1);
    /* Repaired, in two parts: what is named by both is open as long as one of them is. */
    assert_int_equal(sg_gap_ledger_resolve(&core->gaps, SG_LEG_A, AT_US - MINUTE_US, AT_US - 1, SG_GAP_FILLED), SG_OK);
    assert_int_equal(account_of(core).in_gaps, 149);
    assert_int_equal(sg_gap_ledger_resolve(&core->gaps, SG_LEG_A, AT_US - 1, AT_US + MINUTE_US, SG_GAP_FILLED), SG_OK);
    assert_int_equal(account_of(core).replaced, 149);
    assert_true(account_of(core).adds_up);
    sg_core_free(core);
}

/* However short the time was: the trades of it need an entry that names them. */
static void a_downtime_within_a_second(void **state)
{
    (void)state;
    struct sg_core *core = begin(true, SG_INTERVAL_1S);
    earlier_run(core);
    core->kept_until_us[SG_LEG_A] = AT_US;
    for (int64_t second = 0; second < 5; second++)
        trade(core, second * 1000 + 200, 511 + second);
    assert_int_equal(account_of(core).in_gaps, 10);
    assert_true(account_of(core).adds_up);
    assert_non_null(on_disk(0));
    assert_int_equal(on_disk(0)->to_us, AT_US + SG_US_PER_S);
    sg_core_free(core);
}

/* An older entry of the same cause, which that run left open, means other trades. */
static void another_runs_downtime_keeps_its_ids(void **state)
{
    (void)state;
    struct sg_core *core = begin(true, SG_INTERVAL_1S);
    const struct sg_gap older = {SG_LEG_A, AT_US - 9 * MINUTE_US, AT_US - 8 * MINUTE_US, -1, -1, SG_GAP_NOT_RUNNING, SG_GAP_OPEN};
    sg_core_seed_gap(core, &older);
    earlier_run(core);
    trade(core, 200, 601);
    assert_int_equal(core->gaps.gaps[0].first_id, -1);
    assert_int_equal(core->gaps.gaps[1].first_id, 501);
    sg_core_free(core);
}

/* Where no bar is kept there is no gap that could name what was missed: the account begins anew. */
static void ids_without_bars_are_not_gone_on_with(void **state)
{
    (void)state;
    struct sg_core *core = begin(true, SG_INTERVAL_1S);
    sg_core_seed_ids(core, SG_LEG_A, 500, AT_US - MINUTE_US);
    for (int64_t second = 0; second < 5; second++)
        trade(core, second * 1000 + 200, 601 + second);
    assert_int_equal(account_of(core).first_id, 601);
    assert_true(account_of(core).adds_up);
    sg_core_free(core);
}

/* Ids that follow on one another were missed for two reasons: one is repaired and the other is not. */
static void ids_of_two_gaps_in_one_go(void **state)
{
    (void)state;
    struct sg_core *core = begin(true, SG_INTERVAL_1S);
    for (int64_t second = 0; second < 5; second++)
        trade(core, second * 1000 + 200, 1 + second);
    const struct sg_gap gaps[] = {{SG_LEG_A, AT_US + 5 * SG_US_PER_S, AT_US + 7 * SG_US_PER_S, 6, 20, SG_GAP_DISCONNECT, SG_GAP_FILLED},
                                  {SG_LEG_A, AT_US + 7 * SG_US_PER_S, AT_US + 9 * SG_US_PER_S, 21, 30, SG_GAP_STALL, SG_GAP_OPEN}};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(sg_gap_ledger_add(&core->gaps, &gaps[i]), SG_OK);
        sg_core_ids_missed(core, SG_LEG_A, gaps[i].first_id, gaps[i].last_id);
    }
    const struct sg_history_leg history = {.runs = &(struct sg_history_run){{16, 22}, 0, 0}, .run_count = 1};
    sg_core_ids_fetched(core, SG_LEG_A, &history);
    struct sg_id_account account = account_of(core);
    assert_int_equal(account.fetched, 7);
    assert_int_equal(account.replaced, 10);
    assert_int_equal(account.in_gaps, 8);
    sg_core_free(core);
}

/* The minute in which a session began closes without its beginning: by then that is on disk. */
static void the_first_minute_is_listed_when_it_closes(void **state)
{
    (void)state;
    struct sg_core *core = begin(true, SG_INTERVAL_1S);
    for (int64_t second = 30; second < 60; second++)
        trade(core, second * 1000 + 200, 1 + second);
    assert_null(on_disk(0));
    for (int64_t second = 60; second < 63; second++)
        trade(core, second * 1000 + 200, 1 + second);
    assert_non_null(on_disk(0));
    assert_int_equal(on_disk(0)->cause, SG_GAP_NOT_RUNNING);
    assert_int_equal(on_disk(0)->to_us, core->first_bar_us[SG_LEG_A]);
    assert_int_equal(on_disk(0)->state, SG_GAP_OPEN);
    sg_core_free(core);
}

/* ---- a run that is killed now ---- */

static void a_late_trade_is_on_disk_at_once(void **state)
{
    (void)state;
    struct sg_core *core = begin(true, SG_INTERVAL_1S);
    for (int64_t second = 0; second < 6; second++)
        trade(core, second * 1000 + 200, second == 5 ? 7 : 1 + second);
    feed_tick(core, SG_TICK_TRADE, 2500, 5300, 6); /* its second closed three ago */
    assert_non_null(on_disk(2));
    assert_int_equal(on_disk(2)->cause, SG_GAP_LATE);
    assert_int_equal(on_disk(2)->state, SG_GAP_OPEN);
    int before = told;
    feed_tick(core, SG_TICK_TRADE, 6400, 6400, 8);
    assert_int_equal(told, before + 1); /* the sum of a second is told at its end */
    sg_core_free(core);
}

static void what_an_outage_reaches_back_to_is_on_disk_at_once(void **state)
{
    (void)state;
    struct sg_core *core = begin(true, SG_INTERVAL_1S);
    for (int64_t second = 0; second < 6; second++)
        feed_tick(core, SG_TICK_TICKER, second * 1000 + 200, second * 1000 + 200, -1);
    feed_event(core, SG_EVENT_STALLED, SG_LEG_A, 30000); /* without ids nothing can tell what the seconds since were worth */
    assert_non_null(on_disk(5));
    assert_int_equal(on_disk(5)->cause, SG_GAP_STALL);
    assert_int_equal(on_disk(5)->to_us, core->closed_until_us[SG_INTERVAL_1S]);
    assert_int_equal(told, 0); /* it is not over */
    sg_core_free(core);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_filled_too_soon_is_open_again),
                                       cmocka_unit_test(a_bar_is_looked_at_once),
                                       cmocka_unit_test(an_incomplete_bar_is_as_good_as_none),
                                       cmocka_unit_test(other_legs_times_and_intervals_are_let_be),
                                       cmocka_unit_test(what_was_before_the_first_second_is_listed),
                                       cmocka_unit_test(an_outage_before_the_first_second),
                                       cmocka_unit_test(a_downtime_within_a_second),
                                       cmocka_unit_test(another_runs_downtime_keeps_its_ids),
                                       cmocka_unit_test(ids_without_bars_are_not_gone_on_with),
                                       cmocka_unit_test(ids_of_two_gaps_in_one_go),
                                       cmocka_unit_test(the_first_minute_is_listed_when_it_closes),
                                       cmocka_unit_test(a_late_trade_is_on_disk_at_once),
                                       cmocka_unit_test(what_an_outage_reaches_back_to_is_on_disk_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
