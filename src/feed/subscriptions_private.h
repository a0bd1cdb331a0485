/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The streams of one connection as desired state: the table says what must be subscribed, and what is still to be said to the
 * exchange follows from it. On a new connection everything is to be said again. Requests carry an id; its acknowledgement marks
 * the streams that it covered. One owner: the feed thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SG_SUBSCRIPTION_MAX 8
#define SG_SUBSCRIPTION_NAME 80
#define SG_REQUEST_MAX 1024 /* longest request text */

/* At most `limit` events in any window of one second, strictly: the exchange counts so. */
struct sg_rate_window {
    int64_t times_us[8];
    unsigned count; /* events ever; the last 8 are kept */
    unsigned limit; /* 1 … 8 */
};

/* 0: one more may happen now (the caller then notes it); else how long to wait, in microseconds. */
int64_t sg_rate_window_wait(const struct sg_rate_window *window, int64_t now_us);
void sg_rate_window_note(struct sg_rate_window *window, int64_t now_us);

enum sg_subscription_state { SG_SUB_WANTED, SG_SUB_DROP_FIRST /* unsubscribe, then subscribe anew */, SG_SUB_SENT, SG_SUB_ACKNOWLEDGED, SG_SUB_REFUSED };

struct sg_subscription {
    char name[SG_SUBSCRIPTION_NAME];
    int leg;
    enum sg_subscription_state state;
    int64_t request_id; /* of the request that is out; 0 = none */
    int64_t sent_us;
};

struct sg_subscriptions {
    struct sg_subscription items[SG_SUBSCRIPTION_MAX];
    size_t count;
    int64_t next_id;
    struct sg_rate_window window;
};

void sg_subscriptions_init(struct sg_subscriptions *table);
bool sg_subscriptions_add(struct sg_subscriptions *table, const char *name, int leg);
/* A new connection: all is to be said again, and its window is fresh. */
void sg_subscriptions_restart(struct sg_subscriptions *table);
/* Say this leg's streams again (unsubscribe, subscribe). */
void sg_subscriptions_renew(struct sg_subscriptions *table, int leg);
bool sg_subscriptions_pending(const struct sg_subscriptions *table);
/* Writes the next request (one batch of all that is due) and marks its streams as sent. 0: nothing is due. */
size_t sg_subscriptions_request(struct sg_subscriptions *table, int64_t now_us, char *buffer, size_t size);
/* An answer with this id; returns how many streams it settled. An error without an id (-1) settles what was sent last. */
size_t sg_subscriptions_answer(struct sg_subscriptions *table, int64_t id, bool accepted);
bool sg_subscriptions_all_acknowledged(const struct sg_subscriptions *table);
