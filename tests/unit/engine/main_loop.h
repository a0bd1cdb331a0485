/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The main loop of a live session under test, until something has come true. Include after cmocka.h. */
#include <glib.h>

#define DEADLINE_US (150 * G_USEC_PER_SEC) /* for a machine that does much else */

static inline gboolean main_loop_pulse(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

/* The pulse lets the condition be looked at when nothing else happens. */
#define ITERATE_UNTIL(condition)                               \
    do {                                                       \
        gint64 until = g_get_monotonic_time() + DEADLINE_US;   \
        guint beat = g_timeout_add(20, main_loop_pulse, NULL); \
        while (!(condition)) {                                 \
            assert_true(g_get_monotonic_time() < until);       \
            g_main_context_iteration(NULL, TRUE);              \
        }                                                      \
        g_source_remove(beat);                                 \
    } while (0)
