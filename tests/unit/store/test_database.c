/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was committed is there after a kill; exact bars are never replaced by others; files that are no database are refused. */
#include <setjmp.h>
#include <signal.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "spreadglass/store/database.h"
#include "test_folder.h"

#define S INT64_C(1000000)
#define T0 INT64_C(1700006400000000)

static const struct sg_instrument BTC = {.symbol = "BTCUSDT", .market = SG_MARKET_SPOT}, BTC_USDM = {.symbol = "BTCUSDT", .market = SG_MARKET_USDM};

static const char *path_of(const char *name)
{
    static char paths[8][128];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static struct sg_database *open_at(const char *path, size_t queue, int64_t commit_us)
{
    struct sg_error error = {0};
    struct sg_database_config config = {.file = path, .queue_maximum = queue, .commit_us = commit_us};
    struct sg_database *database = sg_database_open(&config, &error);
    if (!database)
        print_message("%s\n", error.text);
    return database;
}

static struct sg_bar bar_at(int i, uint32_t flags)
{
    return (struct sg_bar){.time_us = T0 + i * S,
                           .open = 100 + i / 3.0,
                           .high = 200.1 + i,
                           .low = 50,
                           .close = 101 + i / 7.0,
                           .volume = SG_QTY_ONE * 1000000000 * 1000000 + i,
                           .trades = (uint32_t)i,
                           .ticks = 7,
                           .flags = flags,
                           .last_tick_us = T0 + i * S + 5};
}

static bool same_bar(const struct sg_bar *left, const struct sg_bar *right)
{
    return left->time_us == right->time_us && left->open == right->open && left->high == right->high && left->low == right->low &&
           left->close == right->close && left->volume == right->volume && left->trades == right->trades && left->ticks == right->ticks &&
           left->flags == right->flags && left->last_tick_us == right->last_tick_us;
}

static void bars_gaps_and_alerts_come_back(void **state)
{
    (void)state;
    const char *path = path_of("a.db");
    struct sg_database *database = open_at(path, 0, 0);
    assert_non_null(database);
    struct sg_bar bars[100];
    for (int i = 0; i < 100; i++)
        bars[i] = bar_at(i, i % 5 ? 0 : SG_BAR_FILLED);
    assert_int_equal(sg_database_put_bars(database, &BTC, S, bars, 100), SG_OK);
    struct sg_gap gap = {
        .leg = SG_LEG_B, .from_us = T0 + 100 * S, .to_us = INT64_MAX, .first_id = -1, .last_id = -1, .cause = SG_GAP_STALL, .state = SG_GAP_OPEN};
    assert_int_equal(sg_database_put_gap(database, &BTC, &gap), SG_OK);
    gap.to_us = T0 + 110 * S;
    gap.state = SG_GAP_FILLED;
    assert_int_equal(sg_database_put_gap(database, &BTC, &gap), SG_OK);
    struct sg_stored_alert alert = {.time_us = T0 + 50 * S, .raised = true, .side = -1, .zscore = -2.25, .pair = "BTCUSDT/ETHUSDT"};
    assert_int_equal(sg_database_put_alert(database, &alert), SG_OK);
    alert = (struct sg_stored_alert){.time_us = T0 + 60 * S, .side = -1, .zscore = (double)NAN, .pair = "BTCUSDT/ETHUSDT"};
    assert_int_equal(sg_database_put_alert(database, &alert), SG_OK);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    struct sg_database_status status;
    sg_database_status(database, &status);
    assert_int_equal(status.written, 104);
    assert_int_equal(status.waiting, 0);

    for (int round = 0; round < 2; round++) {
        struct sg_bar *read;
        size_t count;
        assert_int_equal(sg_database_bars(database, &BTC, S, INT64_MIN, INT64_MAX, 1000, &read, &count, NULL), SG_OK);
        assert_int_equal(count, 100);
        for (size_t i = 0; i < count; i++)
            assert_true(same_bar(&read[i], &bars[i]));
        free(read);
        /* The newest of a range. */
        assert_int_equal(sg_database_bars(database, &BTC, S, T0 + 10 * S, T0 + 50 * S, 7, &read, &count, NULL), SG_OK);
        assert_int_equal(count, 7);
        assert_true(same_bar(&read[0], &bars[43]));
        assert_true(same_bar(&read[6], &bars[49]));
        free(read);
        assert_int_equal(sg_database_bars(database, &BTC_USDM, S, INT64_MIN, INT64_MAX, 1000, &read, &count, NULL), SG_OK);
        assert_int_equal(count, 0);
        assert_int_equal(sg_database_bars(database, &BTC, 60 * S, INT64_MIN, INT64_MAX, 1000, &read, &count, NULL), SG_OK);
        assert_int_equal(count, 0);
        struct sg_gap *gaps;
        assert_int_equal(sg_database_gaps(database, &BTC, INT64_MIN, INT64_MAX, 10, &gaps, &count, NULL), SG_OK);
        assert_int_equal(count, 1);
        assert_true(gaps[0].to_us == gap.to_us);
        assert_true(gaps[0].state == SG_GAP_FILLED);
        assert_true(gaps[0].cause == SG_GAP_STALL);
        free(gaps);
        struct sg_stored_alert *alerts;
        assert_int_equal(sg_database_alerts(database, "BTCUSDT/ETHUSDT", INT64_MIN, INT64_MAX, 10, &alerts, &count, NULL), SG_OK);
        assert_int_equal(count, 2);
        assert_true(alerts[0].raised);
        assert_true(alerts[0].zscore == -2.25);
        assert_true(!alerts[1].raised);
        assert_true(isnan(alerts[1].zscore));
        free(alerts);
        assert_int_equal(sg_database_check(database, NULL), SG_OK);
        assert_int_equal(sg_database_close(database, NULL), SG_OK);
        database = open_at(path, 0, 0);
        assert_non_null(database);
    }
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

static struct sg_bar only_bar(struct sg_database *database)
{
    struct sg_bar *read, bar;
    size_t count;
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    assert_int_equal(sg_database_bars(database, &BTC, S, INT64_MIN, INT64_MAX, 10, &read, &count, NULL), SG_OK);
    assert_int_equal(count, 1);
    bar = read[0];
    free(read);
    return bar;
}

static void what_is_old_is_forgotten(void **state)
{
    (void)state;
    struct sg_database *database = open_at(path_of("forget.db"), 0, 0);
    assert_non_null(database);
    struct sg_bar bars[10], *read;
    for (int i = 0; i < 10; i++)
        bars[i] = bar_at(i, 0);
    assert_int_equal(sg_database_put_bars(database, &BTC, S, bars, 10), SG_OK);
    assert_int_equal(sg_database_put_bars(database, &BTC_USDM, S, bars, 10), SG_OK);
    struct sg_gap gap = {.from_us = T0, .to_us = T0 + 4 * S, .first_id = -1, .last_id = -1, .cause = SG_GAP_STALL, .state = SG_GAP_FILLED};
    assert_int_equal(sg_database_put_gap(database, &BTC, &gap), SG_OK);
    gap = (struct sg_gap){.from_us = T0 + S, .to_us = INT64_MAX, .first_id = -1, .last_id = -1, .cause = SG_GAP_DISCONNECT, .state = SG_GAP_OPEN};
    assert_int_equal(sg_database_put_gap(database, &BTC, &gap), SG_OK);
    for (int i = 0; i < 10; i += 9)
        assert_int_equal(sg_database_put_alert(
                             database, &(struct sg_stored_alert){.time_us = T0 + i * S, .raised = true, .side = 1, .zscore = 2.5, .pair = "BTCUSDT/ETHUSDT"}),
                         SG_OK);
    /* In one transaction with what comes before and after it. */
    assert_int_equal(sg_database_put_forget(database, T0 + 5 * S), SG_OK);
    assert_int_equal(sg_database_put_bars(database, &BTC, S, &bars[1], 1), SG_OK);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    size_t count;
    assert_int_equal(sg_database_bars(database, &BTC, S, INT64_MIN, INT64_MAX, 100, &read, &count, NULL), SG_OK);
    assert_int_equal(count, 6); /* 5 to 9, and the one that came afterwards */
    assert_true(same_bar(&read[0], &bars[1]));
    assert_true(same_bar(&read[1], &bars[5]));
    assert_true(same_bar(&read[5], &bars[9]));
    free(read);
    assert_int_equal(sg_database_bars(database, &BTC_USDM, S, INT64_MIN, INT64_MAX, 100, &read, &count, NULL), SG_OK);
    assert_int_equal(count, 5);
    free(read);
    struct sg_gap *gaps;
    assert_int_equal(sg_database_gaps(database, &BTC, INT64_MIN, INT64_MAX, 10, &gaps, &count, NULL), SG_OK);
    assert_int_equal(count, 1);
    assert_int_equal(gaps[0].state, SG_GAP_OPEN); /* one that lasts is not old */
    free(gaps);
    struct sg_stored_alert *alerts;
    assert_int_equal(sg_database_alerts(database, "BTCUSDT/ETHUSDT", INT64_MIN, INT64_MAX, 10, &alerts, &count, NULL), SG_OK);
    assert_int_equal(count, 1);
    assert_true(alerts[0].time_us == T0 + 9 * S);
    free(alerts);
    assert_int_equal(sg_database_check(database, NULL), SG_OK);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

static void what_is_exact_stays(void **state)
{
    (void)state;
    struct sg_database *database = open_at(path_of("exact.db"), 0, 0);
    assert_non_null(database);
    struct sg_bar bar = bar_at(0, SG_BAR_REPAIRED);
    sg_database_put_bars(database, &BTC, S, &bar, 1);
    bar.close = 150;
    bar.flags = SG_BAR_VOLUME_ESTIMATED;
    sg_database_put_bars(database, &BTC, S, &bar, 1);
    assert_true(only_bar(database).close == 101); /* what the exchange says stays where only tickers come */
    bar.close = 151;
    bar.flags = SG_BAR_AFTER_GAP;
    sg_database_put_bars(database, &BTC, S, &bar, 1);
    assert_true(only_bar(database).close == 151); /* inexact by exact */
    bar.close = 152;
    bar.flags = SG_BAR_REPAIRED;
    sg_database_put_bars(database, &BTC, S, &bar, 1);
    assert_true(only_bar(database).close == 151); /* exact stays */
    bar.close = 153;
    bar.flags = 0;
    sg_database_put_bars(database, &BTC, S, &bar, 1);
    assert_true(only_bar(database).close == 153);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

static void a_full_queue_refuses_and_counts(void **state)
{
    (void)state;
    const char *path = path_of("full.db");
    struct sg_database *database = open_at(path, 10, 3600 * S);
    assert_non_null(database);
    struct sg_bar bars[11];
    for (int i = 0; i < 11; i++)
        bars[i] = bar_at(i, 0);
    assert_int_equal(sg_database_put_bars(database, &BTC, S, bars, 11), SG_ERR_NOMEM);
    assert_int_equal(sg_database_put_bars(database, &BTC, S, bars, 8), SG_OK);
    assert_int_equal(sg_database_put_bars(database, &BTC, S, bars, 3), SG_ERR_NOMEM);
    struct sg_database_status status;
    sg_database_status(database, &status);
    assert_int_equal(status.refused, 14);
    assert_int_equal(status.waiting, 8);
    /* Closing writes what waits. */
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
    database = open_at(path, 0, 0);
    struct sg_bar *read;
    size_t count;
    assert_int_equal(sg_database_bars(database, &BTC, S, INT64_MIN, INT64_MAX, 100, &read, &count, NULL), SG_OK);
    assert_int_equal(count, 8);
    free(read);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

static void expect_refused(const char *path, enum sg_status expected, const char *reason)
{
    struct sg_error error = {0};
    struct sg_database_config config = {.file = path};
    assert_null(sg_database_open(&config, &error));
    assert_int_equal(error.status, expected);
    if (!strstr(error.text, reason))
        print_message("%s\n", error.text);
    assert_non_null(strstr(error.text, reason));
}

static void strangers_are_refused(void **state)
{
    (void)state;
    const char *path = path_of("junk.db");
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", file);
    fclose(file);
    expect_refused(path, SG_ERR_PARSE, "it is no database, or damaged");
    expect_refused("/nonexistent/x.db", SG_ERR_IO, "/nonexistent/x.db");
    path = path_of("later.db");
    sqlite3 *connection;
    assert_int_equal(sqlite3_open(path, &connection), SQLITE_OK);
    assert_int_equal(sqlite3_exec(connection, "PRAGMA user_version=99", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(connection);
    expect_refused(path, SG_ERR_UNSUPPORTED, "later version");
}

/* The child commits and says so; it is killed at any moment; everything it said is there, and the file is sound. */
static void what_was_committed_survives_a_kill(void **state)
{
    (void)state;
    const char *path = path_of("kill.db");
    int acknowledged = -1;
    srand(11);
    for (int round = 0; round < 25; round++) {
        int told[2];
        assert_int_equal(pipe(told), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(told[0]);
            struct sg_database *database = open_at(path, 0, 1000);
            for (int i = acknowledged + 1; database; i++) {
                struct sg_bar bar = bar_at(i, 0);
                if (sg_database_put_bars(database, &BTC, S, &bar, 1) != SG_OK || sg_database_sync(database, NULL) != SG_OK ||
                    write(told[1], &i, sizeof i) != sizeof i)
                    _exit(1);
            }
            _exit(2);
        }
        close(told[1]);
        int last;
        assert_int_equal(read(told[0], &last, sizeof last), sizeof last); /* it runs */
        acknowledged = last;
        nanosleep(&(struct timespec){0, (long)(rand() % 20000000)}, NULL);
        kill(child, SIGKILL);
        while (read(told[0], &last, sizeof last) == (ssize_t)sizeof last)
            acknowledged = last;
        close(told[0]);
        int result;
        waitpid(child, &result, 0);
        assert_true(WIFSIGNALED(result));
        struct sg_database *database = open_at(path, 0, 0);
        assert_non_null(database);
        assert_int_equal(sg_database_check(database, NULL), SG_OK);
        struct sg_bar *read;
        size_t count;
        assert_int_equal(sg_database_bars(database, &BTC, S, INT64_MIN, INT64_MAX, SIZE_MAX, &read, &count, NULL), SG_OK);
        assert_true(count >= (size_t)acknowledged + 1);
        for (size_t i = 0; i < count; i++) {
            struct sg_bar expected = bar_at((int)i, 0);
            assert_true(same_bar(&read[i], &expected));
        }
        acknowledged = (int)count - 1;
        free(read);
        assert_int_equal(sg_database_close(database, NULL), SG_OK);
    }
    assert_true(acknowledged > 25);
}

static void a_full_disk_is_said_and_nothing_hangs(void **state)
{
    (void)state;
    const char *path = path_of("disk.db");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct sg_database *database = open_at(path, 0, 1000);
        struct sg_bar bar = bar_at(0, 0);
        sg_database_put_bars(database, &BTC, S, &bar, 1);
        bool good = sg_database_sync(database, NULL) == SG_OK;
        signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files stands for the full disk */
        struct rlimit limit = {60000, 60000};
        setrlimit(RLIMIT_FSIZE, &limit);
        for (int i = 1; i < 5000; i++) {
            bar = bar_at(i, 0);
            sg_database_put_bars(database, &BTC, S, &bar, 1);
        }
        struct sg_error error = {0};
        good = good && sg_database_sync(database, &error) == SG_ERR_IO && strstr(error.text, "cannot be written");
        struct sg_database_status status;
        sg_database_status(database, &status);
        good = good && status.status == SG_ERR_IO;
        good = good && sg_database_close(database, &error) == SG_ERR_IO && strstr(error.text, "could not be written");
        _exit(good ? 0 : 3);
    }
    int result = 0;
    waitpid(child, &result, 0);
    assert_true(WIFEXITED(result));
    assert_int_equal(WEXITSTATUS(result), 0);
    struct sg_database *database = open_at(path, 0, 0);
    assert_non_null(database);
    assert_int_equal(sg_database_check(database, NULL), SG_OK);
    struct sg_bar *read;
    size_t count;
    assert_int_equal(sg_database_bars(database, &BTC, S, INT64_MIN, INT64_MAX, 10000, &read, &count, NULL), SG_OK);
    assert_true(count >= 1);
    free(read);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

static void *put_many(void *data)
{
    struct sg_database *database = data;
    static const struct sg_instrument other = {.symbol = "ETHUSDT"};
    for (int i = 0; i < 2000; i++) {
        struct sg_bar bar = bar_at(i, 0);
        while (sg_database_put_bars(database, &other, S, &bar, 1) != SG_OK)
            sg_database_sync(database, NULL);
    }
    return NULL;
}

static void several_threads_write_and_read(void **state)
{
    (void)state;
    struct sg_database *database = open_at(path_of("threads.db"), 500, 2000);
    assert_non_null(database);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, put_many, database), 0);
    struct sg_bar *read;
    size_t count;
    for (int i = 0; i < 2000; i++) {
        struct sg_bar bar = bar_at(i, 0);
        while (sg_database_put_bars(database, &BTC, S, &bar, 1) != SG_OK)
            sg_database_sync(database, NULL);
        if (i % 200 == 0) {
            assert_int_equal(sg_database_bars(database, &BTC, S, INT64_MIN, INT64_MAX, 10, &read, &count, NULL), SG_OK);
            free(read);
        }
    }
    pthread_join(thread, NULL);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    static const struct sg_instrument other = {.symbol = "ETHUSDT"};
    assert_int_equal(sg_database_bars(database, &other, S, INT64_MIN, INT64_MAX, 10000, &read, &count, NULL), SG_OK);
    assert_int_equal(count, 2000);
    free(read);
    assert_int_equal(sg_database_bars(database, &BTC, S, INT64_MIN, INT64_MAX, 10000, &read, &count, NULL), SG_OK);
    assert_int_equal(count, 2000);
    free(read);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

/* A bar that was put as exact turns out to miss trades: from then on a repaired one takes its place. */
static void doubted_bars_give_way(void **state)
{
    (void)state;
    struct sg_database *database = open_at(path_of("doubt.db"), 0, 0);
    assert_non_null(database);
    struct sg_bar bars[4], *read = NULL;
    for (int i = 0; i < 4; i++)
        bars[i] = bar_at(i, 0);
    assert_int_equal(sg_database_put_bars(database, &BTC, S, bars, 4), SG_OK);
    assert_int_equal(sg_database_put_doubt(database, &BTC, S, T0 + S + 1, T0 + 3 * S), SG_OK);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    size_t count = 0;
    assert_int_equal(sg_database_bars(database, &BTC, S, INT64_MIN, INT64_MAX, 10, &read, &count, NULL), SG_OK);
    assert_int_equal(count, 4);
    for (int i = 0; i < 4; i++)
        assert_int_equal(read[i].flags, i == 1 || i == 2 ? SG_BAR_INCOMPLETE : 0);
    free(read);
    struct sg_bar repaired = bar_at(1, SG_BAR_REPAIRED);
    repaired.high = 999;
    assert_int_equal(sg_database_put_bars(database, &BTC, S, &repaired, 1), SG_OK);
    repaired.time_us = bars[0].time_us;
    assert_int_equal(sg_database_put_bars(database, &BTC, S, &repaired, 1), SG_OK);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    assert_int_equal(sg_database_bars(database, &BTC, S, INT64_MIN, INT64_MAX, 10, &read, &count, NULL), SG_OK);
    assert_true(same_bar(&read[0], &bars[0]));
    assert_true(read[1].high > 998);
    assert_true(read[1].flags == SG_BAR_REPAIRED);
    free(read);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

static void it_tells_what_it_holds(void **state)
{
    (void)state;
    struct sg_error error = {0};
    struct sg_database_config config = {.file = path_of("survey.db"), .existing = true};
    assert_null(sg_database_open(&config, &error));
    assert_int_equal(error.status, SG_ERR_NOT_FOUND);
    assert_int_not_equal(access(config.file, F_OK), 0);
    struct sg_database *database = open_at(config.file, 0, 0);
    assert_non_null(database);
    struct sg_stored_series *series = NULL;
    size_t count = 1;
    assert_int_equal(sg_database_series(database, &series, &count, NULL), SG_OK);
    assert_int_equal(count, 0);
    struct sg_bar bars[3] = {bar_at(0, 0), bar_at(60, 0), bar_at(120, 0)};
    struct sg_gap gap = {.from_us = T0, .to_us = T0 + S, .first_id = -1, .last_id = -1, .cause = SG_GAP_STALL, .state = SG_GAP_OPEN};
    sg_database_put_bars(database, &BTC_USDM, S, bars, 1);
    sg_database_put_bars(database, &BTC, 60 * S, bars, 3);
    sg_database_put_gap(database, &BTC, &gap);
    gap.from_us++;
    gap.state = SG_GAP_FILLED;
    sg_database_put_gap(database, &BTC, &gap);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    assert_int_equal(sg_database_series(database, &series, &count, NULL), SG_OK);
    assert_int_equal(count, 2);
    assert_string_equal(series[0].instrument.symbol, "BTCUSDT");
    assert_int_equal(series[0].instrument.market, SG_MARKET_SPOT);
    assert_true(series[0].interval_us == 60 * S);
    assert_true(series[0].bars == 3);
    assert_true(series[0].first_us == T0);
    assert_true(series[0].last_us == T0 + 120 * S);
    assert_true(series[1].instrument.market == SG_MARKET_USDM);
    assert_true(series[1].bars == 1);
    free(series);
    struct sg_stored_trouble trouble;
    assert_int_equal(sg_database_trouble(database, &trouble, NULL), SG_OK);
    assert_int_equal(trouble.open_gaps, 1);
    assert_true(trouble.oldest_open_us > 0);
    assert_true(trouble.oldest_open_us < INT64_MAX);
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

static void another_programs_database_is_left_alone(void **state)
{
    (void)state;
    const char *path = path_of("foreign.db");
    sqlite3 *foreign = NULL;
    assert_int_equal(sqlite3_open(path, &foreign), SQLITE_OK);
    assert_int_equal(sqlite3_exec(foreign, "CREATE TABLE recipes (name TEXT)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(foreign);
    struct sg_error error = {0};
    assert_null(sg_database_open(&(struct sg_database_config){.file = path}, &error));
    assert_int_equal(error.status, SG_ERR_PARSE);
    assert_non_null(strstr(error.text, "another program"));
}

/* The newest bar of a run that has ended is settled by the next one: only what stayed so while the program went on is trouble. */
static void unsettled_bars_are_trouble_only_when_the_program_went_on(void **state)
{
    (void)state;
    struct sg_database *database = open_at(path_of("settling.db"), 0, 0);
    assert_non_null(database);
    const struct {
        int64_t interval_us, at_s;
        uint32_t flags;
    } bars[] = {{60 * S, 0, SG_BAR_UNSETTLED},
                {60 * S, 3600, SG_BAR_UNSETTLED},
                {60 * S, 3840, SG_BAR_UNSETTLED},
                {60 * S, 3900, 0},
                {3600 * S, -3600, SG_BAR_UNSETTLED},
                {3600 * S, 0, SG_BAR_UNSETTLED},
                {300 * S, 3300, SG_BAR_UNSETTLED | SG_BAR_INCOMPLETE},
                {300 * S, 3600, SG_BAR_UNSETTLED}};
    for (size_t i = 0; i < sizeof bars / sizeof *bars; i++) {
        struct sg_bar bar = bar_at((int)bars[i].at_s, bars[i].flags);
        bar.trades = 1;
        assert_int_equal(sg_database_put_bars(database, &BTC, bars[i].interval_us, &bar, 1), SG_OK);
    }
    /* Another instrument that went on says nothing about this one. */
    struct sg_bar later = bar_at(90000, 0);
    assert_int_equal(sg_database_put_bars(database, &BTC_USDM, 60 * S, &later, 1), SG_OK);
    assert_int_equal(sg_database_sync(database, NULL), SG_OK);
    struct sg_stored_trouble trouble;
    assert_int_equal(sg_database_trouble(database, &trouble, NULL), SG_OK);
    assert_int_equal(trouble.incomplete, 1);
    assert_true(trouble.oldest_open_us == INT64_MAX);
    assert_int_equal(trouble.unsettled, 4); /* the minutes at 0 and 3,600 s, both hours: 3,960 s were watched */
    assert_int_equal(trouble.settling, 2);  /* the minute at 3,840 s, the five at 3,600 s */
    assert_int_equal(sg_database_close(database, NULL), SG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_gaps_and_alerts_come_back),
        cmocka_unit_test(what_is_old_is_forgotten),
        cmocka_unit_test(what_is_exact_stays),
        cmocka_unit_test(a_full_queue_refuses_and_counts),
        cmocka_unit_test(strangers_are_refused),
        cmocka_unit_test(what_was_committed_survives_a_kill),
        cmocka_unit_test(a_full_disk_is_said_and_nothing_hangs),
        cmocka_unit_test(several_threads_write_and_read),
        cmocka_unit_test(doubted_bars_give_way),
        cmocka_unit_test(it_tells_what_it_holds),
        cmocka_unit_test(unsettled_bars_are_trouble_only_when_the_program_went_on),
        cmocka_unit_test(another_programs_database_is_left_alone),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
