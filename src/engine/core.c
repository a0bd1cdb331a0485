/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core_private.h"
#include <assert.h>
#include <stdlib.h>
#include "core_events_private.h"
#include "spreadglass/market/bar_quality.h"

/* As many as anyone looks at: 2.3 days of seconds, and years of hours. 96 bytes a bar. */
static const size_t bars_kept[SG_INTERVAL_COUNT] = {
    [SG_INTERVAL_1S] = 200000, [SG_INTERVAL_1M] = 100000, [SG_INTERVAL_5M] = 100000, [SG_INTERVAL_15M] = 100000, [SG_INTERVAL_30M] = 100000,
    [SG_INTERVAL_1H] = 100000, [SG_INTERVAL_2H] = 100000, [SG_INTERVAL_4H] = 100000, [SG_INTERVAL_1D] = 100000,
};

/* ---- what the resampler says ---- */

static void on_bar(void *context, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bar)
{
    struct sg_core *core = context;
    if (interval == SG_INTERVAL_1S && core->first_bar_us[leg] == 0)
        core->first_bar_us[leg] = bar->time_us;
    if (interval == SG_INTERVAL_1S && !(bar->flags & SG_BAR_FILLED))
        core->last_tick_us[leg] = bar->time_us + sg_interval_us(interval);
    struct sg_bar kept = *bar, healed;
    if (kept.last_tick_us == 0)
        kept.last_tick_us = core->last_tick_us[leg];
    /* Seconds that it lacked were repaired while it was forming: with them it is whole. */
    if (interval != SG_INTERVAL_1S && sg_bar_is_doubtful(kept.flags) && sg_core_sum_seconds(core, interval, leg, kept.time_us, &healed))
        kept = healed;
    if (kept.flags & SG_BAR_INCOMPLETE)
        core->doubt_from_us[interval][leg] = MIN(core->doubt_from_us[interval][leg], kept.time_us);
    if (sg_bar_store_append(&core->bars[interval][leg], &kept) != SG_OK)
        core->failures++;
    else if (!core->muted && core->outputs.keep_bars)
        core->outputs.keep_bars(core->outputs.context, interval, leg, &kept, 1);
}

static const struct sg_bar *last_bar_at(const struct sg_core *core, enum sg_interval interval, enum sg_leg leg, int64_t time_us)
{
    const struct sg_bar_store *store = &core->bars[interval][leg];
    if (store->length == 0)
        return NULL;
    const struct sg_bar *bar = sg_bar_store_at(store, store->length - 1);
    return bar->time_us == time_us ? bar : NULL;
}

static void close_pair(struct sg_core *core, const struct sg_bar *a, const struct sg_bar *b)
{
    struct sg_track_step step;
    uint64_t epoch = core->track.history.epoch;
    enum sg_status status = sg_pair_track_push(&core->track, a, b, &step);
    if (status != SG_OK) {
        core->failures += status != SG_ERR_RANGE; /* a refused price is counted by the track */
        return;
    }
    core->history_changes++;
    SgClosedBar closed = {
        .interval = core->interval, .legs = {*a, *b}, .row = step.row, .result = step.result, .age_us = {step.age_us[SG_LEG_A], step.age_us[SG_LEG_B]}};
    int64_t close_us = a->time_us + core->track.interval_us;
    if (core->relation_epoch == epoch) /* rows that were forgotten change nothing of what was known */
        core->relation_epoch = core->track.history.epoch;
    epoch = core->track.history.epoch;
    if (core->outputs.on_bar && !core->muted) {
        struct sg_verdict_input relation;
        sg_core_relation(core, &relation);
        closed.grade = sg_grade_of(&relation);
    }
    if (step.change == SG_ALERT_RAISED || step.change == SG_ALERT_FLIPPED) {
        struct sg_fired_alert fired = {a->time_us, core->interval, core->track.alert.side, core->track.params.entry};
        core->failures += sg_fired_alerts_add(&core->fired, &fired) != SG_OK;
    }
    if (!core->muted && core->outputs.on_bar)
        core->outputs.on_bar(core->outputs.context, &closed);
    if (core->track.history.epoch == epoch) /* else a receiver had it built anew, and what came of it was told */
        sg_core_emit_alert(core, &step, close_us);
}

/* Seconds of a longer bar were repaired while it was forming: it exists all the same. */
static bool close_from_seconds(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, int64_t time_us)
{
    struct sg_bar bar;
    if (last_bar_at(core, interval, leg, time_us) || !sg_core_sum_seconds(core, interval, leg, time_us, &bar))
        return false;
    if (sg_bar_store_append(&core->bars[interval][leg], &bar) != SG_OK) {
        core->failures++;
        return false;
    }
    if (!core->muted && core->outputs.keep_bars)
        core->outputs.keep_bars(core->outputs.context, interval, leg, &bar, 1);
    return true;
}

static void on_close(void *context, enum sg_interval interval, int64_t time_us, unsigned present)
{
    struct sg_core *core = context;
    core->closed_until_us[interval] = time_us + sg_interval_us(interval);
    core->changes++;
    for (int leg = 0; leg < SG_LEG_COUNT && interval != SG_INTERVAL_1S; leg++)
        present |= close_from_seconds(core, interval, (enum sg_leg)leg, time_us) ? 1u << leg : 0;
    for (int leg = 0; leg < SG_LEG_COUNT && interval != SG_INTERVAL_1S; leg++)
        sg_core_list_missing(core, interval, (enum sg_leg)leg, core->closed_until_us[interval]);
    if (interval != core->interval)
        return;
    const struct sg_bar *a = present & 1u << SG_LEG_A ? last_bar_at(core, interval, SG_LEG_A, time_us) : NULL;
    const struct sg_bar *b = present & 1u << SG_LEG_B ? last_bar_at(core, interval, SG_LEG_B, time_us) : NULL;
    if (a && b)
        close_pair(core, a, b);
    unsigned missing = (a ? 0u : 1u << SG_LEG_A) | (b ? 0u : 1u << SG_LEG_B);
    if (!core->muted && core->outputs.on_close)
        core->outputs.on_close(core->outputs.context, interval, time_us, missing);
}

/* Which trades a gap lost is known only when the first one after it comes. */
static void note_missed_ids(struct sg_gap_ledger *ledger, const struct sg_gap *gap)
{
    for (size_t i = ledger->length; i-- > 0;) {
        struct sg_gap *entry = &ledger->gaps[i];
        if (entry->leg == gap->leg && entry->to_us == gap->to_us && entry->cause != SG_GAP_ID_HOLE) {
            entry->first_id = gap->first_id;
            entry->last_id = gap->last_id;
            return;
        }
    }
}

/* Bars that closed already turned out not to be all there was. */
static void doubt(struct sg_core *core, enum sg_leg leg, int64_t from_us, int64_t to_us)
{
    for (int i = 0; i < SG_INTERVAL_COUNT; i++) {
        int64_t first_us = sg_bar_store_doubt(&core->bars[i][leg], sg_interval_us((enum sg_interval)i), from_us, to_us);
        core->doubt_from_us[i][leg] = MIN(core->doubt_from_us[i][leg], first_us);
        if (first_us != INT64_MAX && !core->muted && core->outputs.keep_doubt)
            core->outputs.keep_doubt(core->outputs.context, (enum sg_interval)i, leg, from_us, to_us);
    }
}

/* An ended gap: to whoever listens, and to be kept as the ledger has it. A part of it may be repaired already. */
static void tell_gap(struct sg_core *core, const struct sg_gap *gap)
{
    sg_core_emit_gap(core, gap);
    sg_core_keep_gaps(core, gap->leg, gap->from_us, gap->to_us);
}

static void on_gap(void *context, const struct sg_gap *gap)
{
    struct sg_core *core = context;
    core->changes++;
    if (gap->cause == SG_GAP_ID_HOLE || gap->to_us == INT64_MAX) /* an outage may reach back to bars that closed before it was noticed */
        doubt(core, gap->leg, gap->from_us, gap->to_us);
    if (gap->to_us == INT64_MAX) {
        if (sg_gap_ledger_add(&core->gaps, gap) != SG_OK)
            core->failures++;
        /* Told when it is known how long it was. The bars that are in doubt are listed now: a run that is killed meanwhile has not lost them silently. */
        struct sg_gap known = *gap;
        known.to_us = core->closed_until_us[SG_INTERVAL_1S];
        if (known.from_us < known.to_us && !core->muted && core->outputs.keep_gap)
            core->outputs.keep_gap(core->outputs.context, &known);
        return;
    }
    bool lasting = gap->cause != SG_GAP_ID_HOLE && sg_gap_ledger_end(&core->gaps, gap->leg, gap->to_us, NULL) == SG_OK;
    if (lasting)
        note_missed_ids(&core->gaps, gap);
    else if (sg_gap_ledger_add(&core->gaps, gap) != SG_OK)
        core->failures++;
    tell_gap(core, gap);
}

/* The gap of the time that nobody watched, or what is left of it, names what it missed. */
static void name_unwatched(struct sg_core *core, enum sg_leg leg)
{
    for (size_t i = 0; i < core->gaps.length && core->kept_until_told[leg]; i++) {
        struct sg_gap *gap = &core->gaps.gaps[i];
        if (gap->leg != leg || gap->cause != SG_GAP_NOT_RUNNING || gap->from_us < core->unwatched_from_us[leg])
            continue;
        gap->first_id = core->unwatched[leg].first;
        gap->last_id = core->unwatched[leg].last;
        core->gaps.changes++;
        sg_core_keep_gaps(core, leg, gap->from_us, gap->to_us);
    }
}

static void on_missing(void *context, enum sg_leg leg, int64_t first_id, int64_t last_id)
{
    struct sg_core *core = context;
    sg_core_ids_missed(core, leg, first_id, last_id);
    if (!core->resumed[leg] || core->first_bar_us[leg] > 0)
        return;
    /* Before the leg's first second nothing is watched: an outage there has no gap of its own. */
    struct sg_id_run *run = &core->unwatched[leg];
    run->first = run->last > 0 ? MIN(run->first, first_id) : first_id;
    run->last = MAX(run->last, last_id);
    name_unwatched(core, leg);
}

static void on_found(void *context, enum sg_leg leg, int64_t first_id, int64_t last_id)
{
    sg_core_ids_found(context, leg, first_id, last_id);
}

/* Bars of our own that nothing had proved until now. A kline that was fetched too early is not proved by this. */
static void on_settled(void *context, enum sg_leg leg, int64_t from_us, int64_t until_us)
{
    struct sg_core *core = context;
    for (int i = 0; i < SG_INTERVAL_COUNT; i++) {
        struct sg_bar_store *store = &core->bars[i][leg];
        int64_t length_us = sg_interval_us((enum sg_interval)i);
        for (size_t at = sg_bar_store_lower_bound(store, from_us - from_us % length_us); at < store->length; at++) {
            const struct sg_bar *bar = sg_bar_store_at(store, at);
            struct sg_bar healed;
            if (bar->time_us + length_us > until_us)
                break;
            if (!(bar->flags & SG_BAR_UNSETTLED))
                continue;
            bool repaired = bar->flags & SG_BAR_REPAIRED;
            if (repaired && (i == SG_INTERVAL_1S || !sg_core_sum_seconds(core, (enum sg_interval)i, leg, bar->time_us, &healed) || !sg_bar_is_final(&healed)))
                continue;
            sg_bar_store_settle(store, at, repaired ? &healed : NULL);
            if (!core->muted && core->outputs.keep_bars)
                core->outputs.keep_bars(core->outputs.context, (enum sg_interval)i, leg, bar, 1);
        }
    }
    sg_core_fill(core, leg, from_us, until_us);
    core->changes++;
}

static void on_late(void *context, const struct sg_tick *tick, int64_t behind_us)
{
    struct sg_core *core = context;
    unsigned leg = tick->leg;
    if (core->late_count[SG_LEG_A] + core->late_count[SG_LEG_B] == 0)
        core->late_deadline_us = tick->recv_us + SG_US_PER_S;
    int64_t second_us = (tick->time_us ? tick->time_us : tick->event_us) / SG_US_PER_S * SG_US_PER_S;
    if (core->late_count[leg] == 0 || second_us < core->late_from_us[leg])
        core->late_from_us[leg] = second_us;
    if (core->late_count[leg] == 0 || second_us + SG_US_PER_S > core->late_to_us[leg])
        core->late_to_us[leg] = second_us + SG_US_PER_S;
    core->late_count[leg]++;
    if (behind_us > core->late_worst_us[leg])
        core->late_worst_us[leg] = behind_us;
    /* At once: a run that is killed now must not have called it exact. Their sum is told a second later. */
    struct sg_gap gap = {(enum sg_leg)leg, second_us, second_us + SG_US_PER_S, -1, -1, SG_GAP_LATE, SG_GAP_OPEN};
    if (core->first_bar_us[leg] == 0 || second_us < core->first_bar_us[leg])
        return;
    doubt(core, (enum sg_leg)leg, second_us, second_us + SG_US_PER_S);
    core->failures += sg_gap_ledger_add(&core->gaps, &gap) != SG_OK;
    sg_core_keep_gaps(core, gap.leg, gap.from_us, gap.to_us);
}

/* ---- life ---- */

struct sg_core *sg_core_new(const struct sg_core_config *config, struct sg_error *error)
{
    enum sg_status status = sg_pair_params_check(&config->params, error);
    if (status != SG_OK)
        return NULL;
    if ((unsigned)config->interval >= SG_INTERVAL_COUNT) {
        sg_fail(error, SG_ERR_INVALID, "no such interval");
        return NULL;
    }
    struct sg_core *core = calloc(1, sizeof *core);
    if (!core)
        goto no_memory;
    core->outputs = config->outputs;
    core->interval = config->interval;
    core->keeps = config->keeps;
    memcpy(core->legs, config->legs, sizeof core->legs);
    sg_alert_reset(&core->told);
    sg_diagnostics_init(&core->relation);
    for (int i = 0; i < SG_INTERVAL_COUNT; i++)
        for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
            sg_bar_store_init(&core->bars[i][leg], bars_kept[i]);
            core->doubt_from_us[i][leg] = INT64_MAX;
        }
    sg_gap_ledger_init(&core->gaps, SG_CORE_GAPS_MAXIMUM);
    struct sg_resampler_config resampling = {
        .callbacks = {.on_bar = on_bar,
                      .on_close = on_close,
                      .on_gap = on_gap,
                      .on_late = on_late,
                      .on_missing = on_missing,
                      .on_found = on_found,
                      .on_settled = on_settled,
                      .context = core},
    };
    core->resampler = sg_resampler_new(&resampling);
    if (!core->resampler)
        goto no_memory;
    status = sg_pair_track_init(&core->track, &config->params, sg_interval_us(config->interval), config->stale_after_us, config->history_maximum);
    if (status == SG_OK)
        return core;
no_memory:
    sg_core_free(core);
    sg_fail(error, SG_ERR_NOMEM, "no memory for a session with a window of %zu bars", config->params.window);
    return NULL;
}

void sg_core_free(struct sg_core *core)
{
    if (!core)
        return;
    sg_resampler_free(core->resampler);
    sg_pair_track_free(&core->track);
    sg_gap_ledger_free(&core->gaps);
    sg_fired_alerts_free(&core->fired);
    sg_diagnostics_free(&core->relation);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        sg_id_set_free(&core->missed[leg]);
        sg_id_set_free(&core->fetched[leg]);
    }
    for (int i = 0; i < SG_INTERVAL_COUNT; i++)
        for (int leg = 0; leg < SG_LEG_COUNT; leg++)
            sg_bar_store_free(&core->bars[i][leg]);
    free(core);
}

void sg_core_mute(struct sg_core *core)
{
    core->muted = true;
}

/* ---- records ---- */

/* Tells of the late ticks so far, and of the seconds that they were missing from, which the ledger has. Before a leg's first bar there is
 * nothing that they could be missing from. */
static void tell_late(struct sg_core *core, int64_t recv_us)
{
    bool missed[SG_LEG_COUNT];
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        core->late_from_us[leg] = MAX(core->late_from_us[leg], core->first_bar_us[leg]);
        missed[leg] = core->late_count[leg] > 0 && core->first_bar_us[leg] > 0 && core->late_from_us[leg] < core->late_to_us[leg];
    }
    sg_core_emit_late(core, recv_us);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        struct sg_gap gap = {(enum sg_leg)leg, core->late_from_us[leg], core->late_to_us[leg], -1, -1, SG_GAP_LATE, SG_GAP_OPEN};
        if (!missed[leg])
            continue;
        tell_gap(core, &gap);
        sg_core_fill(core, gap.leg, gap.from_us, gap.to_us); /* it may have been repaired meanwhile */
    }
    core->changes++;
}

/* Moves the clock on to recv_us. A summary of late ticks that falls due on the way is told at its own moment, so that
 * its place among the bars does not depend on when the next record happens to come. */
static void advance(struct sg_core *core, int64_t recv_us)
{
    if (core->late_count[SG_LEG_A] + core->late_count[SG_LEG_B] > 0 && recv_us >= core->late_deadline_us) {
        sg_resampler_advance(core->resampler, core->late_deadline_us);
        tell_late(core, core->late_deadline_us);
    }
    sg_resampler_advance(core->resampler, recv_us);
    if (recv_us > core->recv_us)
        core->recv_us = recv_us;
}

/* Where "all bars" begins: the first one that a fit without limit includes. It depends on when the session began and on what was kept before, never on
 * which window, lookback, threshold or interval was looked at meanwhile, although those decide which bars there are. INT64_MIN before the first tick. */
static int64_t sample_from(const struct sg_core *core, enum sg_interval interval)
{
    if (core->first_tick_us == 0)
        return INT64_MIN;
    int64_t interval_us = sg_interval_us(interval), begin_us = core->first_tick_us / interval_us * interval_us;
    int64_t least_us = begin_us - (int64_t)SG_CORE_BARS_BEFORE * interval_us;
    int64_t most_us = begin_us - (int64_t)SG_CORE_BARS_BEFORE_MAXIMUM * interval_us;
    const int64_t *seeded = core->kept_from_us[interval];
    bool is_seeded = seeded[SG_LEG_A] > 0 && seeded[SG_LEG_B] > 0;
    int64_t seeded_us = is_seeded ? MAX(seeded[SG_LEG_A], seeded[SG_LEG_B]) : least_us;
    return seeded_us > least_us ? least_us : MAX(seeded_us, most_us);
}

/* Only now it is known where the sample begins: bars of an earlier run may be older. */
static void begin_sample(struct sg_core *core)
{
    const struct sg_history *history = &core->track.history;
    int64_t from_us = sample_from(core, core->interval);
    if (history->length == 0 || history->time_us[0] >= from_us) {
        core->track.sample_from_us = from_us;
        return;
    }
    bool was_standing = core->track.alert.side != SG_SIGNAL_NONE, was_muted = core->muted;
    core->muted = was_muted || !was_standing;
    if (sg_core_rebuild(core) != SG_OK)
        core->failures++;
    else if (!was_standing)
        sg_core_forget_alert(core); /* one that the earlier run had is history, not news */
    core->muted = was_muted;
}

/* From the last bar of an earlier run to the first tick of this one nobody watched. It has an entry however short it is, or nothing could name the trades of it. */
static void tell_not_running(struct sg_core *core)
{
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        int64_t second_us = core->first_tick_us - core->first_tick_us % SG_US_PER_S;
        struct sg_gap gap = {(enum sg_leg)leg, MIN(core->kept_until_us[leg], second_us), second_us, -1, -1, SG_GAP_NOT_RUNNING, SG_GAP_OPEN};
        gap.to_us += gap.from_us == gap.to_us ? SG_US_PER_S : 0;
        if (gap.from_us == 0 || core->kept_until_told[leg])
            continue;
        core->kept_until_told[leg] = true;
        core->unwatched_from_us[leg] = gap.from_us;
        if (core->unwatched[leg].last > 0) {
            gap.first_id = core->unwatched[leg].first;
            gap.last_id = core->unwatched[leg].last;
        }
        if (sg_gap_ledger_add(&core->gaps, &gap) != SG_OK)
            core->failures++;
        tell_gap(core, &gap);
    }
}

static void apply_tick(struct sg_core *core, const struct sg_tick *tick)
{
    if (core->late_count[SG_LEG_A] + core->late_count[SG_LEG_B] > 0 && tick->recv_us >= core->late_deadline_us)
        advance(core, core->late_deadline_us);
    sg_resampler_tick(core->resampler, tick);
    if (tick->recv_us > core->recv_us)
        core->recv_us = tick->recv_us;
    if (core->unseen_recv_us == 0)
        core->unseen_recv_us = tick->recv_us;
    if (core->first_tick_us == 0) {
        core->first_tick_us = tick->time_us ? tick->time_us : sg_core_exchange_time(core, tick->recv_us);
        if (core->first_tick_us > 0) {
            tell_not_running(core);
            begin_sample(core);
        }
    }
    if (tick->event_us > 0 && sg_latency_wants(&core->latency, tick->recv_us)) {
        int64_t arrived_us = sg_resampler_exchange_time(core->resampler, tick->recv_us);
        sg_latency_add(&core->latency, tick->recv_us, arrived_us - tick->event_us);
    }
}

/* The past as the exchange tells it, at the place among the records where the answer came. */
static void apply_answer(struct sg_core *core, struct sg_tick_ring *ring, const struct sg_feed_event *event)
{
    struct sg_history_answer *answer = ring ? sg_tick_ring_take_answer(ring, event->answer) : NULL;
    struct sg_answer_result result = {0};
    if (core->late_count[SG_LEG_A] + core->late_count[SG_LEG_B] > 0)
        tell_late(core, event->recv_us); /* what is about to be repaired is told first */
    if (answer)
        sg_core_answer(core, answer, &result);
    if (!core->muted && core->outputs.on_answer)
        core->outputs.on_answer(core->outputs.context, answer, &result);
    sg_history_answer_free(answer);
}

static void apply_event(struct sg_core *core, struct sg_tick_ring *ring, const struct sg_feed_event *event)
{
    advance(core, event->recv_us);
    if (event->code == SG_EVENT_HISTORY) {
        apply_answer(core, ring, event);
        return;
    }
    if (event->code < SG_EVENT_COUNT)
        sg_core_emit_feed_event(core, event);
    for (int leg = 0; event->code == SG_EVENT_MAINTENANCE && leg < SG_LEG_COUNT; leg++)
        if (event->leg == -1 || event->leg == leg)
            (void)sg_gap_ledger_explain(&core->gaps, (enum sg_leg)leg, SG_GAP_MAINTENANCE);
    sg_resampler_event(core->resampler, event);
    core->changes++;
}

/* Before the batch's own ticks: those dropped came after what was in the ring, and no bar they belong to may close before. */
static void apply_drops(struct sg_core *core, const struct sg_tick_ring_stats *stats)
{
    for (int i = 0; i < SG_LEG_COUNT; i++) {
        uint64_t count = stats->dropped[i] - core->dropped[i];
        if (count == 0)
            continue;
        enum sg_leg leg = (enum sg_leg)i;
        core->dropped[i] = stats->dropped[i];
        sg_resampler_dropped(core->resampler, leg, stats->first_drop_us[i], stats->last_drop_us[i]);
        sg_core_emit_dropped(core, leg, count, stats->first_drop_us[i]);
        core->changes++;
    }
    if (stats->events_dropped > core->events_dropped) {
        sg_core_emit_events_dropped(core, stats->events_dropped - core->events_dropped);
        core->events_dropped = stats->events_dropped;
        core->changes++;
    }
}

void sg_core_ingest(struct sg_core *core, const struct sg_tick_batch *batch)
{
    apply_drops(core, &batch->stats);
    size_t event = 0;
    for (size_t i = 0; i < batch->tick_count; i++) {
        while (event < batch->event_count && batch->event_after[event] <= i)
            apply_event(core, batch->ring, &batch->events[event++]);
        apply_tick(core, &batch->ticks[i]);
    }
    while (event < batch->event_count)
        apply_event(core, batch->ring, &batch->events[event++]);
    if (batch->tick_count > 0)
        core->changes++;
    if (!batch->more && batch->watermark_us > 0)
        advance(core, batch->watermark_us);
}

void sg_core_finish(struct sg_core *core)
{
    sg_resampler_finish(core->resampler);
    if (core->late_count[SG_LEG_A] + core->late_count[SG_LEG_B] > 0)
        tell_late(core, core->recv_us);
    core->changes++;
}

/* ---- changes from outside ---- */

static enum sg_status rebuild(struct sg_core *core, const struct sg_pair_params *params, enum sg_interval interval, const char *why)
{
    enum sg_status status = sg_pair_track_rebuild(&core->track, params, sg_interval_us(interval), sample_from(core, interval), &core->bars[interval][SG_LEG_A],
                                                  &core->bars[interval][SG_LEG_B]);
    if (status == SG_OK)
        sg_core_settle_alert(core, why);
    core->changes++;
    core->history_changes++;
    return status;
}

enum sg_status sg_core_set_params(struct sg_core *core, const struct sg_pair_params *params, struct sg_error *error)
{
    enum sg_status status = sg_pair_params_check(params, error);
    if (status != SG_OK)
        return status;
    struct sg_pair_params copy = *params;
    status = rebuild(core, &copy, core->interval, "the settings were changed");
    if (status != SG_OK)
        return sg_fail(error, status, "no memory for a window of %zu bars", params->window);
    return SG_OK;
}

enum sg_status sg_core_set_stale_after(struct sg_core *core, int64_t stale_after_us, struct sg_error *error)
{
    if (stale_after_us < 0)
        return sg_fail(error, SG_ERR_INVALID, "the age beyond which a leg is stale cannot be negative");
    core->track.stale_after_us = stale_after_us > 0 ? stale_after_us : SG_STALE_AFTER_US;
    struct sg_pair_params params = core->track.params;
    if (rebuild(core, &params, core->interval, "the settings were changed") != SG_OK)
        return sg_fail(error, SG_ERR_NOMEM, "no memory for a window of %zu bars", params.window);
    return SG_OK;
}

enum sg_status sg_core_set_interval(struct sg_core *core, enum sg_interval interval)
{
    assert((unsigned)interval < SG_INTERVAL_COUNT);
    struct sg_pair_params params = core->track.params;
    enum sg_status status = rebuild(core, &params, interval, "the interval was changed");
    if (status == SG_OK)
        core->interval = interval;
    return status;
}

enum sg_status sg_core_rebuild(struct sg_core *core)
{
    struct sg_pair_params params = core->track.params;
    return rebuild(core, &params, core->interval, "bars were repaired");
}

/* Bars that nothing had proved, of which the exchange says the same when they are final. */
size_t sg_core_confirm(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bars, size_t count)
{
    struct sg_bar_store *store = &core->bars[interval][leg];
    size_t confirmed = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = sg_bar_store_lower_bound(store, bars[i].time_us);
        const struct sg_bar *mine = at < store->length ? sg_bar_store_at(store, at) : NULL;
        if (!mine || mine->time_us != bars[i].time_us || (mine->flags & SG_BAR_DOUBTFUL) != SG_BAR_UNSETTLED || !sg_bar_is_final(&bars[i]) ||
            !sg_bar_store_same(mine, &bars[i]))
            continue;
        sg_bar_store_settle(store, at, NULL);
        confirmed++;
        if (!core->muted && core->outputs.keep_bars)
            core->outputs.keep_bars(core->outputs.context, interval, leg, mine, 1);
    }
    core->confirmed += confirmed;
    return confirmed;
}

enum sg_status sg_core_backfill(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bars, size_t count, int64_t from_us,
                                int64_t to_us, size_t *ret_added)
{
    size_t added = 0, confirmed = sg_core_confirm(core, interval, leg, bars, count);
    int64_t first_us = 0;
    enum sg_status status = sg_bar_store_merge(&core->bars[interval][leg], bars, count, &added, &first_us);
    if (status != SG_OK)
        return status;
    *ret_added = added;
    if (added > 0 && !core->muted && core->outputs.keep_bars)
        core->outputs.keep_bars(core->outputs.context, interval, leg, bars, count);
    if (confirmed > 0)
        sg_core_fill(core, leg, bars[0].time_us, bars[count - 1].time_us + sg_interval_us(interval));
    if (added == 0)
        return SG_OK;
    sg_core_fill(core, leg, bars[0].time_us, bars[count - 1].time_us + sg_interval_us(interval)); /* a hole in the exchange's answer stays a hole in ours */
    if (interval == core->interval)
        sg_core_emit_backfilled(core, SG_HISTORY_KLINES, leg, from_us, to_us, added, first_us);
    core->changes++;
    return SG_OK;
}

enum sg_status sg_core_seed(struct sg_core *core, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bars, size_t count, int64_t kept_from_us)
{
    size_t added = 0;
    int64_t first_us = 0;
    core->kept_from_us[interval][leg] = kept_from_us;
    return sg_bar_store_merge(&core->bars[interval][leg], bars, count, &added, &first_us);
}

void sg_core_seeded_until(struct sg_core *core, enum sg_leg leg, int64_t until_us)
{
    core->kept_until_us[leg] = until_us;
    if (core->first_tick_us > 0)
        tell_not_running(core);
}

void sg_core_seed_ids(struct sg_core *core, enum sg_leg leg, int64_t last_id, int64_t last_time_us)
{
    if (core->first_tick_us > 0 || core->kept_until_us[leg] == 0) /* without a bar there is nothing that could have a gap behind it */
        return;
    core->resumed[leg] = true;
    sg_resampler_resume(core->resampler, leg, last_id, last_time_us);
}

void sg_core_seed_gap(struct sg_core *core, const struct sg_gap *gap)
{
    if (sg_gap_ledger_add(&core->gaps, gap) != SG_OK)
        core->failures++;
    core->changes++;
}

void sg_core_keep_gaps(struct sg_core *core, enum sg_leg leg, int64_t from_us, int64_t to_us)
{
    for (size_t i = 0; i < core->gaps.length && !core->muted && core->outputs.keep_gap; i++) {
        const struct sg_gap *gap = &core->gaps.gaps[i];
        if (gap->leg == leg && gap->to_us != INT64_MAX && gap->from_us <= to_us && from_us <= gap->to_us)
            core->outputs.keep_gap(core->outputs.context, gap);
    }
}

/* ---- what a snapshot asks ---- */

/* How many of the first `rows` rows are looked at: a number that grows in steps of about a fiftieth. */
static uint64_t rows_looked_at(uint64_t rows)
{
    static const struct {
        uint64_t from, step;
    } steps[] = {{5000, 100}, {2000, 40}, {1000, 20}, {500, 10}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (rows >= steps[i].from)
            return rows - rows % steps[i].step;
    return rows;
}

void sg_core_relation(struct sg_core *core, struct sg_verdict_input *ret_input)
{
    const struct sg_history *history = &core->track.history;
    uint64_t rows = rows_looked_at(history->forgotten + history->length); /* those that only fill the window included: they are a fixed number */
    if (rows > history->forgotten && (rows != core->relation_rows || history->epoch != core->relation_epoch)) {
        size_t length = (size_t)(rows - history->forgotten);
        if (sg_diagnostics_relation(&core->relation, history, length, &core->track.params, SG_SESSION_TEST_BARS) != SG_OK)
            core->failures++;
        core->relation_rows = rows;
        core->relation_epoch = history->epoch;
    }
    *ret_input = (struct sg_verdict_input){.engle_granger = &core->relation.engle_granger, .reverse = &core->relation.engle_granger_reverse};
}

int64_t sg_core_exchange_time(const struct sg_core *core, int64_t recv_us)
{
    struct sg_resampler_stats stats;
    sg_resampler_stats(core->resampler, &stats);
    return stats.clock_runs ? sg_resampler_exchange_time(core->resampler, recv_us) : 0;
}

bool sg_core_forming(struct sg_core *core, int64_t now_us, struct sg_row *ret_row)
{
    struct sg_bar bars[SG_LEG_COUNT];
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (!sg_resampler_forming(core->resampler, core->interval, (enum sg_leg)leg, &bars[leg]))
            return false;
    if (bars[SG_LEG_A].time_us != bars[SG_LEG_B].time_us) {
        /* One leg has not traded since the other's bar began: as of now its bar would be filled. */
        enum sg_leg behind = bars[SG_LEG_A].time_us < bars[SG_LEG_B].time_us ? SG_LEG_A : SG_LEG_B;
        struct sg_bar *bar = &bars[behind];
        double last = bar->close;
        *bar = (struct sg_bar){
            .time_us = bars[1 - behind].time_us, .open = last, .high = last, .low = last, .close = last, .flags = SG_BAR_FILLED | SG_BAR_PROVISIONAL};
    }
    const struct sg_history *history = &core->track.history;
    if (history->length > 0 && bars[0].time_us <= history->time_us[history->length - 1])
        return false;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (bars[leg].last_tick_us == 0)
            bars[leg].last_tick_us = bars[leg].flags & SG_BAR_FILLED ? core->last_tick_us[leg] : 0;
    return sg_pair_track_peek(&core->track, &bars[SG_LEG_A], &bars[SG_LEG_B], now_us, ret_row) == SG_OK;
}
