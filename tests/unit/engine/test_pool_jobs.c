/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nobody leaves the process while a worker is inside of a library, and whoever must leave all the same knows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "spreadglass/engine/session.h"
#include "../../../src/engine/pool_jobs_private.h"

static gpointer work(gpointer data)
{
    (void)data;
    sg_pool_enter();
    g_usleep(30000);
    sg_pool_end();
    return NULL;
}

static void work_is_left_until_its_worker_has_ended(void **state)
{
    (void)state;
    assert_false(sg_session_has_work());
    sg_pool_begin(); /* queued: nobody runs it yet */
    assert_true(sg_session_has_work());
    assert_false(sg_pool_wait(1000));
    GThread *worker = g_thread_new("worker", work, NULL);
    assert_true(sg_pool_wait(20000000));
    assert_false(sg_session_has_work());
    g_thread_join(worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(work_is_left_until_its_worker_has_ended)};
    return cmocka_run_group_tests_name("engine/pool_jobs", tests, NULL, NULL);
}
