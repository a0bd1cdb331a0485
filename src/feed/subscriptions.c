/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subscriptions as desired state, and the strict window in which they may be sent. */
#include "subscriptions_private.h"

#include <stdio.h>
#include <string.h>

#include "spreadglass/base/buffer.h"

#define WINDOW_US INT64_C(1000000)
#define KEPT (sizeof((struct sg_rate_window *)0)->times_us / sizeof(int64_t))

int64_t sg_rate_window_wait(const struct sg_rate_window *window, int64_t now_us)
{
    if (window->count < window->limit)
        return 0;
    int64_t oldest = window->times_us[(window->count - window->limit) % KEPT];
    int64_t wait = oldest + WINDOW_US - now_us;
    return wait > 0 ? wait : 0;
}

void sg_rate_window_note(struct sg_rate_window *window, int64_t now_us)
{
    window->times_us[window->count % KEPT] = now_us;
    window->count++;
}

void sg_subscriptions_init(struct sg_subscriptions *table)
{
    memset(table, 0, sizeof *table);
    table->next_id = 1;
    table->window.limit = 3; /* of the exchange's 5: PING and PONG count too */
}

bool sg_subscriptions_add(struct sg_subscriptions *table, const char *name, int leg)
{
    if (table->count == SG_SUBSCRIPTION_MAX || strlen(name) >= SG_SUBSCRIPTION_NAME)
        return false;
    struct sg_subscription *item = &table->items[table->count++];
    memset(item, 0, sizeof *item);
    snprintf(item->name, sizeof item->name, "%s", name);
    item->leg = leg;
    return true;
}

void sg_subscriptions_restart(struct sg_subscriptions *table)
{
    for (size_t i = 0; i < table->count; i++) {
        table->items[i].state = SG_SUB_WANTED;
        table->items[i].request_id = 0;
    }
    table->window.count = 0;
}

void sg_subscriptions_renew(struct sg_subscriptions *table, int leg)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->items[i].leg == leg)
            table->items[i].state = SG_SUB_DROP_FIRST;
}

static bool due(const struct sg_subscriptions *table, enum sg_subscription_state state)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->items[i].state == state)
            return true;
    return false;
}

bool sg_subscriptions_pending(const struct sg_subscriptions *table)
{
    return due(table, SG_SUB_WANTED) || due(table, SG_SUB_DROP_FIRST);
}

size_t sg_subscriptions_request(struct sg_subscriptions *table, int64_t now_us, char *buffer, size_t size)
{
    bool drop = due(table, SG_SUB_DROP_FIRST);
    if (!drop && !due(table, SG_SUB_WANTED))
        return 0;
    struct sg_buffer text;
    sg_buffer_init(&text, size - 1);
    (void)sg_buffer_append_format(&text, "{\"method\":\"%s\",\"params\":[", drop ? "UNSUBSCRIBE" : "SUBSCRIBE");
    bool first = true;
    for (size_t i = 0; i < table->count; i++) {
        struct sg_subscription *item = &table->items[i];
        if (item->state != (drop ? SG_SUB_DROP_FIRST : SG_SUB_WANTED))
            continue;
        if (!first)
            (void)sg_buffer_append_text(&text, ",");
        first = false;
        (void)sg_buffer_append_json_string(&text, item->name, strlen(item->name));
        item->state = drop ? SG_SUB_WANTED : SG_SUB_SENT;
        item->request_id = drop ? 0 : table->next_id;
        item->sent_us = now_us;
    }
    (void)sg_buffer_append_format(&text, "],\"id\":%lld}", (long long)table->next_id);
    size_t length = 0;
    if (!text.overflowed && text.length < size) {
        memcpy(buffer, text.data, text.length + 1);
        length = text.length;
        table->next_id++;
    }
    sg_buffer_free(&text);
    return length;
}

size_t sg_subscriptions_answer(struct sg_subscriptions *table, int64_t id, bool accepted)
{
    size_t settled = 0;
    int64_t newest = 0;
    if (id < 0 && !accepted)
        for (size_t i = 0; i < table->count; i++)
            if (table->items[i].state == SG_SUB_SENT && table->items[i].request_id > newest)
                newest = table->items[i].request_id;
    if (id < 0)
        id = newest;
    for (size_t i = 0; i < table->count; i++) {
        struct sg_subscription *item = &table->items[i];
        if (id <= 0 || item->state != SG_SUB_SENT || item->request_id != id)
            continue;
        item->state = accepted ? SG_SUB_ACKNOWLEDGED : SG_SUB_REFUSED;
        item->request_id = 0;
        settled++;
    }
    return settled;
}

bool sg_subscriptions_all_acknowledged(const struct sg_subscriptions *table)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->items[i].state != SG_SUB_ACKNOWLEDGED)
            return false;
    return table->count > 0;
}
