/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <pthread.h>
#include <gsl/gsl_errno.h>
#include "spreadglass/analytics/analytics.h"

static void switch_off_handler(void)
{
    (void)gsl_set_error_handler_off();
}

void sg_analytics_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, switch_off_handler);
}
