/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The sessions of the test that runs. An assert that fails leaves its test at once, and what the test had started goes on: its handlers would write
 * into a frame that is gone, while the next test runs. So a session is told here when it is made, and after each test those that are left are ended,
 * with their threads. A file that includes this has that for all of its tests. Include after cmocka.h. */
#include "spreadglass/engine/session.h"

#define OPEN_SESSIONS_MAX 16

static SgSession *open_sessions[OPEN_SESSIONS_MAX]; /* weak: NULL when it is gone */

/* Returns the session; NULL is none. */
static inline SgSession *open_session(SgSession *session)
{
    for (size_t i = 0; session && i < OPEN_SESSIONS_MAX; i++)
        if (!open_sessions[i]) {
            open_sessions[i] = session;
            g_object_add_weak_pointer(G_OBJECT(session), (gpointer *)&open_sessions[i]);
            return session;
        }
    assert_null(session); /* no more room */
    return NULL;
}

/* How many there were. */
static inline int end_open_sessions(void)
{
    int count = 0;
    for (size_t i = 0; i < OPEN_SESSIONS_MAX; i++)
        if (open_sessions[i]) {
            count++;
            g_signal_handlers_destroy(open_sessions[i]);
            sg_session_stop(open_sessions[i]);
            /* A handler that failed was left in the middle of a turn, which held a reference of its own. */
            while (open_sessions[i])
                g_object_unref(open_sessions[i]);
        }
    return count;
}

static int end_sessions_of_test(void **state)
{
    (void)state;
    end_open_sessions();
    return 0;
}

#undef cmocka_unit_test
#define cmocka_unit_test(test) cmocka_unit_test_teardown(test, end_sessions_of_test)
