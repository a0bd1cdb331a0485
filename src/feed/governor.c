/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exchange's patience, shared by everybody who makes requests. */
#include "governor_private.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "spreadglass/base/clock.h"

#define HOSTS 16
#define STOP_AT(limit) ((limit)*8 / 10) /* others may ask from this address too */
#define RATE_WAIT_US INT64_C(60000000)
#define BAN_WAIT_US INT64_C(300000000)
#define GEO_WAIT_US INT64_C(600000000) /* asking again does not move us to another country */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct host {
    char origin[180];
    int64_t blocked_until_us; /* monotonic */
    int64_t last_use_us;
    long why; /* HTTP status, or 0 for the weight */
} hosts[HOSTS];

/* The entry of this origin; a new one takes the place of the longest unused one that is not blocked. */
static struct host *find(const char *origin, int64_t now)
{
    struct host *oldest = NULL;
    for (size_t i = 0; i < HOSTS; i++) {
        if (strcmp(hosts[i].origin, origin) == 0)
            return &hosts[i];
        if (hosts[i].blocked_until_us <= now && (!oldest || hosts[i].last_use_us < oldest->last_use_us))
            oldest = &hosts[i];
    }
    if (!oldest)
        return NULL;
    memset(oldest, 0, sizeof *oldest);
    snprintf(oldest->origin, sizeof oldest->origin, "%s", origin);
    return oldest;
}

enum sg_status sg_governor_admit(const char *origin, int64_t *ret_wait_us, struct sg_error *error)
{
    int64_t now = sg_clock_mono(sg_clock_system()), wait = 0;
    long why = 0;
    pthread_mutex_lock(&lock);
    struct host *host = find(origin, now);
    if (host) {
        host->last_use_us = now;
        wait = host->blocked_until_us - now;
        why = host->why;
    }
    pthread_mutex_unlock(&lock);
    if (wait <= 0)
        return SG_OK;
    *ret_wait_us = wait;
    if (why == 451)
        return sg_fail(error, SG_ERR_REFUSED, "%s refuses this location (HTTP 451); it is asked again in %lld s", origin,
                       (long long)((wait + 999999) / SG_US_PER_S));
    if (why)
        return sg_fail(error, SG_ERR_REFUSED, "%s told us to wait (HTTP %ld); %lld s of it are left", origin, why, (long long)((wait + 999999) / SG_US_PER_S));
    return sg_fail(error, SG_ERR_REFUSED, "the weight that %s allows in a minute is nearly used up; %lld s are left", origin,
                   (long long)((wait + 999999) / SG_US_PER_S));
}

void sg_governor_learn(const char *origin, enum sg_market market, struct sg_rest_reply_info *info)
{
    static const int64_t weight_limits[] = {[SG_MARKET_SPOT] = 6000, [SG_MARKET_USDM] = 2400}; /* a minute */
    int64_t now = sg_clock_mono(sg_clock_system()), block = 0;
    long why = 0;
    if (info->http_status == 429 || info->http_status == 418) {
        if (info->retry_after_us <= 0)
            info->retry_after_us = info->http_status == 418 ? BAN_WAIT_US : RATE_WAIT_US;
        block = info->retry_after_us;
        why = info->http_status;
    } else if (info->http_status == 451) {
        block = info->retry_after_us > 0 ? info->retry_after_us : GEO_WAIT_US;
        why = info->http_status;
    } else if (info->used_weight > STOP_AT(weight_limits[market])) {
        block = 60 * SG_US_PER_S - sg_clock_wall(sg_clock_system()) % (60 * SG_US_PER_S);
    }
    if (block <= 0)
        return;
    pthread_mutex_lock(&lock);
    struct host *host = find(origin, now);
    if (host && host->blocked_until_us < now + block) {
        host->blocked_until_us = now + block;
        host->why = why;
    }
    pthread_mutex_unlock(&lock);
}

void sg_governor_forget(void)
{
    pthread_mutex_lock(&lock);
    memset(hosts, 0, sizeof hosts);
    pthread_mutex_unlock(&lock);
}
