/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands of a WebSocket client, and Binance's answers to them. */
#include <cjson/cJSON.h>
#include <string.h>

#include "hub_private.h"

#define ID_TEXT_MAX 36
#define EXACT_INTEGER 9007199254740992.0 /* 2^53: cJSON keeps numbers as doubles */

bool sg_ex_hub_inbound(struct sg_ex_hub *hub, struct sg_ex_client *client, int64_t now_us)
{
    /* A strict rolling window: the sixth message within any one second is one too many. */
    const size_t slot = client->inbound_count % EX_INBOUND_PER_S;
    const bool too_many = client->inbound_count >= EX_INBOUND_PER_S && now_us - client->inbound_us[slot] < SG_US_PER_S;
    client->inbound_us[slot] = now_us;
    client->inbound_count++;
    if (too_many) {
        atomic_fetch_add(&hub->counters.rate_closed, 1);
        sg_ex_conn_close(client->conn, 1008, "Too many requests");
    }
    return !too_many;
}

static void send_reply(struct sg_ex_hub *hub, struct sg_ex_client *client)
{
    sg_ex_conn_send_text(client->conn, NULL, 0, hub->scratch.data, hub->scratch.length, NULL, 0);
}

/* The id as it goes back: an integer, a short string, or null. False: none of these. */
static bool append_id(struct sg_buffer *out, const cJSON *id)
{
    if (!id || cJSON_IsNull(id)) {
        sg_buffer_append_text(out, "null");
        return true;
    }
    if (cJSON_IsString(id) && strlen(id->valuestring) <= ID_TEXT_MAX) {
        sg_buffer_append_json_string(out, id->valuestring, strlen(id->valuestring));
        return true;
    }
    if (cJSON_IsNumber(id) && id->valuedouble >= -EXACT_INTEGER && id->valuedouble <= EXACT_INTEGER && id->valuedouble == (double)(int64_t)id->valuedouble) {
        sg_buffer_append_int64(out, (int64_t)id->valuedouble);
        return true;
    }
    return false;
}

static void reply_error(struct sg_ex_hub *hub, struct sg_ex_client *client, int code, const char *message, const cJSON *id)
{
    struct sg_buffer *out = &hub->scratch;
    const bool nested = client->faults.on[EX_FAULT_NESTED_ERRORS];
    sg_buffer_clear(out);
    sg_buffer_append_text(out, nested ? "{\"error\":{\"code\":" : "{\"code\":");
    sg_buffer_append_int64(out, code);
    sg_buffer_append_text(out, ",\"msg\":");
    sg_buffer_append_json_string(out, message, strlen(message));
    sg_buffer_append_text(out, nested ? "},\"id\":" : ",\"id\":");
    if (!append_id(out, id))
        sg_buffer_append_text(out, "null");
    sg_buffer_append_text(out, "}");
    send_reply(hub, client);
}

static void reply(struct sg_ex_hub *hub, struct sg_ex_client *client, const char *result, const cJSON *id)
{
    struct sg_buffer *out = &hub->scratch;
    sg_buffer_clear(out);
    sg_buffer_append_text(out, "{\"result\":");
    sg_buffer_append_text(out, result);
    sg_buffer_append_text(out, ",\"id\":");
    append_id(out, id);
    sg_buffer_append_text(out, "}");
    send_reply(hub, client);
}

static bool all_strings(const cJSON *params)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, params) if (!cJSON_IsString(item)) return false;
    return true;
}

/* "symbol@type", "!name@arr": what the exchange takes for a stream. It does not look whether the symbol exists. */
static bool is_stream_name(const char *name)
{
    const char *at = strchr(name, '@');
    return at && at != name && at[1] && strlen(name) <= 100 && !strpbrk(name, " \"\\/");
}

static void subscribe(struct sg_ex_hub *hub, struct sg_ex_client *client, const cJSON *params, const cJSON *id)
{
    const cJSON *item;
    size_t added = 0;
    if (client->faults.on[EX_FAULT_REJECT]) {
        reply_error(hub, client, 2, "Invalid request: invalid stream", id);
        return;
    }
    cJSON_ArrayForEach(item, params)
    {
        if (!is_stream_name(item->valuestring)) {
            reply_error(hub, client, 2, "Invalid request: invalid stream", id);
            return;
        }
        added += 1;
    }
    if (client->topic_count + added > EX_STREAMS_MAX) {
        reply_error(hub, client, 4, "Too many subscriptions", id);
        return;
    }
    cJSON_ArrayForEach(item, params) sg_ex_hub_subscribe(hub, client, item->valuestring, strlen(item->valuestring));
    if (!client->faults.on[EX_FAULT_NO_ACK])
        reply(hub, client, "null", id);
}

static void list(struct sg_ex_hub *hub, struct sg_ex_client *client, const cJSON *id)
{
    struct sg_buffer *out = &hub->scratch;
    sg_buffer_clear(out);
    sg_buffer_append_text(out, "{\"result\":[");
    for (size_t i = 0; i < client->topic_count; i++) {
        sg_buffer_append_text(out, i ? "," : "");
        sg_buffer_append_json_string(out, client->topics[i]->name, client->topics[i]->length);
    }
    sg_buffer_append_text(out, "],\"id\":");
    append_id(out, id);
    sg_buffer_append_text(out, "}");
    send_reply(hub, client);
}

static void property(struct sg_ex_hub *hub, struct sg_ex_client *client, bool set, const cJSON *params, const cJSON *id)
{
    const cJSON *name = cJSON_GetArrayItem(params, 0);
    if (!cJSON_IsString(name) || strcmp(name->valuestring, "combined") != 0) {
        reply_error(hub, client, 0, "Unknown property", id);
        return;
    }
    if (!set) {
        reply(hub, client, client->combined ? "true" : "false", id);
        return;
    }
    const cJSON *value = cJSON_GetArrayItem(params, 1);
    if (!cJSON_IsBool(value)) {
        reply_error(hub, client, 1, "Invalid value type: expected Boolean", id);
        return;
    }
    client->combined = cJSON_IsTrue(value);
    reply(hub, client, "null", id);
}

static void run(struct sg_ex_hub *hub, struct sg_ex_client *client, const cJSON *root)
{
    const cJSON *method = cJSON_GetObjectItemCaseSensitive(root, "method");
    const cJSON *params = cJSON_GetObjectItemCaseSensitive(root, "params");
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(root, "id");
    struct sg_buffer *out = &hub->scratch;
    sg_buffer_clear(out);
    if (!cJSON_IsObject(root) || !cJSON_IsString(method)) {
        reply_error(hub, client, 2, "Invalid request: missing field `method`", id);
        return;
    }
    if (!append_id(out, id)) {
        reply_error(hub, client, 2, "Invalid request: request ID must be an unsigned integer, a string of at most 36 characters, or null", NULL);
        return;
    }
    const char *name = method->valuestring;
    if (strcmp(name, "LIST_SUBSCRIPTIONS") == 0) {
        list(hub, client, id);
    } else if (strcmp(name, "SUBSCRIBE") == 0 || strcmp(name, "UNSUBSCRIBE") == 0) {
        if (!cJSON_IsArray(params) || !all_strings(params)) {
            reply_error(hub, client, 2, "Invalid request: params must be an array of stream names", id);
        } else if (name[0] == 'S') {
            subscribe(hub, client, params, id);
        } else {
            const cJSON *item;
            cJSON_ArrayForEach(item, params) sg_ex_hub_unsubscribe(hub, client, item->valuestring, strlen(item->valuestring));
            reply(hub, client, "null", id);
        }
    } else if (strcmp(name, "GET_PROPERTY") == 0 || strcmp(name, "SET_PROPERTY") == 0) {
        if (!cJSON_IsArray(params))
            reply_error(hub, client, 2, "Invalid request: params must be an array", id);
        else
            property(hub, client, name[0] == 'S', params, id);
    } else {
        reply_error(hub, client, 2,
                    "Invalid request: unknown variant, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`", id);
    }
}

void sg_ex_hub_command(struct sg_ex_hub *hub, struct sg_ex_client *client, const char *text, size_t length)
{
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(text, length, &end, 0);
    while (root && end < text + length && strchr(" \t\r\n", *end))
        end++;
    if (!root || end != text + length)
        reply_error(hub, client, 3, "Invalid JSON: expected value at line 1 column 1", NULL);
    else
        run(hub, client, root);
    cJSON_Delete(root);
}
