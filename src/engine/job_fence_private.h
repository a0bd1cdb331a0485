/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Between filling a job and working on it, and between its result and reading that: what was written before the call in one thread
 * is seen after the call in the other, when the calls come one after the other. GTask itself hands over safely; but
 * with locks that ThreadSanitizer cannot see, and a run without false reports is worth two locks a job. Any thread. */
void sg_job_fence(void);
