/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The database from inside: a queue, a writer thread with its own connection, and a connection for reading. */
#include <pthread.h>
#include <sqlite3.h>
#include "spreadglass/store/database.h"

#define DATABASE_VERSION 3

enum record_kind {
    RECORD_BAR,
    RECORD_GAP,
    RECORD_ALERT,
    RECORD_DOUBT,
    RECORD_IDS,
    RECORD_FORGET,
    RECORD_REPLACEMENT /* a bar that a person wants whatever is there */
};

struct record {
    enum record_kind kind;
    struct sg_instrument instrument;
    int64_t interval_us;
    union {
        struct sg_bar bar;
        struct sg_gap gap;
        struct sg_stored_alert alert;
        struct sg_stored_ids ids;
        int64_t forget_us;
        struct {
            int64_t from_us, to_us;
        } doubt;
    };
};

struct record_queue {
    struct record *records;
    size_t length, capacity;
};

struct sg_database {
    char *file;
    int64_t commit_us;
    size_t maximum;
    pthread_t thread;

    pthread_mutex_t lock; /* {database}: guards this paragraph */
    pthread_cond_t changed;
    struct record_queue queue; /* what waits for the writer */
    uint64_t put, committed;   /* records taken into the queue, and written, ever */
    uint64_t attempts;         /* transactions tried */
    size_t syncing;            /* callers that wait in sync */
    bool stopping, patient;
    bool tried; /* to open it, once at least */
    uint64_t lost;
    struct sg_database_status status;

    sqlite3 *writer;           /* the writer thread's */
    pthread_mutex_t read_lock; /* {reader}: reader */
    sqlite3 *reader;           /* NULL: not open yet */

    pthread_mutex_t lease_lock; /* {leases}: guards this paragraph */
    int lease_file;             /* -1: not opened yet */
    struct lease *leases;
    size_t lease_count;
};

#define DATABASE_BUSY_MS 5000 /* longest wait for another program's transaction */

/* Opens a connection with what every connection needs; NULL with error. Waits for another program for busy_ms at most. */
sqlite3 *sg_database_connect(const char *file, bool create, int busy_ms, struct sg_error *error);
/* Before reading: takes the lock. False with error, and unlocked: it is not open yet. */
bool sg_database_lock_reader(struct sg_database *database, struct sg_error *error);
void sg_database_free_leases(struct sg_database *database);
/* Makes the tables, or refuses what is of a later version. */
enum sg_status sg_database_prepare(sqlite3 *connection, const char *file, struct sg_error *error);
/* The fields that sg_database_gaps and its like read, in their order. */
#define DATABASE_GAP_FIELDS "from_us, cause, to_us, first_id, last_id, state"
/* Gaps of a bound statement that gives the newest first. Locked. */
enum sg_status sg_database_collect_gaps(struct sg_database *database, sqlite3_stmt *statement, size_t maximum, struct sg_gap **ret_gaps, size_t *ret_count,
                                        struct sg_error *error);
/* One transaction. On failure nothing of it is written. */
enum sg_status sg_database_write(sqlite3 *connection, const struct record *records, size_t count, struct sg_error *error);
