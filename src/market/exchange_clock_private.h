/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The exchange's clock as the records tell it.
 *
 * A sample is event - recv of one record. The offset is the largest sample of the last 60 s of receive time: the message
 * that was delayed least. The clock moves on by local time plus offset, and never runs backwards. Everything here depends on
 * the sequence of calls alone; a watermark between two records only takes a part of the next record's step early, because
 * the old offset is applied up to a record's receive time before the record's own sample is looked at.
 *
 * What it does not believe at once:
 *  - A step of more than 60 s. Either the machine slept, or somebody moved the local clock. It is *held* until a record
 *    tells which, or until 10 s more have passed without one; then it is time that nobody watched: `jumped`.
 *  - A sample more than 10 s away from the estimate. If its event time continues the exchange's own time (within 10 s),
 *    the local clock was stepped: the offset follows at once. Otherwise it is quarantined, until five in a row agree.
 *  - The very first sample, until a second one agrees or a trusted one (REST time) is given: nothing closes before that.
 *  - A trusted sample that comes after bars were made on local time, and would have the clock stand still for more than 60 s: it
 *    is counted as quarantined, and local time goes on. A shorter time is waited for. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/clock.h"

#define SG_CLOCK_BUCKETS 64
#define SG_CLOCK_STEP_LIMIT_US (60 * SG_US_PER_S)
#define SG_CLOCK_AGREEMENT_US (10 * SG_US_PER_S)

struct sg_exchange_clock {
    struct {
        int64_t second; /* receive time / 1 s */
        int64_t sample;
    } window[SG_CLOCK_BUCKETS]; /* ascending in second, descending in sample: a monotonic queue */
    size_t window_first, window_length;

    bool known;   /* a sample was seen */
    bool local;   /* no sample was ever seen, but records without any time had to be placed: offset 0 */
    bool awaited; /* a sample is on its way: `local` is not assumed before it has come, or is known not to come */
    bool confirmed;
    int64_t offset_us;
    int64_t now_us; /* valid when known or local */

    bool held;
    int64_t held_since_us;

    unsigned candidates;  /* quarantined samples in a row that agree */
    int64_t candidate_us; /* the largest of them */
    uint64_t quarantined; /* since creation */
};

/* What a call did beyond moving on. */
enum sg_clock_effect {
    SG_CLOCK_STEADY = 0,
    SG_CLOCK_JUMPED = 1,    /* more than 60 s that nobody watched lie between now_us before and after */
    SG_CLOCK_RESTARTED = 2, /* the unconfirmed first estimate was wrong: now_us is a new beginning */
};

void sg_exchange_clock_init(struct sg_exchange_clock *clock);
/* Local time is recv_us. */
enum sg_clock_effect sg_exchange_clock_pass(struct sg_exchange_clock *clock, int64_t recv_us);
/* A record received at recv_us (pass was called with it) was sent at event_us. */
enum sg_clock_effect sg_exchange_clock_sample(struct sg_exchange_clock *clock, int64_t recv_us, int64_t event_us, bool trusted);
/* A trusted sample was asked for (or, false, will not come after all). */
void sg_exchange_clock_await(struct sg_exchange_clock *clock, bool awaited);
/* A record without a time: believes local time where it is held, or where there is nothing else to believe and
 * nothing is awaited. */
enum sg_clock_effect sg_exchange_clock_assume(struct sg_exchange_clock *clock, int64_t recv_us);

static inline bool sg_exchange_clock_runs(const struct sg_exchange_clock *clock)
{
    return clock->known || clock->local;
}

/* pass and sample in one, for the record that tells nothing new: its second knows a sample that is at least as large, and time goes
 * steadily on. Nearly every record on a busy stream is one. False: nothing was done, it needs the two. */
static inline bool sg_exchange_clock_glance(struct sg_exchange_clock *clock, int64_t recv_us, int64_t event_us)
{
    size_t last = (clock->window_first + clock->window_length + SG_CLOCK_BUCKETS - 1) % SG_CLOCK_BUCKETS;
    int64_t into_second_us = recv_us - clock->window[last].second * SG_US_PER_S;
    int64_t target_us = recv_us + clock->offset_us;

    if (!clock->known || !clock->confirmed || clock->held || clock->window_length == 0 || into_second_us < 0 || into_second_us >= SG_US_PER_S ||
        event_us - recv_us > clock->window[last].sample || event_us - recv_us < clock->offset_us - SG_CLOCK_AGREEMENT_US ||
        target_us - clock->now_us > SG_CLOCK_STEP_LIMIT_US) {
        return false;
    }
    clock->candidates = 0;
    clock->now_us = target_us > clock->now_us ? target_us : clock->now_us;
    return true;
}
