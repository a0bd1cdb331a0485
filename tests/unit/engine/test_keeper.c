/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session hands to the database, and what the next one begins with. */
#include <setjmp.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <glib/gstdio.h>
#include "fixture.h"
#include "records.h"
#include "fake_source.h"
#include "../../../src/engine/keeper_private.h"
#include "spreadglass/store/database.h"
#include "test_folder.h"

#define SECONDS 900
#define HOUR_US INT64_C(3600000000)

struct news {
    guint raised, cleared;
    GString *errors;
};

static void event_cb(SgSession *session, const SgSessionEvent *event, struct news *news)
{
    (void)session;
    news->raised += event->code == SG_EVENT_ALERT_RAISED;
    news->cleared += event->code == SG_EVENT_ALERT_CLEARED;
    if (event->code == SG_EVENT_ERROR)
        g_string_append_printf(news->errors, "%s\n", event->detail);
}

static struct sg_database *database_open(const char *name, size_t queue)
{
    char file[96];
    struct sg_error error = {0};
    snprintf(file, sizeof file, "%s/%s.db", folder, name);
    struct sg_database *database = sg_database_open(&(struct sg_database_config){.file = file, .commit_us = 1000, .queue_maximum = queue}, &error);
    if (!database)
        fail_msg("%s", error.text);
    return database;
}

static SgSession *session_new(struct sg_database *database, enum sg_interval interval, struct news *news)
{
    fake_plan.records = NULL;
    fake_plan.is_recording = FALSE;
    fake_plan.fails = FALSE;
    struct sg_session_config config = {
        .source = SG_SOURCE_BINANCE, .legs = {{.symbol = "AAA"}, {.symbol = "BBB", .market = SG_MARKET_USDM}}, .interval = interval, .database = database};
    sg_pair_params_default(&config.params);
    config.params.window = 5;
    config.params.entry = config.params.exit = 0.5;
    GError *error = NULL;
    SgSession *session = open_session(sg_session_new_with_source(&config, fake_maker, &error));
    assert_null(error);
    *news = (struct news){.errors = g_string_new(NULL)};
    g_signal_connect(session, "event", G_CALLBACK(event_cb), news);
    return session;
}

/* The records, `later_us` after their own time, as one batch. */
static void ingest(SgSession *session, GArray *records, int64_t later_us)
{
    for (guint i = 0; i < records->len; i++) {
        struct record *record = &g_array_index(records, struct record, i);
        record->event.recv_us += later_us;
        record->tick.recv_us += later_us;
        record->tick.event_us += later_us;
        record->tick.time_us += later_us;
    }
    struct sg_tick_batch batch = {.ticks = g_new0(struct sg_tick, records->len),
                                  .tick_capacity = records->len,
                                  .events = g_new0(struct sg_feed_event, records->len),
                                  .event_after = g_new0(size_t, records->len),
                                  .event_capacity = records->len};
    records_batch(records, 0, records->len, FALSE, &batch);
    sg_session_ingest_batch(session, &batch);
    g_free(batch.ticks);
    g_free(batch.events);
    g_free(batch.event_after);
}

static void session_free(SgSession *session, struct news *news)
{
    g_object_unref(session);
    g_string_free(news->errors, TRUE);
}

static void assert_kept(struct sg_database *database, SgSession *session, enum sg_interval interval, size_t least)
{
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        const struct sg_bar_store *bars = &session->engine->core->bars[interval][leg];
        struct sg_bar *kept = NULL;
        size_t count = 0;
        assert_int_equal(sg_database_bars(database, &session->config.legs[leg], sg_interval_us(interval), 0, INT64_MAX, 1000000, &kept, &count, NULL), SG_OK);
        assert_true(count >= least);
        assert_int_equal(count, bars->length);
        for (size_t i = 0; i < count; i++) {
            const struct sg_bar *own = sg_bar_store_at(bars, i);
            assert_int_equal(kept[i].time_us, own->time_us);
            assert_true(kept[i].open == own->open);
            assert_true(kept[i].high == own->high);
            assert_true(kept[i].low == own->low);
            assert_true(kept[i].close == own->close);
            assert_true(kept[i].volume == own->volume);
            assert_true(kept[i].flags == own->flags);
        }
        free(kept);
    }
}

/* Bars of minutes and up, gaps and alerts are kept as the session has them; seconds are not. */
static void test_what_is_kept(void **state)
{
    (void)state;
    struct news news;
    struct sg_database *database = database_open("kept", 0);
    SgSession *session = session_new(database, SG_INTERVAL_1S, &news);
    GArray *records = records_make(3, SECONDS, TRUE);
    ingest(session, records, 0);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    assert_kept(database, session, SG_INTERVAL_1M, 1); /* few minutes are whole in so much trouble */
    assert_kept(database, session, SG_INTERVAL_5M, 0);
    struct sg_bar *seconds = NULL;
    size_t count = 1;
    assert_int_equal(sg_database_bars(database, &session->config.legs[0], SG_US_PER_S, 0, INT64_MAX, 10, &seconds, &count, NULL), SG_OK);
    assert_int_equal(count, 0);
    free(seconds);

    size_t gaps = 0, in_ledger = 0;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        struct sg_gap *kept = NULL;
        assert_int_equal(sg_database_gaps(database, &session->config.legs[leg], 0, INT64_MAX, 1000, &kept, &count, NULL), SG_OK);
        gaps += count;
        free(kept);
    }
    for (size_t i = 0; i < session->engine->core->gaps.length; i++)
        in_ledger += session->engine->core->gaps.gaps[i].to_us != INT64_MAX;
    assert_true(in_ledger > 0);
    assert_true(gaps > 0);
    assert_true(gaps <= in_ledger + session->engine->core->gaps.length);

    struct sg_stored_alert *alerts = NULL;
    assert_int_equal(sg_database_alerts(database, "AAA/usdm:BBB", 0, INT64_MAX, 100000, &alerts, &count, NULL), SG_OK);
    assert_true(news.raised > 0);
    assert_int_equal(count, news.raised + news.cleared);
    free(alerts);
    assert_string_equal(news.errors->str, "");
    g_array_unref(records);
    session_free(session, &news);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

/* The next session begins with the kept bars, and what nobody watched between the two is a gap of its own cause. */
static void test_next_session_begins_with_it(void **state)
{
    (void)state;
    struct news news;
    struct sg_database *database = database_open("again", 0);
    SgSession *session = session_new(database, SG_INTERVAL_1M, &news);
    GArray *records = records_make(5, SECONDS, FALSE);
    ingest(session, records, 0);
    size_t rows = session->engine->core->track.history.length;
    assert_true(rows >= 10);
    session_free(session, &news);
    g_array_unref(records);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);

    session = session_new(database, SG_INTERVAL_1M, &news);
    assert_int_equal(session->engine->core->track.history.length, rows);
    records = records_make(5, 200, FALSE);
    ingest(session, records, HOUR_US);
    assert_true(session->engine->core->track.history.length > rows);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        struct sg_gap *gaps = NULL;
        size_t count = 0, not_running = 0;
        assert_int_equal(sg_database_gaps(database, &session->config.legs[leg], 0, INT64_MAX, 1000, &gaps, &count, NULL), SG_OK);
        for (size_t i = 0; i < count; i++)
            not_running += gaps[i].cause == SG_GAP_NOT_RUNNING && gaps[i].to_us == FIXTURE_START_US + HOUR_US;
        assert_int_equal(not_running, 1);
        free(gaps);
    }
    g_array_unref(records);
    session_free(session, &news);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

/* Flat bars of [from, to), as the exchange would tell them. */
static void give(SgSession *session, enum sg_interval interval, int64_t from_us, int64_t to_us)
{
    int64_t length_us = sg_interval_us(interval);
    from_us -= from_us % length_us;
    size_t count = (size_t)((to_us - from_us) / length_us), added;
    struct sg_bar *bars = g_new0(struct sg_bar, count);
    for (size_t i = 0; i < count; i++)
        bars[i] = (struct sg_bar){.time_us = from_us + (int64_t)i * length_us, .open = 1, .high = 1, .low = 1, .close = 1, .flags = SG_BAR_REPAIRED};
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        assert_int_equal(sg_core_backfill(session->engine->core, interval, (enum sg_leg)leg, bars, count, from_us, to_us, &added), SG_OK);
    g_free(bars);
}

static size_t count_open(struct sg_database *database, SgSession *session)
{
    struct sg_gap *gaps = NULL;
    size_t count = 0;
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    assert_int_equal(sg_database_open_gaps(database, &session->config.legs[SG_LEG_A], 1000, &gaps, &count, NULL), SG_OK);
    free(gaps);
    return count;
}

/* The first run ended before any bar was over, and had listed what it lacked by then: that is not filled for want of bars that could lack it. */
static void test_a_gap_without_a_bar_stays_open(void **state)
{
    (void)state;
    struct news news;
    struct sg_database *database = database_open("gaponly", 0);
    SgSession *session = session_new(database, SG_INTERVAL_1M, &news);
    const struct sg_gap gap = {SG_LEG_A, FIXTURE_START_US - 90 * SG_US_PER_S, FIXTURE_START_US - 80 * SG_US_PER_S, -1, -1, SG_GAP_LATE, SG_GAP_OPEN};
    assert_int_equal(sg_database_put_gap(database, &session->config.legs[SG_LEG_A], &gap), SG_OK);
    session_free(session, &news);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    session = session_new(database, SG_INTERVAL_1M, &news);
    GArray *records = records_make(5, SECONDS, FALSE);
    ingest(session, records, HOUR_US);
    assert_int_equal(session->engine->core->kept_from_us[SG_INTERVAL_1M][SG_LEG_A], (gap.from_us - gap.from_us % (60 * SG_US_PER_S)));
    assert_true(count_open(database, session) >= 2); /* it, and the time since */
    g_array_unref(records);
    session_free(session, &news);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

/* No hour ended while the first run watched: the hours between the two are missing all the same, and the gap is filled only with them. */
static void test_downtime_counts_for_series_without_a_bar(void **state)
{
    (void)state;
    struct news news;
    struct sg_database *database = database_open("nobars", 0);
    SgSession *session = session_new(database, SG_INTERVAL_1M, &news);
    GArray *records = records_make(5, SECONDS, FALSE);
    ingest(session, records, 0);
    assert_int_equal(session->engine->core->bars[SG_INTERVAL_1H][SG_LEG_A].length, 0);
    int64_t ended_us = session->engine->core->closed_until_us[SG_INTERVAL_1M];
    session_free(session, &news);
    g_array_unref(records);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);

    session = session_new(database, SG_INTERVAL_1M, &news);
    records = records_make(5, 200, FALSE);
    ingest(session, records, 3 * HOUR_US);
    int64_t begun_us = session->engine->core->first_tick_us;
    assert_int_equal(session->engine->core->kept_from_us[SG_INTERVAL_1H][SG_LEG_A], (ended_us - SG_US_PER_S) / HOUR_US * HOUR_US);
    for (int i = SG_INTERVAL_1M; i < SG_INTERVAL_COUNT; i++) {
        if (i != SG_INTERVAL_1H)
            give(session, (enum sg_interval)i, FIXTURE_START_US, begun_us + (i == SG_INTERVAL_1M ? SG_US_PER_S * 60 : 0));
    }
    assert_true(count_open(database, session) > 0);
    give(session, SG_INTERVAL_1H, FIXTURE_START_US, begun_us);
    assert_int_equal(count_open(database, session), 0);
    g_array_unref(records);
    session_free(session, &news);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

static size_t count_bars(struct sg_database *database, SgSession *session, enum sg_interval interval)
{
    size_t total = 0;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        struct sg_bar *bars = NULL;
        size_t count = 0;
        assert_int_equal(sg_database_bars(database, &session->config.legs[leg], sg_interval_us(interval), 0, INT64_MAX, 1000000, &bars, &count, NULL), SG_OK);
        total += count;
        free(bars);
    }
    return total;
}

/* Looks, a second apart, until so many minutes are kept of both legs. */
static void look_until(struct sg_database *database, SgSession *session, size_t wanted)
{
    for (int i = 0; i < 30 && (sg_database_sync(database, NULL) != SG_OK || count_bars(database, session, SG_INTERVAL_1M) < wanted); i++) {
        g_usleep(1010000); /* it looks once a second */
        sg_keeper_look(session->engine->keeper);
    }
    assert_int_equal(count_bars(database, session, SG_INTERVAL_1M), wanted);
}

static size_t minutes_of(SgSession *session)
{
    return session->engine->core->bars[SG_INTERVAL_1M][SG_LEG_A].length + session->engine->core->bars[SG_INTERVAL_1M][SG_LEG_B].length;
}

static void ingest_minutes(SgSession *session)
{
    GArray *records = records_make(5, SECONDS, FALSE);
    ingest(session, records, 0);
    g_array_unref(records);
    assert_true(minutes_of(session) > 20);
}

/* A queue that is full refuses; what it refused is still in memory, and handed over when there is room. */
static void test_what_finds_no_room_is_handed_over_later(void **state)
{
    (void)state;
    struct news news;
    struct sg_database *database = database_open("full", 12);
    SgSession *session = session_new(database, SG_INTERVAL_1M, &news);
    ingest_minutes(session);
    struct sg_database_status status;
    sg_database_status(database, &status);
    assert_true(status.refused > 0);
    look_until(database, session, minutes_of(session));
    session_free(session, &news);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

/* What never finds room is a loss that the end of the run says. */
static void test_what_is_never_kept_is_said_at_the_end(void **state)
{
    (void)state;
    struct news news;
    struct sg_error error = {0};
    struct sg_database *database = database_open("lost", 3);
    SgSession *session = session_new(database, SG_INTERVAL_1M, &news);
    ingest_minutes(session);
    session_free(session, &news);
    assert_int_equal(sg_database_close(database, &error), SG_ERR_IO);
    assert_non_null(strstr(error.text, "could not be written"));
}

/* Of two programs one keeps; the other one says that it reads, writes nothing, and takes over with all that it saw when the first one has ended. */
static void test_one_keeps_and_the_other_takes_over(void **state)
{
    (void)state;
    struct news news, other_news;
    struct sg_database *database = database_open("lease", 0), *other = database_open("lease", 0);
    SgSession *session = session_new(database, SG_INTERVAL_1M, &news), *reader = session_new(other, SG_INTERVAL_1M, &other_news);
    ingest_minutes(reader);
    sg_keeper_look(reader->engine->keeper);
    assert_non_null(strstr(other_news.errors->str, "AAA and usdm:BBB are kept by another program"));
    assert_non_null(strstr(sg_keeper_state(reader->engine->keeper), "only reads"));
    assert_int_equal(sg_database_sync(other, NULL), SG_OK);
    assert_int_equal(count_bars(other, reader, SG_INTERVAL_1M), 0);
    sg_keeper_look(session->engine->keeper);
    assert_string_equal(news.errors->str, "");
    assert_string_equal(sg_keeper_state(session->engine->keeper), "");
    session_free(session, &news); /* another pair, in the same program: what it kept is free for others */
    look_until(other, reader, minutes_of(reader));
    assert_non_null(strstr(other_news.errors->str, "AAA and usdm:BBB are kept by this program from now on"));
    assert_string_equal(sg_keeper_state(reader->engine->keeper), "");
    session_free(reader, &other_news);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
    assert_int_equal(sg_database_close(other, NULL), SG_OK);
}

/* A file that cannot be opened at start: the session runs, says so, and stores what it has once the file can be opened; and what was in it is there then. */
static void test_database_that_opens_late(void **state)
{
    (void)state;
    struct news news;
    char file[96], aside[96];
    struct sg_database *before = database_open("late", 0);
    SgSession *session = session_new(before, SG_INTERVAL_1M, &news);
    ingest_minutes(session);
    size_t rows = session->engine->core->track.history.length, minutes = minutes_of(session);
    session_free(session, &news);
    assert_int_equal(sg_database_close(before, NULL), SG_OK);
    g_snprintf(file, sizeof file, "%s/late.db", folder);
    g_snprintf(aside, sizeof aside, "%s/aside.db", folder);
    assert_int_equal(g_rename(file, aside), 0);
    assert_true(g_file_set_contents(file, "this is no database at all, whatever one makes of it", -1, NULL));

    struct sg_database *database = sg_database_open(&(struct sg_database_config){.file = file, .commit_us = 1000, .patient = true}, NULL);
    assert_non_null(database);
    session = session_new(database, SG_INTERVAL_1M, &news);
    GArray *records = records_make(5, SECONDS, FALSE);
    ingest(session, records, HOUR_US);
    g_array_unref(records);
    sg_keeper_look(session->engine->keeper);
    assert_non_null(strstr(news.errors->str, "nothing can be kept now, will be tried again"));
    assert_non_null(strstr(sg_keeper_state(session->engine->keeper), "no database"));
    size_t live = session->engine->core->track.history.length;
    assert_int_equal(g_rename(aside, file), 0);
    struct sg_database_status status = {0};
    for (int i = 0; i < 200 && !status.open; i++) {
        g_usleep(100000);
        sg_database_status(database, &status);
    }
    assert_true(status.open);
    g_usleep(1010000);
    sg_keeper_look(session->engine->keeper);
    look_until(database, session, 2 * minutes);
    assert_non_null(strstr(news.errors->str, "it can be kept again"));
    assert_string_equal(sg_keeper_state(session->engine->keeper), "");
    assert_int_equal(session->engine->core->track.history.length, rows + live);
    struct sg_gap *gaps = NULL;
    size_t count = 0, not_running = 0;
    assert_int_equal(sg_database_gaps(database, &session->config.legs[0], 0, INT64_MAX, 1000, &gaps, &count, NULL), SG_OK);
    for (size_t i = 0; i < count; i++) /* the downtime; what its first minute lacked before its first second is another one */
        not_running += gaps[i].cause == SG_GAP_NOT_RUNNING && gaps[i].to_us - gaps[i].from_us > HOUR_US / 2;
    assert_int_equal(not_running, 1);
    free(gaps);
    session_free(session, &news);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

static void add_trade(GArray *records, enum sg_leg leg, int64_t ms, int64_t id)
{
    int64_t at = FIXTURE_START_US + ms * 1000;
    struct record record = {.tick = {.event_us = at,
                                     .time_us = at,
                                     .recv_us = at - RECORDS_SKEW_US,
                                     .price = 100,
                                     .quantity = 1,
                                     .id = id,
                                     .trades = 1,
                                     .leg = (uint8_t)leg,
                                     .kind = SG_TICK_TRADE}};
    g_array_append_val(records, record);
}

/* An outage before a leg's first bar lets its account of trade ids begin anew; the one before it must not stay behind in the database. */
static void test_account_of_ids_is_kept_from_the_first_bar_on(void **state)
{
    (void)state;
    struct news news;
    struct sg_stored_ids *kept = NULL;
    size_t count = 1;
    struct sg_database *database = database_open("ids", 0);
    SgSession *session = session_new(database, SG_INTERVAL_1M, &news);
    GArray *records = g_array_new(FALSE, TRUE, sizeof(struct record));
    records_event(records, FIXTURE_START_US - RECORDS_SKEW_US + 100, SG_EVENT_SUBSCRIBED, -1);
    add_trade(records, SG_LEG_A, 200, 50);
    add_trade(records, SG_LEG_B, 300, 70);
    ingest(session, records, 0);
    sg_keeper_look(session->engine->keeper);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    assert_int_equal(sg_database_ids(database, &kept, &count, NULL), SG_OK);
    assert_int_equal(count, 0);
    free(kept);

    g_array_set_size(records, 0);
    records_event(records, FIXTURE_START_US - RECORDS_SKEW_US + 400000, SG_EVENT_DISCONNECTED, -1);
    records_event(records, FIXTURE_START_US - RECORDS_SKEW_US + 600000, SG_EVENT_SUBSCRIBED, -1);
    for (int64_t i = 0; i < 10; i++) {
        add_trade(records, SG_LEG_A, 700 + i * 1000, 60 + i);
        add_trade(records, SG_LEG_B, 800 + i * 1000, 90 + i);
    }
    ingest(session, records, 0);
    g_array_unref(records);
    session_free(session, &news); /* has the last word */
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    assert_int_equal(sg_database_ids(database, &kept, &count, NULL), SG_OK);
    assert_int_equal(count, SG_LEG_COUNT);
    for (size_t i = 0; i < count; i++) {
        bool is_a = kept[i].instrument.market == SG_MARKET_SPOT; /* BBB is a future */
        assert_int_equal(kept[i].first_id, is_a ? 60 : 90);
        assert_int_equal(kept[i].since_us, FIXTURE_START_US + (is_a ? 700 : 800) * 1000);
        assert_int_equal(kept[i].seen, 10);
        assert_true(kept[i].adds_up);
    }
    free(kept);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_kept),
        cmocka_unit_test(test_next_session_begins_with_it),
        cmocka_unit_test(test_downtime_counts_for_series_without_a_bar),
        cmocka_unit_test(test_a_gap_without_a_bar_stays_open),
        cmocka_unit_test(test_what_finds_no_room_is_handed_over_later),
        cmocka_unit_test(test_what_is_never_kept_is_said_at_the_end),
        cmocka_unit_test(test_one_keeps_and_the_other_takes_over),
        cmocka_unit_test(test_database_that_opens_late),
        cmocka_unit_test(test_account_of_ids_is_kept_from_the_first_bar_on),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
