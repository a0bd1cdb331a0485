/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What must be done once before the numbers are used. */

/* Switches GSL's error handler off, which would abort the process; every GSL status is checked instead. Idempotent, any thread.
 * The constructors of this room call it, so a caller need not; `main` does, to have it done before there are threads. */
void sg_analytics_init(void);
