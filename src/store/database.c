/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue and the writer thread. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "database_private.h"
#include "spreadglass/base/clock.h"

#define COMMIT_US (SG_US_PER_S / 2)
#define QUEUE_MAXIMUM ((size_t)100000)
#define BATCH_FULL ((size_t)5000) /* so many do not wait for the time */
#define RETRY_US SG_US_PER_S
#define OPEN_RETRY_US (SG_US_PER_S / 4) /* doubled at each failure … */
#define OPEN_RETRY_MAXIMUM_US (10 * SG_US_PER_S)
#define OPEN_WAIT_US (3 * SG_US_PER_S / 10) /* so long the caller waits for the first try */
#define OPEN_BUSY_MS 1000                   /* another program's lock is waited for by trying again */

static struct timespec after(int64_t us)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    int64_t ns = time.tv_nsec + us % SG_US_PER_S * 1000;
    time.tv_sec += (time_t)(us / SG_US_PER_S + ns / 1000000000);
    time.tv_nsec = (long)(ns % 1000000000);
    return time;
}

/* Waits until there is something to write and time to write it. Locked. */
static void wait_for_work(struct sg_database *database)
{
    while (database->queue.length == 0 && !database->stopping)
        pthread_cond_wait(&database->changed, &database->lock);
    struct timespec until = after(database->commit_us);
    while (database->queue.length < BATCH_FULL && !database->stopping && database->syncing == 0)
        if (pthread_cond_timedwait(&database->changed, &database->lock, &until) != 0)
            break;
}

/* Writes `batch` until it works, or until the program wants to end. True: it is on disk. */
static bool write_batch(struct sg_database *database, const struct record_queue *batch)
{
    for (;;) {
        struct sg_error error = {0};
        enum sg_status status = sg_database_write(database->writer, batch->records, batch->length, &error);
        pthread_mutex_lock(&database->lock);
        database->attempts++;
        database->status.status = status;
        snprintf(database->status.detail, sizeof database->status.detail, "%.250s", error.text);
        if (status == SG_OK) {
            database->committed += batch->length;
            database->status.written += batch->length;
            database->status.waiting = 0; /* in one with the rest: who waited for the commit must not see it waiting still */
        }
        pthread_cond_broadcast(&database->changed);
        bool go_on = status != SG_OK && !database->stopping;
        struct timespec until = after(RETRY_US);
        while (go_on && !database->stopping && pthread_cond_timedwait(&database->changed, &database->lock, &until) == 0) {
        }
        pthread_mutex_unlock(&database->lock);
        if (!go_on)
            return status == SG_OK;
    }
}

/* The folder and those above it, for its owner alone. What goes wrong here is said by who opens the file. */
static void make_folder(const char *file)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s", file) >= sizeof path)
        return;
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(path, 0700);
        *at = '/';
    }
}

/* Both connections, or neither. Unlocked. */
static enum sg_status connect_both(struct sg_database *database, int busy_ms, struct sg_error *error)
{
    sqlite3 *writer = sg_database_connect(database->file, true, busy_ms, error), *reader = NULL;
    if (writer && sg_database_prepare(writer, database->file, error) == SG_OK &&
        (reader = sg_database_connect(database->file, false, busy_ms, error)) != NULL) {
        sqlite3_busy_timeout(writer, DATABASE_BUSY_MS);
        sqlite3_busy_timeout(reader, DATABASE_BUSY_MS);
        database->writer = writer;
        pthread_mutex_lock(&database->read_lock);
        database->reader = reader;
        pthread_mutex_unlock(&database->read_lock);
        return SG_OK;
    }
    sqlite3_close(writer);
    return error->status;
}

/* Tries until it is open, or until the program wants to end: then once more. Locked. */
static bool open_at_last(struct sg_database *database)
{
    for (int64_t wait_us = OPEN_RETRY_US; !database->status.open; wait_us = wait_us * 2 < OPEN_RETRY_MAXIMUM_US ? wait_us * 2 : OPEN_RETRY_MAXIMUM_US) {
        bool last = database->stopping;
        struct sg_error error = {0};
        pthread_mutex_unlock(&database->lock);
        make_folder(database->file);
        enum sg_status status = connect_both(database, OPEN_BUSY_MS, &error);
        pthread_mutex_lock(&database->lock);
        database->attempts++;
        database->tried = true;
        database->status.open = status == SG_OK;
        database->status.status = status;
        snprintf(database->status.detail, sizeof database->status.detail, "%.250s", error.text);
        pthread_cond_broadcast(&database->changed);
        if (last)
            break;
        struct timespec until = after(wait_us);
        while (status != SG_OK && !database->stopping && pthread_cond_timedwait(&database->changed, &database->lock, &until) == 0) {
        }
    }
    return database->status.open;
}

static void *run(void *data)
{
    struct sg_database *database = data;
    struct record_queue batch = {0};
    pthread_mutex_lock(&database->lock);
    bool good = open_at_last(database);
    while (good) {
        wait_for_work(database);
        if (database->queue.length == 0)
            break;
        struct record_queue full = database->queue;
        database->queue = batch; /* the memory of the batch before, to be filled anew */
        database->queue.length = 0;
        batch = full;
        database->status.waiting = batch.length;
        pthread_mutex_unlock(&database->lock);
        good = write_batch(database, &batch);
        pthread_mutex_lock(&database->lock);
        database->status.waiting = 0;
    }
    pthread_mutex_unlock(&database->lock);
    free(batch.records);
    return NULL;
}

bool sg_database_lock_reader(struct sg_database *database, struct sg_error *error)
{
    pthread_mutex_lock(&database->read_lock);
    if (database->reader)
        return true;
    pthread_mutex_unlock(&database->read_lock);
    sg_fail(error, SG_ERR_IO, "%s: it is not open yet", database->file);
    return false;
}

static void destroy(struct sg_database *database)
{
    sqlite3_close(database->reader);
    sqlite3_close(database->writer);
    sg_database_free_leases(database);
    pthread_mutex_destroy(&database->lease_lock);
    pthread_cond_destroy(&database->changed);
    pthread_mutex_destroy(&database->lock);
    pthread_mutex_destroy(&database->read_lock);
    free(database->queue.records);
    free(database->file);
    free(database);
}

struct sg_database *sg_database_open(const struct sg_database_config *config, struct sg_error *error)
{
    if (config->existing && access(config->file, F_OK) != 0) {
        sg_fail(error, errno == ENOENT ? SG_ERR_NOT_FOUND : SG_ERR_IO, "%.250s: %s", config->file, strerror(errno));
        return NULL;
    }
    struct sg_database *database = calloc(1, sizeof *database);
    char *file = strdup(config->file);
    if (!database || !file) {
        free(database);
        free(file);
        sg_fail(error, SG_ERR_NOMEM, "no memory for the database");
        return NULL;
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&database->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&database->lock, NULL);
    pthread_mutex_init(&database->read_lock, NULL);
    pthread_mutex_init(&database->lease_lock, NULL);
    database->lease_file = -1;
    database->file = file;
    database->commit_us = config->commit_us > 0 ? config->commit_us : COMMIT_US;
    database->maximum = config->queue_maximum > 0 ? config->queue_maximum : QUEUE_MAXIMUM;
    database->patient = config->patient;
    struct sg_error reason = {0};
    bool good = config->patient || connect_both(database, DATABASE_BUSY_MS, &reason) == SG_OK;
    database->status.open = database->reader != NULL;
    if (!good)
        sg_fail(error, reason.status, "%s", reason.text);
    if (good && pthread_create(&database->thread, NULL, run, database) != 0) {
        sg_fail(error, SG_ERR_NOMEM, "the database's thread could not be started");
        good = false;
    }
    if (!good) {
        destroy(database);
        return NULL;
    }
    struct timespec until = after(OPEN_WAIT_US);
    pthread_mutex_lock(&database->lock);
    while (!database->status.open && !database->tried && pthread_cond_timedwait(&database->changed, &database->lock, &until) == 0) {
    }
    pthread_mutex_unlock(&database->lock);
    return database;
}

/* Why not all that was put is on disk; SG_OK: it is. The thread has ended. */
static enum sg_status account(const struct sg_database *database, struct sg_error *error)
{
    uint64_t missing = database->put - database->committed + database->lost;
    if (!database->status.open)
        return sg_fail(error, SG_ERR_IO, "nothing was kept (%llu records): %s", (unsigned long long)missing, database->status.detail);
    if (missing > 0)
        return sg_fail(error, SG_ERR_IO, "%.120s: %llu records could not be written: %s", database->file, (unsigned long long)missing,
                       database->status.status != SG_OK ? database->status.detail : "there was no room for them while it could not be written");
    return SG_OK;
}

enum sg_status sg_database_close(struct sg_database *database, struct sg_error *error)
{
    if (!database)
        return SG_OK;
    pthread_mutex_lock(&database->lock);
    database->stopping = true;
    pthread_cond_broadcast(&database->changed);
    pthread_mutex_unlock(&database->lock);
    pthread_join(database->thread, NULL);
    enum sg_status status = account(database, error);
    destroy(database);
    return status;
}

/* Room for `count` more records, locked; NULL when the queue is full. */
static struct record *reserve(struct sg_database *database, size_t count)
{
    struct record_queue *queue = &database->queue;
    size_t used = queue->length + database->status.waiting;
    if (count > database->maximum || used > database->maximum - count)
        return NULL;
    if (queue->length + count > queue->capacity) {
        size_t capacity = queue->capacity ? queue->capacity * 2 : 64;
        while (capacity < queue->length + count)
            capacity *= 2;
        struct record *grown = realloc(queue->records, capacity * sizeof *grown);
        if (!grown)
            return NULL;
        queue->records = grown;
        queue->capacity = capacity;
    }
    return queue->records + queue->length;
}

/* Ends a put that began with the lock taken. */
static enum sg_status settle(struct sg_database *database, bool taken, size_t count)
{
    if (taken) {
        bool first = database->queue.length == 0;
        database->queue.length += count;
        database->put += count;
        if (first || database->queue.length >= BATCH_FULL)
            pthread_cond_broadcast(&database->changed);
    } else {
        database->status.refused += count;
    }
    pthread_mutex_unlock(&database->lock);
    return taken ? SG_OK : SG_ERR_NOMEM;
}

enum sg_status sg_database_put_bars(struct sg_database *database, const struct sg_instrument *instrument, int64_t interval_us, const struct sg_bar *bars,
                                    size_t count)
{
    pthread_mutex_lock(&database->lock);
    struct record *records = reserve(database, count);
    for (size_t i = 0; records && i < count; i++)
        records[i] = (struct record){.kind = RECORD_BAR, .instrument = *instrument, .interval_us = interval_us, .bar = bars[i]};
    return settle(database, records != NULL, count);
}

enum sg_status sg_database_put_replacements(struct sg_database *database, const struct sg_instrument *instrument, int64_t interval_us,
                                            const struct sg_bar *bars, size_t count)
{
    pthread_mutex_lock(&database->lock);
    struct record *records = reserve(database, count);
    for (size_t i = 0; records && i < count; i++)
        records[i] = (struct record){.kind = RECORD_REPLACEMENT, .instrument = *instrument, .interval_us = interval_us, .bar = bars[i]};
    return settle(database, records != NULL, count);
}

enum sg_status sg_database_put_doubt(struct sg_database *database, const struct sg_instrument *instrument, int64_t interval_us, int64_t from_us, int64_t to_us)
{
    pthread_mutex_lock(&database->lock);
    struct record *record = reserve(database, 1);
    if (record)
        *record = (struct record){.kind = RECORD_DOUBT, .instrument = *instrument, .interval_us = interval_us, .doubt = {from_us, to_us}};
    return settle(database, record != NULL, 1);
}

enum sg_status sg_database_put_gap(struct sg_database *database, const struct sg_instrument *instrument, const struct sg_gap *gap)
{
    pthread_mutex_lock(&database->lock);
    struct record *record = reserve(database, 1);
    if (record)
        *record = (struct record){.kind = RECORD_GAP, .instrument = *instrument, .gap = *gap};
    return settle(database, record != NULL, 1);
}

enum sg_status sg_database_put_ids(struct sg_database *database, const struct sg_stored_ids *ids)
{
    pthread_mutex_lock(&database->lock);
    struct record *record = reserve(database, 1);
    if (record)
        *record = (struct record){.kind = RECORD_IDS, .instrument = ids->instrument, .ids = *ids};
    return settle(database, record != NULL, 1);
}

enum sg_status sg_database_put_alert(struct sg_database *database, const struct sg_stored_alert *alert)
{
    pthread_mutex_lock(&database->lock);
    struct record *record = reserve(database, 1);
    if (record)
        *record = (struct record){.kind = RECORD_ALERT, .alert = *alert};
    return settle(database, record != NULL, 1);
}

enum sg_status sg_database_put_forget(struct sg_database *database, int64_t before_us)
{
    pthread_mutex_lock(&database->lock);
    struct record *record = reserve(database, 1);
    if (record)
        *record = (struct record){.kind = RECORD_FORGET, .forget_us = before_us};
    return settle(database, record != NULL, 1);
}

enum sg_status sg_database_sync(struct sg_database *database, struct sg_error *error)
{
    pthread_mutex_lock(&database->lock);
    uint64_t wanted = database->put, attempts = database->attempts;
    database->syncing++;
    pthread_cond_broadcast(&database->changed);
    /* A transaction that was under way may fail without ours in it: two failures in a row are a failure. */
    while (database->committed < wanted && !(database->status.status != SG_OK && database->attempts >= attempts + 2))
        pthread_cond_wait(&database->changed, &database->lock);
    enum sg_status status = SG_OK;
    if (database->committed < wanted)
        status = sg_fail(error, SG_ERR_IO, "%.120s: %s", database->file, database->status.detail);
    database->syncing--;
    pthread_mutex_unlock(&database->lock);
    return status;
}

void sg_database_lose(struct sg_database *database, uint64_t records)
{
    pthread_mutex_lock(&database->lock);
    database->lost += records;
    pthread_mutex_unlock(&database->lock);
}

void sg_database_status(struct sg_database *database, struct sg_database_status *ret_status)
{
    pthread_mutex_lock(&database->lock);
    *ret_status = database->status;
    ret_status->waiting += database->queue.length;
    pthread_mutex_unlock(&database->lock);
}
