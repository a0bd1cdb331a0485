/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool_jobs_private.h"
#include <errno.h>
#include <pthread.h>
#include <time.h>
#include "spreadglass/base/clock.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static unsigned jobs; /* queued or running; under mutex */

void sg_pool_begin(void)
{
    pthread_mutex_lock(&mutex);
    jobs++;
    pthread_mutex_unlock(&mutex);
}

void sg_pool_enter(void)
{
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
}

void sg_pool_end(void)
{
    pthread_mutex_lock(&mutex);
    jobs--;
    pthread_cond_broadcast(&ended);
    pthread_mutex_unlock(&mutex);
}

void sg_pool_collect(void)
{
    sg_pool_enter();
}

bool sg_pool_wait(int64_t timeout_us)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until); /* the condition's clock; a step of it only makes the wait shorter or longer */
    int64_t end_ns = (int64_t)until.tv_nsec + timeout_us % SG_US_PER_S * 1000;
    until.tv_sec += timeout_us / SG_US_PER_S + end_ns / 1000000000;
    until.tv_nsec = end_ns % 1000000000;
    pthread_mutex_lock(&mutex);
    while (jobs > 0 && pthread_cond_timedwait(&ended, &mutex, &until) != ETIMEDOUT)
        continue;
    bool none = jobs == 0;
    pthread_mutex_unlock(&mutex);
    return none;
}
