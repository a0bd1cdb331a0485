/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exchange_clock_private.h"

#include "spreadglass/base/clock.h"

#define WINDOW_S 60
#define HOLD_LIMIT_US (10 * SG_US_PER_S)
#define CANDIDATES_NEEDED 5
#define CANDIDATES_NEEDED_FIRST 2

void sg_exchange_clock_init(struct sg_exchange_clock *clock)
{
    *clock = (struct sg_exchange_clock){0};
}

/* Moves on to target, when that is not behind. */
static enum sg_clock_effect move_to(struct sg_exchange_clock *clock, int64_t target_us)
{
    enum sg_clock_effect effect = target_us - clock->now_us > SG_CLOCK_STEP_LIMIT_US ? SG_CLOCK_JUMPED : SG_CLOCK_STEADY;

    clock->held = false;
    if (target_us > clock->now_us) {
        clock->now_us = target_us;
    }
    return effect;
}

enum sg_clock_effect sg_exchange_clock_pass(struct sg_exchange_clock *clock, int64_t recv_us)
{
    int64_t target = recv_us + clock->offset_us;

    if (!sg_exchange_clock_runs(clock)) {
        return SG_CLOCK_STEADY;
    }
    if (target - clock->now_us > SG_CLOCK_STEP_LIMIT_US) {
        if (!clock->held) {
            clock->held = true;
            clock->held_since_us = recv_us;
        }
        return recv_us - clock->held_since_us < HOLD_LIMIT_US ? SG_CLOCK_STEADY : move_to(clock, target);
    }
    return move_to(clock, target);
}

/* Adds a sample to the window: the entries it outdoes can never be the maximum again. */
static void window_add(struct sg_exchange_clock *clock, int64_t recv_us, int64_t sample)
{
    int64_t second = recv_us / SG_US_PER_S;
    size_t last;

    while (clock->window_length > 0 && clock->window[clock->window_first].second < second - WINDOW_S) {
        clock->window_first = (clock->window_first + 1) % SG_CLOCK_BUCKETS;
        clock->window_length--;
    }
    while (clock->window_length > 0) {
        last = (clock->window_first + clock->window_length - 1) % SG_CLOCK_BUCKETS;
        if (clock->window[last].sample > sample) {
            break;
        }
        clock->window_length--;
    }
    if (clock->window_length > 0) {
        last = (clock->window_first + clock->window_length - 1) % SG_CLOCK_BUCKETS;
        if (clock->window[last].second >= second) {
            return; /* this second, or one after it where receive times are out of order, knows a larger one */
        }
    }
    last = (clock->window_first + clock->window_length) % SG_CLOCK_BUCKETS;
    clock->window[last].second = second;
    clock->window[last].sample = sample;
    clock->window_length++;
}

/* The samples so far do not count any more: this is the offset. */
static void rebase(struct sg_exchange_clock *clock, int64_t recv_us, int64_t sample)
{
    clock->window_length = 0;
    clock->candidates = 0;
    window_add(clock, recv_us, sample);
    clock->offset_us = sample;
}

static enum sg_clock_effect begin(struct sg_exchange_clock *clock, int64_t recv_us, int64_t sample)
{
    bool local = clock->local;

    if (local && recv_us + sample < clock->now_us - SG_CLOCK_STEP_LIMIT_US) {
        clock->quarantined++;
        return SG_CLOCK_STEADY;
    }
    clock->known = true;
    clock->local = false;
    clock->awaited = false;
    rebase(clock, recv_us, sample);
    if (local) {
        return move_to(clock, recv_us + sample); /* bars were made on local time; time goes on from there */
    }
    clock->held = false;
    clock->now_us = recv_us + sample;
    return SG_CLOCK_STEADY;
}

static enum sg_clock_effect quarantine(struct sg_exchange_clock *clock, int64_t recv_us, int64_t sample)
{
    bool agrees = clock->candidates > 0 && sample >= clock->candidate_us - SG_CLOCK_AGREEMENT_US && sample <= clock->candidate_us + SG_CLOCK_AGREEMENT_US;

    clock->quarantined++;
    clock->candidates = agrees ? clock->candidates + 1 : 1;
    if (!agrees || sample > clock->candidate_us) {
        clock->candidate_us = sample;
    }
    if (clock->candidates < (clock->confirmed ? CANDIDATES_NEEDED : CANDIDATES_NEEDED_FIRST)) {
        return SG_CLOCK_STEADY;
    }
    rebase(clock, recv_us, clock->candidate_us);
    if (!clock->confirmed) {
        clock->confirmed = true;
        clock->held = false;
        clock->now_us = recv_us + clock->offset_us;
        return SG_CLOCK_RESTARTED;
    }
    return move_to(clock, recv_us + clock->offset_us);
}

enum sg_clock_effect sg_exchange_clock_sample(struct sg_exchange_clock *clock, int64_t recv_us, int64_t event_us, bool trusted)
{
    int64_t sample = event_us - recv_us;
    enum sg_clock_effect effect;

    if (!clock->known) {
        effect = begin(clock, recv_us, sample);
        clock->confirmed = clock->confirmed || (trusted && clock->known);
        return effect;
    }
    if (sample >= clock->offset_us - SG_CLOCK_AGREEMENT_US && sample <= clock->offset_us + SG_CLOCK_AGREEMENT_US) {
        clock->candidates = 0;
        clock->confirmed = true;
        /* With the offset that a watermark would have used, first: see the top of the header. */
        effect = move_to(clock, recv_us + clock->offset_us);
        window_add(clock, recv_us, sample);
        clock->offset_us = clock->window[clock->window_first].sample;
        return effect | move_to(clock, recv_us + clock->offset_us);
    }
    if (clock->confirmed && event_us >= clock->now_us - SG_CLOCK_AGREEMENT_US && event_us <= clock->now_us + SG_CLOCK_AGREEMENT_US) {
        rebase(clock, recv_us, sample);
        return move_to(clock, event_us);
    }
    if (trusted) {
        bool restart = !clock->confirmed;

        rebase(clock, recv_us, sample);
        clock->confirmed = true;
        if (restart) {
            clock->held = false;
            clock->now_us = event_us;
            return SG_CLOCK_RESTARTED;
        }
        return move_to(clock, event_us);
    }
    return quarantine(clock, recv_us, sample);
}

void sg_exchange_clock_await(struct sg_exchange_clock *clock, bool awaited)
{
    clock->awaited = awaited && !sg_exchange_clock_runs(clock);
}

enum sg_clock_effect sg_exchange_clock_assume(struct sg_exchange_clock *clock, int64_t recv_us)
{
    if (clock->awaited) {
        return SG_CLOCK_STEADY;
    }
    if (!sg_exchange_clock_runs(clock)) {
        clock->local = true;
        clock->confirmed = true;
        clock->offset_us = 0;
        clock->now_us = recv_us;
        return SG_CLOCK_STEADY;
    }
    return clock->held ? move_to(clock, recv_us + clock->offset_us) : SG_CLOCK_STEADY;
}
