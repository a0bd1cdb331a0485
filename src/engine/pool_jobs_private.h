/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Jobs on GTask's pool: handing them over, and not leaving before they have.
 *
 * The calls below order memory: what one thread wrote before its call, another sees after its own, when that comes later. GTask hands
 * over safely by itself, but with locks that ThreadSanitizer cannot see, and a run without false reports is worth it.
 * They count, too: a process that ends while a worker is inside of OpenSSL takes its tables away from under it. */
#include <stdbool.h>
#include <stdint.h>

/* Main: the job is filled, and will be run next. */
void sg_pool_begin(void);
/* Worker: first and last thing in a job. */
void sg_pool_enter(void);
void sg_pool_end(void);
/* Main: before reading a result. */
void sg_pool_collect(void);
/* Main: until no job is queued or running, at most timeout_us. False: some still are. */
bool sg_pool_wait(int64_t timeout_us);
