/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the core says depends on the records, and on nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <cmocka.h>
#include "fixture.h"
#include "records.h"
#include "spreadglass/engine/offline.h"

struct run {
    GArray *alerts; /* SgSessionEvent */
    GString *log;
    struct sg_core *core;
    GArray *bars[SG_LEG_COUNT];
    struct sg_tick_batch batch;
};

static void on_bar(void *context, const SgClosedBar *bar)
{
    struct run *run = context;
    log_bar(run->log, bar);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        g_array_append_val(run->bars[leg], bar->legs[leg]);
}

static void on_event(void *context, const SgSessionEvent *event)
{
    struct run *run = context;
    assert_true(event->detail[0] != '\0');
    if (event->code == SG_EVENT_ALERT_RAISED || event->code == SG_EVENT_ALERT_CLEARED)
        g_array_append_val(run->alerts, *event);
    log_event(run->log, event);
}

static struct sg_pair_params params_with(size_t window)
{
    struct sg_pair_params params;
    sg_pair_params_default(&params);
    params.window = window;
    return params;
}

static void run_start(struct run *run, enum sg_interval interval, size_t window, size_t batch_capacity)
{
    struct sg_core_config config = {.params = params_with(window), .interval = interval, .outputs = {.on_bar = on_bar, .on_event = on_event, .context = run}};
    struct sg_error error = {0};
    run->log = g_string_new(NULL);
    run->alerts = g_array_new(FALSE, FALSE, sizeof(SgSessionEvent));
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        run->bars[leg] = g_array_new(FALSE, FALSE, sizeof(struct sg_bar));
    run->core = sg_core_new(&config, &error);
    assert_non_null(run->core);
    run->batch = (struct sg_tick_batch){.ticks = g_new0(struct sg_tick, batch_capacity),
                                        .tick_capacity = batch_capacity,
                                        .events = g_new0(struct sg_feed_event, batch_capacity),
                                        .event_after = g_new0(size_t, batch_capacity),
                                        .event_capacity = batch_capacity};
}

static void run_end(struct run *run)
{
    sg_core_free(run->core);
    g_string_free(run->log, TRUE);
    g_array_free(run->alerts, TRUE);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        g_array_free(run->bars[leg], TRUE);
    g_free(run->batch.ticks);
    g_free(run->batch.events);
    g_free(run->batch.event_after);
}

/* All records, cut into batches of 1 … most, at places that `cut_seed` decides. */
static void run_feed(struct run *run, GArray *records, guint most, uint64_t cut_seed)
{
    uint64_t random = cut_seed;
    for (guint from = 0; from < records->len;) {
        guint size = 1 + (guint)(fixture_uniform(&random) * most);
        guint to = MIN(from + size, records->len);
        records_batch(records, from, to, fixture_uniform(&random) < 0.5, &run->batch);
        sg_core_ingest(run->core, &run->batch);
        from = to;
    }
}

static void test_batches_do_not_matter(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        GArray *records = records_make(seed, 900, TRUE);
        struct run whole;
        run_start(&whole, SG_INTERVAL_1S, 20, records->len + 1);
        run_feed(&whole, records, records->len, 1);
        sg_core_finish(whole.core);
        /* It has to be a run with everything in it, or the comparison proves nothing. */
        assert_true(log_count(whole.log, "bar 0") > 500);
        assert_true(log_count(whole.log, "event gap") > 4);
        assert_true(log_count(whole.log, "event late") > 2);
        assert_true(log_count(whole.log, "event alert-raised") > 3);
        assert_true(log_count(whole.log, "event disconnected") > 2);
        const guint most[] = {1, 2, 7, 40, 300};
        for (size_t i = 0; i < G_N_ELEMENTS(most); i++) {
            struct run cut;
            run_start(&cut, SG_INTERVAL_1S, 20, records->len + 1);
            run_feed(&cut, records, most[i], seed * 100 + i);
            sg_core_finish(cut.core);
            assert_string_equal(cut.log->str, whole.log->str);
            assert_rows_equal(&cut.core->track.history, 0, &whole.core->track.history, 0, whole.core->track.history.length);
            run_end(&cut);
        }
        run_end(&whole);
        g_array_free(records, TRUE);
    }
}

/* The session's own bars through the offline path: the same history to the bit. */
static void test_stream_equals_offline(void **state)
{
    (void)state;
    const enum sg_interval intervals[] = {SG_INTERVAL_1S, SG_INTERVAL_1M};
    for (size_t k = 0; k < G_N_ELEMENTS(intervals); k++) {
        GArray *records = records_make(11, k == 0 ? 900 : 7200, k == 0);
        struct run run;
        run_start(&run, intervals[k], 30, records->len + 1);
        run_feed(&run, records, 100, 5);
        sg_core_finish(run.core);
        assert_true(run.bars[0]->len >= (k == 0 ? 500u : 100u));
        struct sg_offline_config config = {.params = params_with(30), .interval = intervals[k]};
        struct sg_offline offline;
        assert_int_equal(sg_offline_run(&config, (struct sg_bar *)(void *)run.bars[0]->data, run.bars[0]->len, (struct sg_bar *)(void *)run.bars[1]->data,
                                        run.bars[1]->len, &offline, NULL),
                         SG_OK);
        assert_int_equal(offline.history.length, run.core->track.history.length);
        assert_rows_equal(&offline.history, 0, &run.core->track.history, 0, offline.history.length);
        assert_int_equal(offline.alert.raised_count, run.core->track.alert.raised_count);
        sg_offline_free(&offline);
        run_end(&run);
        g_array_free(records, TRUE);
    }
}

/* Other parameters or another interval, in the middle of a run: the same as having had them from the start. */
static void test_change_equals_fresh(void **state)
{
    (void)state;
    GArray *records = records_make(21, 4000, TRUE);
    struct run changed, fresh;
    run_start(&changed, SG_INTERVAL_1S, 20, records->len + 1);
    run_start(&fresh, SG_INTERVAL_1M, 25, records->len + 1);
    run_feed(&fresh, records, 50, 3);
    uint64_t random = 8;
    guint half = records->len / 2;
    for (guint from = 0; from < records->len;) {
        guint to = MIN(from + 1 + (guint)(fixture_uniform(&random) * 60), records->len);
        records_batch(records, from, to, FALSE, &changed.batch);
        sg_core_ingest(changed.core, &changed.batch);
        if (from < half && to >= half) {
            guint events = log_count(changed.log, "event"), alerts = log_count(changed.log, "event alert");
            struct sg_pair_params params = params_with(25);
            assert_int_equal(sg_core_set_params(changed.core, &params, NULL), SG_OK);
            assert_int_equal(sg_core_set_interval(changed.core, SG_INTERVAL_1M), SG_OK);
            assert_int_equal(log_count(changed.log, "event") - log_count(changed.log, "event alert"), events - alerts); /* of anything but alerts */
        }
        from = to;
    }
    assert_true(fresh.core->track.history.length > 20);
    assert_int_equal(changed.core->track.history.length, fresh.core->track.history.length);
    assert_rows_equal(&changed.core->track.history, 0, &fresh.core->track.history, 0, fresh.core->track.history.length);
    assert_int_equal(changed.core->track.alert.side, fresh.core->track.alert.side);
    assert_memory_equal(&changed.core->track.now.zscore, &fresh.core->track.now.zscore, sizeof(double));

    struct sg_error error = {0};
    struct sg_pair_params bad = params_with(1);
    uint64_t epoch = changed.core->track.history.epoch;
    assert_int_equal(sg_core_set_params(changed.core, &bad, &error), SG_ERR_INVALID);
    assert_true(error.text[0] != '\0');
    assert_int_equal(changed.core->track.history.epoch, epoch);
    run_end(&changed);
    run_end(&fresh);
    g_array_free(records, TRUE);
}

/* Bars, prices and volumes against sums made here from the ticks. */
static void test_bars_are_right(void **state)
{
    (void)state;
    GArray *records = records_make(31, 300, FALSE);
    struct run run;
    run_start(&run, SG_INTERVAL_1S, 20, records->len + 1);
    run_feed(&run, records, 64, 2);
    sg_core_finish(run.core);
    assert_true(run.bars[0]->len >= 298); /* the first second is not whole */
    for (guint i = 0; i < run.bars[0]->len; i++)
        for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
            const struct sg_bar *bar = &g_array_index(run.bars[leg], struct sg_bar, i);
            double open = 0, high = 0, low = 0, close = 0;
            sg_qty volume = 0;
            guint trades = 0;
            for (guint k = 0; k < records->len; k++) {
                const struct record *record = &g_array_index(records, struct record, k);
                if (record->is_event || record->tick.leg != leg || record->tick.time_us < bar->time_us || record->tick.time_us >= bar->time_us + 1000000)
                    continue;
                double price = record->tick.price;
                open = trades == 0 ? price : open;
                high = trades == 0 || price > high ? price : high;
                low = trades == 0 || price < low ? price : low;
                close = price;
                volume += record->tick.quantity;
                trades++;
            }
            assert_true(trades > 0);
            assert_true(bar->open == open);
            assert_true(bar->high == high);
            assert_true(bar->low == low);
            assert_true(bar->close == close);
            assert_true(bar->volume == volume);
            assert_int_equal(bar->trades, trades);
        }
    run_end(&run);
    g_array_free(records, TRUE);
}

/* An outage: one gap a leg, told with its span, and no bar in it. */
static void test_gap_is_told(void **state)
{
    (void)state;
    GArray *records = records_make(41, 60, FALSE);
    GArray *with_outage = g_array_new(FALSE, TRUE, sizeof(struct record));
    int64_t from = FIXTURE_START_US + 20 * 1000000 - RECORDS_SKEW_US, to = from + 10 * 1000000;
    gboolean down = FALSE, up = FALSE;
    for (guint i = 0; i < records->len; i++) {
        const struct record *record = &g_array_index(records, struct record, i);
        if (!down && record_recv(record) >= from) {
            records_event(with_outage, from, SG_EVENT_DISCONNECTED, -1);
            down = TRUE;
        }
        if (!up && record_recv(record) >= to) {
            records_event(with_outage, to, SG_EVENT_SUBSCRIBED, -1);
            up = TRUE;
        }
        if (record_recv(record) < from || record_recv(record) >= to)
            g_array_append_val(with_outage, *record);
    }
    assert_true(down);
    assert_true(up);
    struct run run;
    run_start(&run, SG_INTERVAL_1S, 10, records->len + 10);
    run_feed(&run, with_outage, 10, 4);
    sg_core_finish(run.core);
    assert_int_equal(log_count(run.log, "event gap"), 2);
    assert_int_equal(run.core->gaps.length, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct sg_gap *gap = &run.core->gaps.gaps[i];
        assert_int_equal(gap->cause, SG_GAP_DISCONNECT);
        assert_int_equal(gap->state, SG_GAP_OPEN);
        /* The seconds that the outage touched: it began before second 20 was over, on the exchange's clock. */
        assert_in_range((uint64_t)((gap->from_us - FIXTURE_START_US) / 1000000), 19, 21);
        assert_in_range((uint64_t)((gap->to_us - FIXTURE_START_US) / 1000000), 30, 31);
        for (guint k = 0; k < run.bars[gap->leg]->len; k++) {
            int64_t time_us = g_array_index(run.bars[gap->leg], struct sg_bar, k).time_us;
            assert_false(time_us >= gap->from_us && time_us < gap->to_us);
        }
    }
    const struct sg_history *history = &run.core->track.history;
    size_t marked = 0;
    for (size_t i = 0; i < history->length; i++)
        marked += !!(history->flags[i] & SG_ROW_GAP_BEFORE);
    assert_int_equal(marked, 1);
    run_end(&run);
    g_array_free(records, TRUE);
    g_array_free(with_outage, TRUE);
}

/* Klines put into the hole: only the bars that are missing or known to lack trades, both histories' shape whole again, the ledger resolved. */
static void test_backfill(void **state)
{
    (void)state;
    GArray *records = records_make(51, 600, TRUE);
    struct run run;
    run_start(&run, SG_INTERVAL_1S, 20, records->len + 1);
    run_feed(&run, records, 100, 4);
    sg_core_finish(run.core);
    struct sg_history *history = &run.core->track.history;
    size_t before = history->length;
    guint raised = log_count(run.log, "event alert-raised");
    int64_t from = history->time_us[0], to = history->time_us[before - 1] + 1000000;
    size_t whole = (size_t)((to - from) / 1000000);
    assert_true(run.core->gaps.length > 0);
    assert_true(before < whole);
    double *close_before = g_memdup2(history->column[SG_COL_A_CLOSE], before * sizeof(double));
    int64_t *time_before = g_memdup2(history->time_us, before * sizeof(int64_t));
    struct sg_bar *klines = g_new0(struct sg_bar, whole);
    size_t lacking[SG_LEG_COUNT] = {0};
    gboolean *exact = g_new0(gboolean, before);
    for (size_t i = 0; i < before; i++) {
        exact[i] = TRUE;
        for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
            const struct sg_bar_store *store = &run.core->bars[SG_INTERVAL_1S][leg];
            gboolean lacks = sg_bar_store_at(store, sg_bar_store_lower_bound(store, time_before[i]))->flags & SG_BAR_INCOMPLETE;
            lacking[leg] += lacks ? 1 : 0;
            exact[i] = exact[i] && !lacks;
        }
    }
    assert_true(lacking[SG_LEG_A] + lacking[SG_LEG_B] > 0);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        for (size_t i = 0; i < whole; i++)
            klines[i] = (struct sg_bar){.time_us = from + (int64_t)i * 1000000, .open = 7, .high = 8, .low = 6, .close = 7, .flags = SG_BAR_REPAIRED};
        size_t added = 0;
        assert_int_equal(sg_core_backfill(run.core, SG_INTERVAL_1S, (enum sg_leg)leg, klines, whole, from, to, &added), SG_OK);
        assert_true(added > 0);
        assert_true(added <= whole - before + lacking[leg]);
    }
    assert_int_equal(history->length, before); /* not before both legs are there */
    uint64_t epoch = history->epoch;
    assert_int_equal(sg_core_rebuild(run.core), SG_OK);
    assert_int_equal(history->length, whole);
    assert_true(history->epoch > epoch);
    for (size_t i = 0, own = 0; i < whole; i++) {
        gboolean is_own = own < before && time_before[own] == history->time_us[i];
        if (is_own && exact[own])
            assert_true(history->column[SG_COL_A_CLOSE][i] == close_before[own]); /* exact bars stay */
        else
            assert_true(history->flags[i] & (SG_ROW_A_REPAIRED | SG_ROW_B_REPAIRED));
        own += is_own ? 1 : 0;
        assert_false(history->flags[i] & SG_ROW_GAP_BEFORE);
    }
    for (size_t i = 0; i < run.core->gaps.length; i++)
        if (run.core->gaps.gaps[i].from_us >= from && run.core->gaps.gaps[i].to_us <= to)
            assert_int_equal(run.core->gaps.gaps[i].state, SG_GAP_FILLED);
    assert_int_equal(log_count(run.log, "event backfilled"), 2);
    assert_int_equal(log_count(run.log, "event alert-raised"), raised); /* the past raises nothing anew */
    g_free(klines);
    g_free(exact);
    g_free(close_before);
    g_free(time_before);
    run_end(&run);
    g_array_free(records, TRUE);
}

static void test_dropped_ticks_are_told(void **state)
{
    (void)state;
    GArray *records = records_make(61, 120, FALSE);
    struct run run;
    run_start(&run, SG_INTERVAL_1S, 20, records->len + 1);
    guint half = records->len / 2;
    records_batch(records, 0, half, FALSE, &run.batch);
    sg_core_ingest(run.core, &run.batch);
    int64_t at = record_recv(&g_array_index(records, struct record, half));
    records_batch(records, half, records->len, FALSE, &run.batch);
    run.batch.stats.dropped[SG_LEG_B] = 7;
    run.batch.stats.first_drop_us[SG_LEG_B] = at;
    run.batch.stats.last_drop_us[SG_LEG_B] = at + 1000;
    run.batch.stats.events_dropped = 2;
    sg_core_ingest(run.core, &run.batch);
    run.batch.tick_count = run.batch.event_count = 0;
    sg_core_ingest(run.core, &run.batch); /* the same counters again: told once */
    sg_core_finish(run.core);
    assert_int_equal(log_count(run.log, "event dropped"), 1);
    assert_non_null(strstr(run.log->str, "7 ticks of leg B"));
    assert_int_equal(log_count(run.log, "event error"), 1);
    assert_true(run.core->gaps.length >= 1);
    assert_int_equal(run.core->gaps.gaps[0].leg, SG_LEG_B);
    assert_int_equal(run.core->gaps.gaps[0].cause, SG_GAP_RING_FULL);
    run_end(&run);
    g_array_free(records, TRUE);
}

/* A day of trouble at small ceilings: nothing grows. */
static void test_bounded(void **state)
{
    (void)state;
    struct sg_core_config config = {.params = params_with(20), .interval = SG_INTERVAL_1S, .history_maximum = 1000};
    struct sg_core *core = sg_core_new(&config, NULL);
    assert_non_null(core);
    GArray *records = records_make(71, 20000, TRUE);
    struct run scratch;
    run_start(&scratch, SG_INTERVAL_1S, 20, 1000);
    for (guint from = 0; from < records->len; from += 1000) {
        records_batch(records, from, MIN(from + 1000, records->len), FALSE, &scratch.batch);
        sg_core_ingest(core, &scratch.batch);
        assert_true(core->track.history.length <= 1000);
        assert_true(core->gaps.length <= SG_CORE_GAPS_MAXIMUM);
    }
    assert_true(core->bars[SG_INTERVAL_1S][0].length > 10000);
    assert_int_equal(core->failures, 0);
    sg_core_free(core);
    run_end(&scratch);
    g_array_free(records, TRUE);
}

static void test_forming(void **state)
{
    (void)state;
    GArray *records = records_make(81, 120, FALSE);
    struct run run;
    run_start(&run, SG_INTERVAL_1M, 5, records->len + 1);
    struct sg_row row;
    assert_false(sg_core_forming(run.core, 0, &row));
    guint seen = 0;
    for (guint i = 0; i < records->len; i++) {
        records_batch(records, i, i + 1, FALSE, &run.batch);
        sg_core_ingest(run.core, &run.batch);
        const struct sg_history *history = &run.core->track.history;
        size_t rows = history->length;
        if (!sg_core_forming(run.core, sg_core_exchange_time(run.core, run.core->recv_us), &row))
            continue;
        seen++;
        assert_int_equal(history->length, rows);
        assert_int_equal(row.time_us % 60000000, 0);
        if (rows > 0)
            assert_true(row.time_us > history->time_us[rows - 1]);
        const struct record *record = &g_array_index(records, struct record, i);
        if (!record->is_event && record->tick.time_us >= row.time_us && record->tick.time_us < row.time_us + 60000000)
            assert_true(row.value[record->tick.leg == SG_LEG_A ? SG_COL_A_CLOSE : SG_COL_B_CLOSE] == record->tick.price);
        assert_false(row.flags & SG_ROW_STALE);
    }
    assert_true(seen > 200);
    run_end(&run);
    g_array_free(records, TRUE);
}

static void test_muted_says_nothing(void **state)
{
    (void)state;
    GArray *records = records_make(91, 60, TRUE);
    struct run run;
    run_start(&run, SG_INTERVAL_1S, 5, records->len + 1);
    sg_core_mute(run.core);
    run_feed(&run, records, 10, 1);
    sg_core_finish(run.core);
    assert_int_equal(run.log->len, 0);
    run_end(&run);
    g_array_free(records, TRUE);
}

/* Trade ids with holes among them add up, because the holes are noted; they do not when somebody forgets one, and then that is said. */
static void test_ids_that_do_not_add_up(void **state)
{
    (void)state;
    GArray *records = records_make(17, 60, FALSE);
    struct run run;
    char text[SG_IDS_TEXT] = "";
    guint taken = 0;
    run_start(&run, SG_INTERVAL_1S, 5, records->len + 1);
    assert_false(sg_core_ids_complaint(run.core, SG_LEG_A, "AAAUSDT", text)); /* nothing came yet */
    for (guint i = 0; i < records->len; i++) {                                /* every ninth tick of leg A is lost on the way */
        const struct record *record = &g_array_index(records, struct record, i);
        if (!record->is_event && record->tick.leg == SG_LEG_A && ++taken % 9 == 0)
            g_array_remove_index(records, i--);
    }
    run_feed(&run, records, 10, 1);
    struct sg_id_account account;
    assert_true(sg_core_ids(run.core, SG_LEG_A, &account));
    assert_true(account.adds_up);
    assert_true(account.in_gaps >= 5);
    assert_true(account.seen + account.in_gaps == (uint64_t)(account.last_id - account.first_id) + 1);
    assert_false(sg_core_ids_complaint(run.core, SG_LEG_A, "AAAUSDT", text));
    sg_id_set_free(&run.core->missed[SG_LEG_A]);
    assert_true(sg_core_ids_complaint(run.core, SG_LEG_A, "AAAUSDT", text));
    assert_non_null(strstr(text, "the trade ids of AAAUSDT do not add up: "));
    assert_false(sg_core_ids_complaint(run.core, SG_LEG_B, "BBBUSDT", text));
    run_end(&run);
    g_array_free(records, TRUE);
}

static const SgSessionEvent *alert_at(const struct run *run, guint i)
{
    return &g_array_index(run->alerts, SgSessionEvent, i);
}

/* What is told of an alert is whole and true: raised, then cleared, with what it was at its farthest and for how long it stood. */
static void test_alerts_are_told_whole(void **state)
{
    (void)state;
    GArray *records = records_make(41, 1500, TRUE);
    struct run run;
    run_start(&run, SG_INTERVAL_1S, 20, records->len + 1);
    run_feed(&run, records, 30, 4);
    sg_core_finish(run.core);
    const struct sg_history *history = &run.core->track.history;
    assert_true(run.alerts->len > 20);
    unsigned undefined = 0;
    for (guint i = 0; i < run.alerts->len; i++) {
        const SgSessionEvent *event = alert_at(&run, i), *before = i > 0 ? alert_at(&run, i - 1) : NULL;
        bool cleared = event->code == SG_EVENT_ALERT_CLEARED;
        assert_int_equal(cleared, i % 2);
        assert_true(event->threshold == 2.0);
        assert_int_equal(event->time_us, event->bar_time_us + 1000000);
        size_t row = sg_history_lower_bound(history, event->bar_time_us);
        assert_int_equal(history->time_us[row], event->bar_time_us);
        if (isfinite(event->zscore))
            assert_true(event->zscore == history->column[SG_COL_ZSCORE][row]);
        undefined += !isfinite(event->zscore) || (history->flags[row] & SG_ROW_STALE) != 0;
        if (!cleared) {
            assert_non_null(strstr(event->detail, event->side == SG_SIGNAL_OVERBOUGHT ? "A is dear against B: z +" : "A is cheap against B: z \u2212"));
            assert_true(event->grade == SG_GRADE_UNDEFINED || row >= 99);
            continue;
        }
        assert_int_equal(event->side, before->side);
        assert_int_equal(event->duration_us, event->time_us - before->time_us);
        double peak = 0;
        for (size_t k = sg_history_lower_bound(history, before->bar_time_us); k < row; k++)
            peak = fmax(peak, (event->side == SG_SIGNAL_OVERBOUGHT ? 1 : -1) * history->column[SG_COL_ZSCORE][k]);
        assert_true(fabs(event->peak) == peak);
        assert_true((event->peak > 0) == (event->side == SG_SIGNAL_OVERBOUGHT));
        assert_non_null(strstr(event->detail, "is no longer "));
    }
    assert_true(undefined < run.alerts->len / 4);
    run_end(&run);
    g_array_free(records, TRUE);
}

/* Settings that end an alert, or begin one: that is told too, or a log would have alerts without an end. */
static void test_settings_that_change_an_alert(void **state)
{
    (void)state;
    GArray *records = records_make(42, 300, FALSE);
    struct run run;
    run_start(&run, SG_INTERVAL_1S, 20, records->len + 1);
    run_feed(&run, records, 30, 4);
    struct sg_pair_params near = params_with(20), far = params_with(20);
    near.entry = near.exit = 0.001;
    far.entry = far.exit = 4.0;
    assert_int_equal(sg_core_set_params(run.core, &far, NULL), SG_OK);
    assert_int_equal(run.core->track.alert.side, SG_SIGNAL_NONE);
    guint told = run.alerts->len;
    assert_int_equal(sg_core_set_params(run.core, &near, NULL), SG_OK);
    assert_int_not_equal(run.core->track.alert.side, SG_SIGNAL_NONE);
    assert_int_equal(run.alerts->len, told + 1);
    assert_int_equal(alert_at(&run, told)->code, SG_EVENT_ALERT_RAISED);
    assert_int_equal(alert_at(&run, told)->side, run.core->track.alert.side);
    assert_int_equal(sg_core_rebuild(run.core), SG_OK); /* the same alert stands: nothing is told */
    assert_int_equal(run.alerts->len, told + 1);
    assert_int_equal(sg_core_set_params(run.core, &far, NULL), SG_OK);
    assert_int_equal(run.alerts->len, told + 2);
    assert_int_equal(alert_at(&run, told + 1)->code, SG_EVENT_ALERT_CLEARED);
    assert_non_null(strstr(alert_at(&run, told + 1)->detail, "the settings were changed"));
    run_end(&run);
    g_array_free(records, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches_do_not_matter),
        cmocka_unit_test(test_stream_equals_offline),
        cmocka_unit_test(test_change_equals_fresh),
        cmocka_unit_test(test_bars_are_right),
        cmocka_unit_test(test_gap_is_told),
        cmocka_unit_test(test_backfill),
        cmocka_unit_test(test_dropped_ticks_are_told),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_forming),
        cmocka_unit_test(test_muted_says_nothing),
        cmocka_unit_test(test_alerts_are_told_whole),
        cmocka_unit_test(test_settings_that_change_an_alert),
        cmocka_unit_test(test_ids_that_do_not_add_up),
    };
    return cmocka_run_group_tests_name("engine/core", tests, NULL, NULL);
}
