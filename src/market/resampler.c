/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/market/resampler.h"

#include <math.h>
#include <stdlib.h>

#include "exchange_clock_private.h"
#include "leg_private.h"
#include "spreadglass/base/clock.h"

#define FUTURE_LIMIT_US (5 * SG_US_PER_S)
#define TIME_LIMIT_US INT64_C(4000000000000000) /* the year 2096: beyond it a time is nonsense, and sums cannot overflow */

struct sg_resampler {
    int64_t grace_us;
    struct sg_resampler_callbacks callbacks;
    struct sg_exchange_clock clock;
    bool timeline;         /* next_close_us is valid */
    int64_t next_close_us; /* seconds below it are closed */
    struct sg_leg_state legs[SG_LEG_COUNT];
    struct sg_resampler_stats stats;
};

static int64_t floor_to(int64_t time_us, int64_t unit_us)
{
    int64_t rest = time_us % unit_us;

    return time_us - (rest < 0 ? rest + unit_us : rest);
}

struct sg_resampler *sg_resampler_new(const struct sg_resampler_config *config)
{
    int64_t grace = config->grace_us == 0 ? SG_RESAMPLER_GRACE_US : config->grace_us;
    struct sg_resampler *resampler;
    size_t slots;

    if (grace < 0 || grace > SG_RESAMPLER_GRACE_MAX_US) {
        return NULL;
    }
    resampler = calloc(1, sizeof *resampler);
    if (!resampler) {
        return NULL;
    }
    resampler->grace_us = grace;
    resampler->callbacks = config->callbacks;
    slots = (size_t)((grace + FUTURE_LIMIT_US) / SG_US_PER_S) + 4;
    if (!sg_leg_init(&resampler->legs[SG_LEG_A], slots) || !sg_leg_init(&resampler->legs[SG_LEG_B], slots)) {
        sg_resampler_free(resampler);
        return NULL;
    }
    sg_resampler_reset(resampler);
    return resampler;
}

void sg_resampler_free(struct sg_resampler *resampler)
{
    if (resampler) {
        for (size_t i = 0; i < SG_LEG_COUNT; i++) {
            sg_leg_free(&resampler->legs[i]);
        }
        free(resampler);
    }
}

void sg_resampler_reset(struct sg_resampler *resampler)
{
    sg_exchange_clock_init(&resampler->clock);
    resampler->timeline = false;
    resampler->next_close_us = 0;
    resampler->stats = (struct sg_resampler_stats){0};
    for (size_t i = 0; i < SG_LEG_COUNT; i++) {
        sg_leg_reset(&resampler->legs[i]);
    }
}

/* --- news to the owner ------------------------------------------------------------------------------------------- */

static void tell_gap(struct sg_resampler *resampler, const struct sg_gap *gap)
{
    if (resampler->callbacks.on_gap) {
        resampler->callbacks.on_gap(resampler->callbacks.context, gap);
    }
}

static void open_gap(struct sg_resampler *resampler, enum sg_leg which, int64_t from_us, enum sg_gap_cause cause)
{
    struct sg_leg_state *leg = &resampler->legs[which];
    struct sg_gap gap = {which, from_us, INT64_MAX, -1, -1, cause, SG_GAP_OPEN};

    if (leg->started && !leg->gap_open) {
        leg->gap_open = true;
        leg->gap_cause = cause;
        leg->gap_from_us = from_us;
        if (cause != SG_GAP_RING_FULL) { /* what the ring lost was noticed by the ids before its second ended */
            leg->gap_first_id = -1;
            leg->gap_last_id = -1;
        }
        tell_gap(resampler, &gap);
    }
}

static void end_gap(struct sg_resampler *resampler, enum sg_leg which, int64_t to_us)
{
    struct sg_leg_state *leg = &resampler->legs[which];

    if (leg->gap_open) {
        struct sg_gap gap = {which, leg->gap_from_us, to_us, leg->gap_first_id, leg->gap_last_id, leg->gap_cause, SG_GAP_OPEN};

        leg->gap_open = false;
        leg->gap_first_id = -1;
        leg->gap_last_id = -1;
        leg->ids.after_drop = false; /* the first trade after the drop, where ids jump, has come */
        tell_gap(resampler, &gap);
    }
}

static void tell_bar(struct sg_resampler *resampler, enum sg_interval interval, enum sg_leg which, const struct sg_bar *bar)
{
    if (resampler->callbacks.on_bar) {
        resampler->callbacks.on_bar(resampler->callbacks.context, interval, which, bar);
    }
}

static void tell_close(struct sg_resampler *resampler, enum sg_interval interval, int64_t time_us, unsigned present)
{
    if (resampler->callbacks.on_close) {
        resampler->callbacks.on_close(resampler->callbacks.context, interval, time_us, present);
    }
}

/* --- what is missing, and what is proved -------------------------------------------------------------------------- */

static void report_hole(struct sg_resampler *resampler, enum sg_leg which, int64_t before_us, int64_t time_us, int64_t first_id, int64_t last_id)
{
    int64_t from_us = floor_to(before_us < time_us ? before_us : time_us, SG_US_PER_S);
    int64_t to_us = floor_to(before_us > time_us ? before_us : time_us, SG_US_PER_S) + SG_US_PER_S;
    struct sg_gap gap = {which, from_us, to_us, first_id, last_id, SG_GAP_ID_HOLE, SG_GAP_OPEN};

    if (to_us > resampler->next_close_us) {
        sg_leg_mark_incomplete(&resampler->legs[which], from_us > resampler->next_close_us ? from_us : resampler->next_close_us, to_us - SG_US_PER_S);
    }
    sg_leg_doubt_sums(&resampler->legs[which], from_us, to_us);
    if (resampler->legs[which].gap_open) {
        sg_leg_note_missing(&resampler->legs[which], first_id, last_id); /* in an outage that is not over yet */
    }
    tell_gap(resampler, &gap);
}

/* Trades that were overtaken may still come until the second closes that the first of them may belong to. Then they are missing. */
static void tell_due_holes(struct sg_resampler *resampler, enum sg_leg which, int64_t before_us)
{
    struct sg_leg_state *leg = &resampler->legs[which];
    struct sg_leg_hole hole;

    while (leg->ids.hole_count > 0 && sg_leg_due_hole(leg, before_us, &hole)) {
        if (resampler->callbacks.on_missing) {
            resampler->callbacks.on_missing(resampler->callbacks.context, which, hole.first, hole.last);
        }
        report_hole(resampler, which, hole.before_us, hole.after_us, hole.first, hole.last);
    }
}

/* A record of time_us has come without a hole before it: seconds that closed without that are proved by it. */
static void settle_leg(struct sg_resampler *resampler, enum sg_leg which, int64_t time_us)
{
    struct sg_leg_state *leg = &resampler->legs[which];
    int64_t from_us = leg->unsettled_us;
    int64_t settled_us = sg_leg_settle(leg, time_us);

    if (from_us == SG_LEG_NO_TIME || settled_us <= from_us) {
        return;
    }
    leg->unsettled_us = settled_us < resampler->next_close_us ? settled_us : SG_LEG_NO_TIME;
    if (resampler->callbacks.on_settled) {
        resampler->callbacks.on_settled(resampler->callbacks.context, which, from_us, settled_us);
    }
}

/* --- closing ----------------------------------------------------------------------------------------------------- */

static void close_interval(struct sg_resampler *resampler, enum sg_interval interval, int64_t start_us)
{
    struct sg_bar bars[SG_LEG_COUNT];
    unsigned present = 0;
    bool any = false;

    for (int i = 0; i < SG_LEG_COUNT; i++) {
        any = any || resampler->legs[i].sums[interval].seconds > 0;
        if (sg_leg_close_interval(&resampler->legs[i], interval, start_us, &bars[i])) {
            present |= 1U << i;
        }
    }
    for (int i = 0; i < SG_LEG_COUNT; i++) {
        if (present & (1U << i)) {
            tell_bar(resampler, interval, (enum sg_leg)i, &bars[i]);
        }
    }
    if (any) {
        tell_close(resampler, interval, start_us, present);
    }
}

static void close_second(struct sg_resampler *resampler)
{
    int64_t time_us = resampler->next_close_us;
    int64_t end_us = time_us + SG_US_PER_S;
    struct sg_bar bars[SG_LEG_COUNT];
    unsigned present = 0;

    for (int i = 0; i < SG_LEG_COUNT; i++) {
        if (resampler->legs[i].ids.hole_count > 0) {
            tell_due_holes(resampler, (enum sg_leg)i, end_us);
            settle_leg(resampler, (enum sg_leg)i, 0);
        }
        if (sg_leg_close_second(&resampler->legs[i], time_us, &bars[i])) {
            present |= 1U << i;
            resampler->stats.bars[i]++;
            resampler->stats.filled[i] += (bars[i].flags & SG_BAR_FILLED) != 0;
        }
    }
    resampler->next_close_us = end_us; /* before the callbacks: they may look at us */
    for (int i = 0; i < SG_LEG_COUNT; i++) {
        if (present & (1U << i)) {
            end_gap(resampler, (enum sg_leg)i, time_us);
            tell_bar(resampler, SG_INTERVAL_1S, (enum sg_leg)i, &bars[i]);
        } else {
            /* Going down opened its gap already; what is left is a second that the ring lost ticks of. */
            open_gap(resampler, (enum sg_leg)i, time_us, SG_GAP_RING_FULL);
        }
    }
    if (present) {
        tell_close(resampler, SG_INTERVAL_1S, time_us, present);
    }
    if (end_us % (60 * SG_US_PER_S) != 0) {
        return; /* every longer interval is of whole minutes */
    }
    for (int i = SG_INTERVAL_1M; i < SG_INTERVAL_COUNT; i++) {
        int64_t length_us = sg_interval_us((enum sg_interval)i);

        if (end_us % length_us == 0) {
            close_interval(resampler, (enum sg_interval)i, end_us - length_us);
        }
    }
}

static void close_until(struct sg_resampler *resampler, int64_t limit_us)
{
    while (resampler->next_close_us < limit_us) {
        close_second(resampler);
    }
}

/* Passes over seconds in which neither leg can have a bar, however many they are. */
static void skip_until(struct sg_resampler *resampler, int64_t limit_us)
{
    if (limit_us <= resampler->next_close_us) {
        return;
    }
    for (int i = SG_INTERVAL_1M; i < SG_INTERVAL_COUNT; i++) {
        int64_t length_us = sg_interval_us((enum sg_interval)i);
        int64_t start_us = floor_to(resampler->next_close_us, length_us);

        if (start_us + length_us <= limit_us) {
            close_interval(resampler, (enum sg_interval)i, start_us);
        }
    }
    resampler->next_close_us = limit_us;
}

/* --- legs up and down -------------------------------------------------------------------------------------------- */

static void leg_down(struct sg_resampler *resampler, enum sg_leg which, enum sg_gap_cause cause)
{
    struct sg_leg_state *leg = &resampler->legs[which];
    int64_t from_us = resampler->next_close_us;

    tell_due_holes(resampler, which, INT64_MAX);
    leg->up = false;
    leg->up_pending = false;
    leg->ids.after_down = true;
    sg_leg_forget_open(leg);
    /* Where no ids can tell afterwards, what closed since the last record belongs to the outage. */
    if (leg->ids.last < 0 && leg->unsettled_us != SG_LEG_NO_TIME) {
        from_us = leg->unsettled_us < from_us ? leg->unsettled_us : from_us;
        sg_leg_doubt_sums(leg, from_us, resampler->next_close_us);
        leg->unsettled_us = SG_LEG_NO_TIME;
    }
    open_gap(resampler, which, from_us, cause);
}

static void leg_up(struct sg_resampler *resampler, enum sg_leg which)
{
    struct sg_leg_state *leg = &resampler->legs[which];

    if (!leg->up) {
        leg->up = true;
        leg->up_pending = true; /* until settle() knows what time it is */
    }
}

/* --- time -------------------------------------------------------------------------------------------------------- */

/* Would settle() after a steady step find nothing to do? Nearly always, for a tick: no second is over, and no leg waits for the time. */
static bool is_settled(const struct sg_resampler *resampler)
{
    return resampler->timeline && resampler->clock.now_us - resampler->grace_us < resampler->next_close_us + SG_US_PER_S &&
           !resampler->legs[SG_LEG_A].up_pending && !resampler->legs[SG_LEG_B].up_pending;
}

/* Acts on what a call to the clock brought about. */
static void settle(struct sg_resampler *resampler, enum sg_clock_effect effect)
{
    const struct sg_exchange_clock *clock = &resampler->clock;
    int64_t limit_us = floor_to(clock->now_us - resampler->grace_us, SG_US_PER_S);

    if (!sg_exchange_clock_runs(clock)) {
        return;
    }
    if (!resampler->timeline || (effect & SG_CLOCK_RESTARTED)) {
        /* Nothing was closed yet: what is open was placed by a clock that proved wrong. */
        for (int i = 0; resampler->timeline && i < SG_LEG_COUNT; i++) {
            sg_leg_forget_open(&resampler->legs[i]);
            resampler->legs[i].up_pending = resampler->legs[i].up;
        }
        resampler->timeline = true;
        resampler->next_close_us = limit_us;
    } else if (effect & SG_CLOCK_JUMPED) {
        for (int i = 0; i < SG_LEG_COUNT; i++) {
            if (resampler->legs[i].up) {
                leg_down(resampler, (enum sg_leg)i, SG_GAP_STALL);
                leg_up(resampler, (enum sg_leg)i);
            }
        }
        skip_until(resampler, limit_us);
    }
    for (int i = 0; i < SG_LEG_COUNT; i++) {
        struct sg_leg_state *leg = &resampler->legs[i];

        if (leg->up_pending && !clock->held) {
            leg->up_pending = false;
            leg->up_from_us = floor_to(clock->now_us + SG_US_PER_S - 1, SG_US_PER_S);
        }
    }
    if (clock->confirmed) {
        close_until(resampler, limit_us);
    }
}

static bool plausible_time(int64_t time_us)
{
    return time_us >= 0 && time_us <= TIME_LIMIT_US;
}

void sg_resampler_advance(struct sg_resampler *resampler, int64_t watermark_recv_us)
{
    if (plausible_time(watermark_recv_us)) {
        settle(resampler, sg_exchange_clock_pass(&resampler->clock, watermark_recv_us));
    }
}

void sg_resampler_clock_sample(struct sg_resampler *resampler, int64_t recv_us, int64_t event_us)
{
    if (plausible_time(recv_us) && plausible_time(event_us)) {
        settle(resampler, sg_exchange_clock_pass(&resampler->clock, recv_us));
        settle(resampler, sg_exchange_clock_sample(&resampler->clock, recv_us, event_us, true));
    }
}

void sg_resampler_finish(struct sg_resampler *resampler)
{
    if (resampler->timeline) {
        close_until(resampler, floor_to(resampler->clock.now_us, SG_US_PER_S));
        for (int i = 0; i < SG_LEG_COUNT; i++) {
            tell_due_holes(resampler, (enum sg_leg)i, INT64_MAX);
        }
    }
}

int64_t sg_resampler_exchange_time(const struct sg_resampler *resampler, int64_t recv_us)
{
    return recv_us + resampler->clock.offset_us;
}

/* --- records ----------------------------------------------------------------------------------------------------- */

void sg_resampler_event(struct sg_resampler *resampler, const struct sg_feed_event *event)
{
    bool up = event->code == SG_EVENT_SUBSCRIBED || event->code == SG_EVENT_RECOVERED;
    bool down = event->code == SG_EVENT_DISCONNECTED || event->code == SG_EVENT_STALLED;

    if (event->code == SG_EVENT_CLOCK && event->clock_us > 0) {
        sg_resampler_clock_sample(resampler, event->recv_us, event->clock_us);
    } else if (event->code == SG_EVENT_CLOCK) {
        sg_exchange_clock_await(&resampler->clock, event->clock_us == SG_CLOCK_AWAITED);
    }
    for (int i = 0; event->code == SG_EVENT_MAINTENANCE && i < SG_LEG_COUNT; i++) {
        if (event->leg == -1 || event->leg == i) {
            resampler->legs[i].gap_cause = SG_GAP_MAINTENANCE; /* of the gap that lasts; the next one has a cause of its own */
        }
    }
    if (!up && !down) {
        return;
    }
    sg_resampler_advance(resampler, event->recv_us);
    for (int i = 0; i < SG_LEG_COUNT; i++) {
        if (event->leg != -1 && event->leg != i) {
            continue;
        }
        if (up) {
            leg_up(resampler, (enum sg_leg)i);
        } else {
            leg_down(resampler, (enum sg_leg)i, event->code == SG_EVENT_STALLED ? SG_GAP_STALL : SG_GAP_DISCONNECT);
        }
    }
    settle(resampler, SG_CLOCK_STEADY);
}

void sg_resampler_dropped(struct sg_resampler *resampler, enum sg_leg leg, int64_t from_recv_us, int64_t to_recv_us)
{
    if ((unsigned)leg >= SG_LEG_COUNT || !plausible_time(from_recv_us) || !plausible_time(to_recv_us)) {
        return;
    }
    /* A tick received then could have belonged to any second that was open then. */
    sg_leg_add_dropped(&resampler->legs[leg], from_recv_us + resampler->clock.offset_us - resampler->grace_us - SG_US_PER_S,
                       to_recv_us + resampler->clock.offset_us, resampler->next_close_us);
}

static bool plausible_tick(const struct sg_tick *tick)
{
    return isfinite(tick->price) && tick->price > 0 && tick->quantity >= 0 && plausible_time(tick->recv_us) && plausible_time(tick->event_us) &&
           plausible_time(tick->time_us) && tick->id >= -1;
}

static void report_late(struct sg_resampler *resampler, const struct sg_tick *tick, int64_t time_us)
{
    resampler->stats.late[tick->leg]++;
    sg_leg_doubt_sums(&resampler->legs[tick->leg], time_us, time_us + 1);
    if (resampler->callbacks.on_late) {
        resampler->callbacks.on_late(resampler->callbacks.context, tick, resampler->clock.now_us - time_us);
    }
}

/* A connection is dead before it is known to be: the seconds between the last trade and the moment at which the leg was said to be
 * down were closed as if nothing had been traded. The ids of the first trade after it tell that this was not so. */
static void report_outage(struct sg_resampler *resampler, enum sg_leg which, int64_t before_us, int64_t first_id, int64_t last_id)
{
    struct sg_leg_state *leg = &resampler->legs[which];
    struct sg_gap gap = {which, floor_to(before_us, SG_US_PER_S), leg->gap_from_us, first_id, last_id, SG_GAP_ID_HOLE, SG_GAP_OPEN};

    if (leg->gap_open && gap.from_us < gap.to_us) {
        sg_leg_doubt_sums(leg, gap.from_us, gap.to_us);
        tell_gap(resampler, &gap);
    }
}

/* Moves the clock on by the record, before the record is applied. */
static void observe(struct sg_resampler *resampler, const struct sg_tick *tick)
{
    struct sg_exchange_clock *clock = &resampler->clock;
    int64_t sent_us = tick->event_us > 0 ? tick->event_us : tick->time_us;

    if (sent_us > 0 && sg_exchange_clock_glance(clock, tick->recv_us, sent_us)) {
        if (!is_settled(resampler)) {
            settle(resampler, SG_CLOCK_STEADY);
        }
        return;
    }
    settle(resampler, sg_exchange_clock_pass(clock, tick->recv_us));
    if (sent_us > 0) {
        settle(resampler, sg_exchange_clock_sample(clock, tick->recv_us, sent_us, false));
    } else {
        settle(resampler, sg_exchange_clock_assume(clock, tick->recv_us));
    }
}

void sg_resampler_tick(struct sg_resampler *resampler, const struct sg_tick *tick)
{
    struct sg_resampler_stats *stats = &resampler->stats;
    enum sg_leg which = (enum sg_leg)tick->leg;
    struct sg_leg_state *leg;
    int64_t time_us;
    int64_t before_us;
    int64_t first_id = -1;
    int64_t last_id = -1;
    enum sg_leg_id_verdict verdict;

    if (tick->leg >= SG_LEG_COUNT) {
        return;
    }
    if (!plausible_tick(tick)) {
        stats->rejected[which]++;
        return;
    }
    leg = &resampler->legs[which];
    observe(resampler, tick);
    if (!sg_exchange_clock_runs(&resampler->clock)) {
        leg_up(resampler, which); /* when it was cannot be said yet; a second that began before that would not be whole anyhow */
        return;
    }
    time_us = tick->time_us > 0 ? tick->time_us : resampler->clock.now_us;
    if (time_us > resampler->clock.now_us + FUTURE_LIMIT_US || time_us >= resampler->next_close_us + (int64_t)leg->slot_count * SG_US_PER_S) {
        stats->future[which]++;
        return;
    }
    if (leg->ids.hole_count == SG_LEG_HOLES) {
        tell_due_holes(resampler, which, 0); /* the oldest makes room */
    }
    before_us = leg->ids.last_time_us;
    verdict = sg_leg_check_id(leg, tick, time_us, &first_id, &last_id);
    if (verdict == SG_ID_DUPLICATE) {
        return; /* counted there */
    }
    if (verdict == SG_ID_PLACED && resampler->callbacks.on_found) {
        resampler->callbacks.on_found(resampler->callbacks.context, which, sg_tick_first_id(tick), tick->id);
    } else if (verdict == SG_ID_OUTAGE) {
        if (resampler->callbacks.on_missing) {
            resampler->callbacks.on_missing(resampler->callbacks.context, which, first_id, last_id);
        }
        report_outage(resampler, which, before_us, first_id, last_id);
    }
    if (!leg->up) {
        leg_up(resampler, which);
        settle(resampler, SG_CLOCK_STEADY);
    }
    if (verdict == SG_ID_OUTAGE && !sg_leg_outage_ended(leg, before_us, time_us, resampler->next_close_us)) {
        report_hole(resampler, which, before_us, time_us, first_id, last_id); /* an earlier trade, on its way for long, had ended the gap */
    }
    if (time_us < resampler->next_close_us) {
        report_late(resampler, tick, time_us);
    }
    if (time_us >= leg->settled_us + SG_US_PER_S || verdict == SG_ID_PLACED) {
        settle_leg(resampler, which, time_us);
    }
    if (time_us < resampler->next_close_us) {
        return;
    }
    sg_leg_apply(leg, tick, time_us);
    stats->ticks[which]++;
    stats->last_tick_us[which] = time_us;
}

/* --- looking at it ----------------------------------------------------------------------------------------------- */

bool sg_resampler_forming(const struct sg_resampler *resampler, enum sg_interval interval, enum sg_leg leg, struct sg_bar *ret_bar)
{
    int64_t now_us = resampler->clock.now_us;
    int64_t next_us = resampler->next_close_us;
    int64_t length_us = sg_interval_us(interval);
    int64_t oldest_us;

    if (!resampler->timeline || (unsigned)leg >= SG_LEG_COUNT || length_us == 0) {
        return false;
    }
    /* While the clock is not confirmed nothing closes, and more than the slots hold can lie open: all of it is empty. */
    oldest_us = floor_to(now_us, SG_US_PER_S) - (int64_t)resampler->legs[leg].slot_count * SG_US_PER_S;
    return sg_leg_forming(&resampler->legs[leg], interval, floor_to(now_us, length_us), next_us > oldest_us ? next_us : oldest_us, now_us, ret_bar);
}

void sg_resampler_resume(struct sg_resampler *resampler, enum sg_leg leg, int64_t last_id, int64_t last_time_us)
{
    if ((unsigned)leg < SG_LEG_COUNT && last_id >= 0 && plausible_time(last_time_us)) {
        sg_leg_resume(&resampler->legs[leg], last_id, last_time_us);
    }
}

void sg_resampler_stats(const struct sg_resampler *resampler, struct sg_resampler_stats *ret_stats)
{
    *ret_stats = resampler->stats;
    ret_stats->clock_known = resampler->clock.known;
    ret_stats->clock_runs = sg_exchange_clock_runs(&resampler->clock);
    ret_stats->clock_offset_us = resampler->clock.offset_us;
    ret_stats->clock_quarantined = resampler->clock.quarantined;
    for (size_t i = 0; i < SG_LEG_COUNT; i++) {
        const struct sg_leg_ids *ids = &resampler->legs[i].ids;

        ret_stats->duplicates[i] = ids->duplicates;
        ret_stats->id_holes[i] = ids->holes;
        ret_stats->placed[i] = ids->placed;
        ret_stats->first_id[i] = ids->first;
        ret_stats->first_id_time_us[i] = ids->first_time_us;
        ret_stats->last_id[i] = ids->last;
        ret_stats->ids_seen[i] = ids->seen;
        ret_stats->ids_missing[i] = ids->missing;
        ret_stats->ids_waiting[i] = sg_leg_waiting(&resampler->legs[i]);
        ret_stats->id_restarts[i] = ids->restarts;
    }
}
