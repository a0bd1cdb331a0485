/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One view of the exchange's patience for the whole program: what every REST call used of the minute's weight, and until when a host has
 * told us to stay away. Bans are per address, so every caller must share it. Any thread; one mutex {governor}. */
#include <stdint.h>
#include "spreadglass/feed/rest.h"

/* May a request to this origin (scheme://host:port) be sent? SG_ERR_REFUSED, with how long to wait, while it is blocked; a minute whose weight is nearly
 * used up blocks until it is over. */
enum sg_status sg_governor_admit(const char *origin, int64_t *ret_wait_us, struct sg_error *error);
/* What an answer said: used weight, 429, 418, Retry-After. Sets info->retry_after_us when the answer named none but must be obeyed. */
void sg_governor_learn(const char *origin, enum sg_market market, struct sg_rest_reply_info *info);
/* Forgets every host. For tests: their servers come and go, and one may get the port on which another said to stay away. */
void sg_governor_forget(void);
