/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Klines that were shown before they were final: the exchange's final word that says the same settles them, and builds nothing anew; another word does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "../../../src/engine/core_private.h"

#define MINUTE_US INT64_C(60000000)
#define AT_US (INT64_C(1700000100) * SG_US_PER_S)
#define BARS 20

static int told;

static void on_event(void *context, const SgSessionEvent *event)
{
    (void)context;
    told += event->code == SG_EVENT_BACKFILLED;
}

/* Both legs' minutes from AT_US on; the last one closes at `last_close`. */
static void answer_with(struct sg_core *core, uint32_t flags, double last_close)
{
    struct sg_history_answer *answer = sg_history_answer_new();
    struct sg_answer_result result;
    assert_non_null(answer);
    answer->kind = SG_HISTORY_KLINES;
    answer->interval = SG_INTERVAL_1M;
    answer->asked_us = AT_US + 2 * BARS * MINUTE_US;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        struct sg_history_leg *history = &answer->legs[leg];
        history->from_us = AT_US;
        history->to_us = AT_US + BARS * MINUTE_US;
        history->count = BARS;
        history->bars = calloc(BARS, sizeof *history->bars);
        assert_non_null(history->bars);
        for (int i = 0; i < BARS; i++) {
            double price = i == BARS - 1 ? last_close : 100 + i % 7 + (leg ? i % 3 : 0);
            history->bars[i] = (struct sg_bar){.time_us = AT_US + i * MINUTE_US,
                                               .open = price,
                                               .high = price,
                                               .low = price,
                                               .close = price,
                                               .trades = 3,
                                               .flags = SG_BAR_REPAIRED | (i == BARS - 1 ? flags : 0)};
        }
    }
    sg_core_answer(core, answer, &result);
    sg_history_answer_free(answer);
}

static void only_another_word_builds_anew(void **state)
{
    (void)state;
    for (int same = 0; same < 2; same++) {
        struct sg_core_config config = {.interval = SG_INTERVAL_1M, .outputs = {.on_event = on_event}};
        struct sg_error error;
        sg_pair_params_default(&config.params);
        config.params.window = 5;
        struct sg_core *core = sg_core_new(&config, &error);
        assert_non_null(core);
        answer_with(core, SG_BAR_UNSETTLED, 104);
        const struct sg_bar_store *bars = &core->bars[SG_INTERVAL_1M][SG_LEG_A];
        assert_int_equal(bars->length, BARS);
        assert_int_equal(sg_bar_store_at(bars, BARS - 1)->flags & SG_BAR_UNSETTLED, SG_BAR_UNSETTLED);
        uint64_t epoch = core->track.history.epoch, changes = core->history_changes;
        assert_true(core->track.history.length > 0);
        told = 0;
        answer_with(core, 0, same ? 104 : 105);
        assert_int_equal(sg_bar_store_at(bars, BARS - 1)->flags & SG_BAR_UNSETTLED, 0);
        assert_int_equal(core->track.history.epoch == epoch, same);
        assert_int_equal(core->history_changes == changes, same);
        assert_int_equal(told, same ? 0 : SG_LEG_COUNT);
        sg_core_free(core);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_another_word_builds_anew)};
    return cmocka_run_group_tests_name("engine/core_settle", tests, NULL, NULL);
}
