/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* How the core words its news. Each emits at once, unless the core is muted. */
#include "core_private.h"

void sg_core_emit_feed_event(struct sg_core *core, const struct sg_feed_event *event);
void sg_core_emit_gap(struct sg_core *core, const struct sg_gap *gap);
/* Both legs' sums, then zero. */
void sg_core_emit_late(struct sg_core *core, int64_t recv_us);
void sg_core_emit_dropped(struct sg_core *core, enum sg_leg leg, uint64_t count, int64_t first_recv_us);
void sg_core_emit_events_dropped(struct sg_core *core, uint64_t count);
/* `first_us`: the first bar that was added: alerts raised after it knew nothing of it, which is said. */
void sg_core_emit_backfilled(struct sg_core *core, enum sg_history_kind kind, enum sg_leg leg, int64_t from_us, int64_t to_us, size_t bars, int64_t first_us);
/* Any other trouble, in the words of whoever had it. */
void sg_core_emit_error(struct sg_core *core, const char *text);
void sg_core_emit_history_error(struct sg_core *core, const char *text);
/* Nothing when the step changed no alert; a flip clears and raises. */
void sg_core_emit_alert(struct sg_core *core, const struct sg_track_step *step, int64_t close_us);
/* After the history was built anew: an alert that was told and does not stand any more is told to be over, `why`; one that stands and was not told is told. */
void sg_core_settle_alert(struct sg_core *core, const char *why);
/* What stands is history, not news: the next close that calls for an alert raises it anew. */
void sg_core_forget_alert(struct sg_core *core);
