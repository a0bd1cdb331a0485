/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What is kept on disk: bars, gaps and alerts, in one SQLite file with a write-ahead log.
 *
 * Writing never waits for the disk: the put functions copy into a bounded queue, and one writer thread of the database's own turns it
 * into transactions. What a transaction committed survives a kill and a power cut (synchronous=FULL); what waits in the
 * queue (`commit_us` long at most while the disk keeps up) does not. A full queue refuses and counts, it never blocks.
 * A disk that fails is retried; the state says so until it works again.
 * Threads: open and close on one thread; everything else on any. Two programs may have the same file open. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/bar.h"
#include "spreadglass/market/gap_ledger.h"
#include "spreadglass/market/instrument.h"

struct sg_database;

struct sg_database_config {
    const char *file;     /* created when it is not there (its folder is not) */
    int64_t commit_us;    /* longest wait before what was put is committed; 0: 500 ms */
    size_t queue_maximum; /* bars, gaps and alerts that may wait; 0: 100,000 */
    bool existing;        /* SG_ERR_NOT_FOUND instead of making a new one */
    bool patient;         /* one that cannot be opened now (locked, read-only, damaged, of a later version, a full disk) is tried again in the
                                              background, at most every 10 s, until it is closed; what is put meanwhile waits in the queue. Its folder is
                                              made too. Opening takes no longer than 300 ms */
};

struct sg_database_status {
    uint64_t written, refused; /* records committed; records that found the queue full */
    size_t waiting;
    bool open;             /* false: it could not be opened yet, and `status` says why */
    enum sg_status status; /* SG_OK, or why the last transaction did not work (it is tried again) */
    char detail[256];
};

struct sg_stored_alert {
    int64_t time_us; /* close of the bar, exchange time */
    bool raised;     /* false: cleared */
    int side;        /* +1 overbought, -1 oversold */
    double zscore;   /* NaN: not defined */
    char pair[2 * SG_SYMBOL_BUF];
};

/* Where every trade id of an instrument was when a run of the program last looked: nothing was lost silently means that seen, fetched, replaced and
 * in_gaps are the range. Known by instrument, since_us and first_id; put again, it takes the new numbers. */
struct sg_stored_ids {
    struct sg_instrument instrument;
    int64_t since_us, until_us; /* the first trade of the range, and its latest; exchange time */
    int64_t first_id, last_id;
    uint64_t seen;     /* on the stream */
    uint64_t fetched;  /* later, by REST */
    uint64_t replaced; /* not seen, but their bars were repaired from klines */
    uint64_t in_gaps;  /* in gaps that are open or cannot be filled */
    bool adds_up;
};

/* What there is of the bars of one instrument and interval. */
struct sg_stored_series {
    struct sg_instrument instrument;
    int64_t interval_us;
    uint64_t bars;
    int64_t first_us, last_us; /* open times */
};

/* The same of one series, and where it has bars that are known to be wrong or not proved yet (SG_BAR_DOUBTFUL). */
struct sg_stored_span {
    int64_t first_us, last_us; /* open times; both 0: there are no bars */
    int64_t doubtful_us;       /* the earliest such bar; INT64_MAX: none */
};

/* NULL with error: cannot be created, is no database or another program's, is damaged, or was written by a later version. A patient one: no memory only. */
struct sg_database *sg_database_open(const struct sg_database_config *config, struct sg_error *error);
/* Writes what waits, then closes. SG_ERR_IO when that did not work, when records were lost, and when a patient one could never be opened. NULL is fine. */
enum sg_status sg_database_close(struct sg_database *database, struct sg_error *error);

/* Queue. SG_ERR_NOMEM: the queue is full, nothing of this call was taken. Of two bars of one time the better one stays, whoever wrote it
 * (sg_bar_is_better of market/bar_quality.h). */
enum sg_status sg_database_put_bars(struct sg_database *database, const struct sg_instrument *instrument, int64_t interval_us, const struct sg_bar *bars,
                                    size_t count);
/* The same, for a person who wants these bars whatever is kept: they take the place of better ones too. */
enum sg_status sg_database_put_replacements(struct sg_database *database, const struct sg_instrument *instrument, int64_t interval_us,
                                            const struct sg_bar *bars, size_t count);
/* The bars kept that have a part in [from, to) turned out not to be all there was: they are marked SG_BAR_INCOMPLETE, so that every other one
 * takes their place. Bars that are put later are not touched. */
enum sg_status sg_database_put_doubt(struct sg_database *database, const struct sg_instrument *instrument, int64_t interval_us, int64_t from_us, int64_t to_us);
/* A gap is known by instrument, from_us and cause; put again, it takes the new end and state. */
enum sg_status sg_database_put_gap(struct sg_database *database, const struct sg_instrument *instrument, const struct sg_gap *gap);
enum sg_status sg_database_put_ids(struct sg_database *database, const struct sg_stored_ids *ids);
enum sg_status sg_database_put_alert(struct sg_database *database, const struct sg_stored_alert *alert);
/* What ended before `before_us` is deleted: bars, ended gaps, alerts, runs of trade ids. The file keeps its size, and what comes uses the space again. */
enum sg_status sg_database_put_forget(struct sg_database *database, int64_t before_us);
/* Waits until everything put before is committed. SG_ERR_IO: it could not be. */
enum sg_status sg_database_sync(struct sg_database *database, struct sg_error *error);
void sg_database_status(struct sg_database *database, struct sg_database_status *ret_status);

/* So many records found no room, and never will: close says so. */
void sg_database_lose(struct sg_database *database, uint64_t records);

/* Who keeps an instrument. One program at a time writes what a live session says of it; a lock of the operating system's on a file beside the database says
 * which, so that a program that was killed gives it up with its life, whatever the clocks say. Importing a file needs none. */
enum sg_lease { SG_LEASE_HELD, SG_LEASE_OTHERS, SG_LEASE_UNKNOWN /* the lock file cannot be made: neither can the database be written */ };
/* Takes it, or finds it taken: *ret_holder is the other program's process id, 0 when that is not known. Held until it was given back as often as it was taken,
 * or until close. Never blocks. */
enum sg_lease sg_database_lease(struct sg_database *database, const struct sg_instrument *instrument, int64_t *ret_holder);
void sg_database_give_back(struct sg_database *database, const struct sg_instrument *instrument);
/* Does another program hold it? Takes nothing. */
bool sg_database_is_held(struct sg_database *database, const struct sg_instrument *instrument, int64_t *ret_holder);

/* Read, ascending in time, [from, to), the newest `maximum` of them. *ret is malloc'ed (NULL when there are none). */
enum sg_status sg_database_bars(struct sg_database *database, const struct sg_instrument *instrument, int64_t interval_us, int64_t from_us, int64_t to_us,
                                size_t maximum, struct sg_bar **ret_bars, size_t *ret_count, struct sg_error *error);
/* `leg` of the gaps is not kept: it is set to SG_LEG_A. */
enum sg_status sg_database_gaps(struct sg_database *database, const struct sg_instrument *instrument, int64_t from_us, int64_t to_us, size_t maximum,
                                struct sg_gap **ret_gaps, size_t *ret_count, struct sg_error *error);
enum sg_status sg_database_alerts(struct sg_database *database, const char *pair, int64_t from_us, int64_t to_us, size_t maximum,
                                  struct sg_stored_alert **ret_alerts, size_t *ret_count, struct sg_error *error);
/* Every series of bars, by market, symbol and interval. *ret as above. */
enum sg_status sg_database_series(struct sg_database *database, struct sg_stored_series **ret_series, size_t *ret_count, struct sg_error *error);
/* The latest run of every instrument, by market and symbol. *ret as above. */
enum sg_status sg_database_ids(struct sg_database *database, struct sg_stored_ids **ret_ids, size_t *ret_count, struct sg_error *error);
/* What there is of one series before before_us; no bars is no failure. A look-up, however long the series is. */
enum sg_status sg_database_span(struct sg_database *database, const struct sg_instrument *instrument, int64_t interval_us, int64_t before_us,
                                struct sg_stored_span *ret_span, struct sg_error *error);
/* As sg_database_gaps, of state OPEN only. */
enum sg_status sg_database_open_gaps(struct sg_database *database, const struct sg_instrument *instrument, size_t maximum, struct sg_gap **ret_gaps,
                                     size_t *ret_count, struct sg_error *error);

/* What is not as it should be, of all instruments. */
struct sg_stored_trouble {
    uint64_t open_gaps, unfillable_gaps; /* those that can still be repaired, and those that the exchange has nothing for either */
    int64_t oldest_open_us;              /* where the first open one begins; INT64_MAX: none is open */
    uint64_t incomplete;                 /* bars known to lack trades */
    uint64_t unsettled;                  /* bars that nothing has proved, although their series went on for five minutes or more since they ended */
    uint64_t settling; /* the newest ones of a series that nothing has proved yet: each session ends with some, and the next one settles them */
};
enum sg_status sg_database_trouble(struct sg_database *database, struct sg_stored_trouble *ret_trouble, struct sg_error *error);
/* Looks through the whole file (PRAGMA quick_check): SG_OK, or SG_ERR_IO with what is wrong. */
enum sg_status sg_database_check(struct sg_database *database, struct sg_error *error);
