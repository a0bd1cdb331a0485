/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rest_private.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "messages_private.h"
#include "view_private.h"

#define WEIGHT_LIMIT 6000
#define BODY_MAX (8u << 20)
#define VALUE_MAX 4096
#define TIME_MAX_US INT64_C(4000000000000000000) /* room to round up to an interval */

struct call {
    struct sg_ex_rest *rest;
    struct sg_ex_conn *conn;
    const struct sg_ex_request *request;
    int64_t now_us;
    bool futures;
};

void sg_ex_rest_init(struct sg_ex_rest *rest, struct sg_ex_archive *archive, const struct sg_ex_faults *faults)
{
    rest->archive = archive;
    rest->faults = faults;
    sg_buffer_init(&rest->body, BODY_MAX);
}

void sg_ex_rest_free(struct sg_ex_rest *rest)
{
    sg_buffer_free(&rest->body);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int sg_ex_query_value(const char *query, const char *key, char *value, size_t size)
{
    const size_t key_length = strlen(key);
    for (const char *at = query; *at;) {
        const size_t span = strcspn(at, "&");
        if (span > key_length && strncmp(at, key, key_length) == 0 && at[key_length] == '=') {
            size_t n = 0;
            for (size_t i = key_length + 1; i < span; i++) {
                char c = at[i];
                if (c == '%' && i + 2 < span && hex(at[i + 1]) >= 0 && hex(at[i + 2]) >= 0) {
                    c = (char)(hex(at[i + 1]) * 16 + hex(at[i + 2]));
                    i += 2;
                }
                if (n + 1 >= size)
                    return -1;
                value[n++] = c;
            }
            value[n] = '\0';
            return 1;
        }
        at += span + (at[span] == '&');
    }
    return 0;
}

static void respond(struct call *call, int status)
{
    struct sg_ex_rest *rest = call->rest;
    char headers[128];
    snprintf(headers, sizeof headers, "X-MBX-USED-WEIGHT: %d\r\nX-MBX-USED-WEIGHT-1M: %d\r\n", rest->weight, rest->weight);
    if (rest->faults->on[EX_FAULT_REST_GARBAGE]) {
        static const char garbage[] = "{\"symbols\":7,\"serverTime\":\"soon\",\"rows\":[[\"x\"]]}";
        sg_ex_conn_respond(call->conn, call->request, status, "application/json;charset=UTF-8", headers, garbage, sizeof garbage - 1);
        return;
    }
    if (rest->faults->on[EX_FAULT_REST_TRUNCATE]) {
        /* The length announces the whole body; half of it comes. */
        char head[256];
        const int n = snprintf(head, sizeof head, "HTTP/1.1 %d OK\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: %zu\r\n%s\r\n", status,
                               rest->body.length, headers);
        sg_ex_conn_queue_raw(call->conn, head, (size_t)n);
        sg_ex_conn_queue_raw(call->conn, rest->body.data, rest->body.length / 2);
        sg_ex_conn_drain(call->conn);
        return;
    }
    sg_ex_conn_respond(call->conn, call->request, status, "application/json;charset=UTF-8", headers, rest->body.data ? rest->body.data : "", rest->body.length);
}

static void fail(struct call *call, int code, const char *message)
{
    struct sg_buffer *body = &call->rest->body;
    sg_buffer_clear(body);
    sg_buffer_append_text(body, "{\"code\":");
    sg_buffer_append_int64(body, code);
    sg_buffer_append_text(body, ",\"msg\":");
    sg_buffer_append_json_string(body, message, strlen(message));
    sg_buffer_append_text(body, "}");
    respond(call, 400);
}

static void fail_parameter(struct call *call, int code, const char *before, const char *name, const char *after)
{
    char message[160];
    snprintf(message, sizeof message, "%s'%s'%s", before, name, after);
    fail(call, code, message);
}

void sg_ex_rest_refuse(struct sg_ex_conn *conn, const struct sg_ex_request *request, int status, int64_t retry_after_s, int64_t now_us)
{
    char headers[96] = "", body[256];
    const char *type = "application/json;charset=UTF-8";
    if (retry_after_s >= 0)
        snprintf(headers, sizeof headers, "Retry-After: %lld\r\n", (long long)retry_after_s);
    switch (status) {
    case 451:
        snprintf(body, sizeof body,
                 "{\"code\":0,\"msg\":\"Service unavailable from a restricted location according to 'b. Eligibility' in the terms of use.\"}");
        break;
    case 418:
        snprintf(body, sizeof body, "{\"code\":-1003,\"msg\":\"Way too much request weight used; IP banned until %lld.\"}",
                 (long long)(now_us / SG_US_PER_MS + (retry_after_s > 0 ? retry_after_s : 120) * 1000));
        break;
    case 429:
        snprintf(body, sizeof body, "{\"code\":-1003,\"msg\":\"Too much request weight used; current limit is %d request weight per 1 MINUTE.\"}",
                 WEIGHT_LIMIT);
        break;
    case 403:
        type = "text/html";
        snprintf(body, sizeof body, "<html><head><title>403 Forbidden</title></head><body>Request blocked.</body></html>");
        break;
    default: snprintf(body, sizeof body, "{\"code\":-1000,\"msg\":\"The exchange answered with HTTP %d.\"}", status); break;
    }
    sg_ex_conn_respond(conn, request, status, type, headers, body, strlen(body));
}

/* Counts the weight of a call; false when it was refused. */
static bool weigh(struct call *call, int weight)
{
    struct sg_ex_rest *rest = call->rest;
    const int64_t minute = sg_ex_floor(call->now_us, EX_MINUTE_US);
    if (rest->weight_minute_us != minute) {
        rest->weight_minute_us = minute;
        rest->weight = 0;
    }
    rest->weight += weight;
    if (rest->weight <= WEIGHT_LIMIT)
        return true;
    sg_ex_rest_refuse(call->conn, call->request, 429, (minute + EX_MINUTE_US - call->now_us + SG_US_PER_S - 1) / SG_US_PER_S, call->now_us);
    return false;
}

/* The symbol of a call that needs one; NULL when it was answered with an error. */
static struct sg_ex_symbol *need_symbol(struct call *call)
{
    char text[VALUE_MAX];
    const int there = sg_ex_query_value(call->request->query, "symbol", text, sizeof text);
    if (there == 0 || (there > 0 && !text[0])) {
        fail_parameter(call, -1102, "Mandatory parameter ", "symbol", " was not sent, was empty/null, or malformed.");
        return NULL;
    }
    struct sg_ex_symbol *symbol = there > 0 ? sg_ex_archive_find(call->rest->archive, text, strlen(text)) : NULL;
    if (!symbol)
        fail(call, -1121, "Invalid symbol.");
    return symbol;
}

/* An integer parameter; *ret keeps its value when absent. False when it was answered with an error. */
static bool integer(struct call *call, const char *name, int64_t min, int64_t max, int64_t *ret, bool *ret_given)
{
    char text[64];
    const int there = sg_ex_query_value(call->request->query, name, text, sizeof text);
    if (ret_given)
        *ret_given = there != 0;
    if (there == 0)
        return true;
    int64_t value = 0;
    if (there < 0 || sg_decimal_to_int64(text, strlen(text), INT64_MIN, INT64_MAX, &value) != SG_OK) {
        fail_parameter(call, -1100, "Illegal characters found in parameter ", name, "; legal range is '^[0-9]{1,20}$'.");
        return false;
    }
    if (value < min || value > max) {
        fail_parameter(call, -1130, "Data sent for parameter ", name, " is not valid.");
        return false;
    }
    *ret = value;
    return true;
}

/* A time parameter in milliseconds or microseconds: the exchange takes both and tells them apart by size. */
static bool time_parameter(struct call *call, const char *name, int64_t *ret_us, bool *ret_given)
{
    int64_t value = 0;
    if (!integer(call, name, 0, INT64_MAX, &value, ret_given))
        return false;
    if (*ret_given)
        *ret_us = value < INT64_C(100000000000000) ? value * SG_US_PER_MS : value < TIME_MAX_US ? value : TIME_MAX_US;
    return true;
}

static bool range_parameters(struct call *call, int64_t *from_us, bool *has_from, int64_t *to_us, bool *has_to, int64_t *limit)
{
    *limit = 500;
    if (!time_parameter(call, "startTime", from_us, has_from) || !time_parameter(call, "endTime", to_us, has_to) ||
        !integer(call, "limit", 1, INT64_MAX, limit, NULL))
        return false;
    const int64_t most = call->futures ? 1500 : 1000;
    *limit = *limit > most ? most : *limit;
    if (*has_from && *has_to && *from_us > *to_us) {
        fail(call, -1127, "End time must not be before start time.");
        return false;
    }
    return true;
}

static bool in_hole(const struct sg_ex_rest *rest, const struct sg_ex_symbol *symbol, int64_t time_us)
{
    if (sg_ex_symbol_suspended(symbol, time_us))
        return true;
    if (!rest->faults->on[EX_FAULT_KLINE_HOLE])
        return false;
    const int64_t end_us = sg_ex_floor(rest->start_us, EX_MINUTE_US) - 20 * EX_MINUTE_US;
    return time_us < end_us && time_us >= end_us - rest->faults->value[EX_FAULT_KLINE_HOLE] * EX_MINUTE_US;
}

static void klines(struct call *call)
{
    struct sg_ex_symbol *symbol = need_symbol(call);
    if (!symbol)
        return;
    char name[16];
    const int there = sg_ex_query_value(call->request->query, "interval", name, sizeof name);
    size_t which = 0;
    while (there > 0 && which < EX_INTERVALS && strcmp(sg_ex_intervals[which].name, name) != 0)
        which++;
    if (there == 0) {
        fail_parameter(call, -1102, "Mandatory parameter ", "interval", " was not sent, was empty/null, or malformed.");
        return;
    }
    if (there < 0 || which == EX_INTERVALS || (call->futures && strcmp(name, "1s") == 0)) {
        fail(call, -1120, "Invalid interval.");
        return;
    }
    int64_t from_us = 0, to_us = call->now_us, limit;
    bool has_from, has_to;
    if (!range_parameters(call, &from_us, &has_from, &to_us, &has_to, &limit))
        return;
    if (symbol->has_data)
        sg_ex_symbol_advance(symbol, call->now_us);
    const struct sg_ex_interval *interval = &sg_ex_intervals[which];
    const int64_t interval_us = interval->interval_us;
    const struct sg_ex_view view = sg_ex_view_of(call->rest->faults, false, call->rest->requests, call->now_us);
    to_us = to_us < view.rows_until_us ? to_us : view.rows_until_us;
    const int64_t begin_us = has_from ? sg_ex_floor(from_us + interval_us - 1, interval_us) : sg_ex_floor(to_us, interval_us) - (limit - 1) * interval_us;
    const int64_t first_us = sg_ex_symbol_first_open(symbol, interval);
    struct sg_buffer *body = &call->rest->body;
    sg_buffer_clear(body);
    sg_buffer_append_text(body, "[");
    int64_t rows = 0;
    for (int64_t open_us = begin_us > first_us ? begin_us : first_us; rows < limit && open_us <= to_us; open_us += interval_us) {
        struct sg_ex_bar whole;
        if (!sg_ex_symbol_bar(symbol, interval, open_us, &whole))
            break;
        const struct sg_ex_bar bar = sg_ex_view_bar(&view, symbol, &whole, interval_us);
        if (in_hole(call->rest, symbol, bar.time_us))
            continue;
        sg_buffer_append_text(body, rows++ ? "," : "");
        sg_ex_append_kline_row(body, symbol, &bar, interval_us, call->request->microseconds);
    }
    sg_buffer_append_text(body, "]");
    respond(call, 200);
}

static void agg_trades(struct call *call)
{
    struct sg_ex_symbol *symbol = need_symbol(call);
    if (!symbol)
        return;
    int64_t from_us = 0, to_us = TIME_MAX_US, limit, from_id = 0;
    bool has_from, has_to, has_id;
    if (!range_parameters(call, &from_us, &has_from, &to_us, &has_to, &limit) || !integer(call, "fromId", 0, INT64_MAX, &from_id, &has_id))
        return;
    if (has_id && (has_from || has_to)) {
        fail(call, -1128, "Combination of optional parameters invalid.");
        return;
    }
    const struct sg_ex_view view = sg_ex_view_of(call->rest->faults, true, call->rest->requests, call->now_us);
    to_us = to_us < view.rows_until_us ? to_us : view.rows_until_us;
    struct sg_ex_places places = sg_ex_symbol_places(symbol, has_id ? from_id : 0, has_from ? from_us : 0, to_us);
    /* Without a lower end: the newest. */
    if (!has_id && !has_from && places.end - places.begin > limit)
        places.begin = places.end - limit;
    struct sg_buffer *body = &call->rest->body;
    sg_buffer_clear(body);
    sg_buffer_append_text(body, "[");
    int64_t rows = 0;
    for (int64_t place = places.begin; place < places.end && rows < limit; place++) {
        struct sg_ex_trade trades[2];
        const size_t count = sg_ex_symbol_trades_at(symbol, place, trades);
        for (size_t i = 0; i < count && rows < limit; i++) {
            if (sg_ex_view_hides(&view, &trades[i]))
                continue;
            sg_buffer_append_text(body, rows++ ? "," : "");
            sg_ex_append_agg_trade_row(body, symbol, &trades[i], call->request->microseconds);
        }
    }
    sg_buffer_append_text(body, "]");
    respond(call, 200);
}

static void server_time(struct call *call)
{
    struct sg_buffer *body = &call->rest->body;
    sg_buffer_clear(body);
    sg_buffer_append_text(body, "{\"serverTime\":");
    sg_ex_append_time(body, call->now_us, call->request->microseconds);
    sg_buffer_append_text(body, "}");
    respond(call, 200);
}

static const char *status_of(const struct sg_ex_symbol *symbol, int64_t now_us)
{
    return symbol->has_data && !sg_ex_symbol_suspended(symbol, now_us) ? "TRADING" : "BREAK";
}

static void append_symbol_info(struct sg_buffer *body, const struct sg_ex_symbol *symbol, int64_t now_us, bool futures)
{
    sg_buffer_append_text(body, "{\"symbol\":");
    sg_buffer_append_json_string(body, symbol->name, strlen(symbol->name));
    sg_buffer_append_text(body, ",\"status\":\"");
    sg_buffer_append_text(body, status_of(symbol, now_us));
    sg_buffer_append_text(body, "\",\"baseAsset\":");
    sg_buffer_append_json_string(body, symbol->base, strlen(symbol->base));
    sg_buffer_append_text(body, ",\"baseAssetPrecision\":8,\"quoteAsset\":");
    sg_buffer_append_json_string(body, symbol->quote, strlen(symbol->quote));
    if (futures) {
        sg_buffer_append_text(body, ",\"pair\":");
        sg_buffer_append_json_string(body, symbol->name, strlen(symbol->name));
        sg_buffer_append_text(body, ",\"contractType\":\"PERPETUAL\"");
    }
    sg_buffer_append_text(body,
                          ",\"quotePrecision\":8,\"quoteAssetPrecision\":8,\"orderTypes\":[\"LIMIT\",\"LIMIT_MAKER\",\"MARKET\"],\"isSpotTradingAllowed\":");
    sg_buffer_append_text(body, futures ? "false" : "true");
    sg_buffer_append_text(body, ",\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"");
    sg_ex_append_fixed(body, symbol->tick, 8);
    sg_buffer_append_text(body, "\",\"maxPrice\":\"1000000.00000000\",\"tickSize\":\"");
    sg_ex_append_fixed(body, symbol->tick, 8);
    sg_buffer_append_text(body, "\"},{\"filterType\":\"LOT_SIZE\",\"minQty\":\"");
    sg_ex_append_fixed(body, symbol->step, 8);
    sg_buffer_append_text(body, "\",\"maxQty\":\"9000000.00000000\",\"stepSize\":\"");
    sg_ex_append_fixed(body, symbol->step, 8);
    sg_buffer_append_text(body, "\"},{\"filterType\":\"NOTIONAL\",\"minNotional\":\"5.00000000\"}],\"permissions\":[],\"permissionSets\":[[\"SPOT\"]]}");
}

/* Whether `symbol` is asked for by `symbols=[…]`. */
static bool listed(const cJSON *wanted, const char *name)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, wanted) if (cJSON_IsString(item) && strcmp(item->valuestring, name) == 0) return true;
    return false;
}

static void exchange_info(struct call *call)
{
    const struct sg_ex_archive *archive = call->rest->archive;
    char text[VALUE_MAX], status[32];
    const int one = sg_ex_query_value(call->request->query, "symbol", text, sizeof text);
    if (one && (one < 0 || !sg_ex_archive_find(archive, text, strlen(text)))) {
        fail(call, -1121, "Invalid symbol.");
        return;
    }
    char many[VALUE_MAX];
    const int several = sg_ex_query_value(call->request->query, "symbols", many, sizeof many);
    const int by_status = sg_ex_query_value(call->request->query, "symbolStatus", status, sizeof status);
    if (by_status && (one || several)) {
        fail(call, -1220, "symbolStatus cannot be combined with symbol or symbols.");
        return;
    }
    cJSON *wanted = several > 0 ? cJSON_Parse(many) : NULL;
    if (several && !cJSON_IsArray(wanted)) {
        cJSON_Delete(wanted);
        fail_parameter(call, -1100, "Illegal characters found in parameter ", "symbols", ".");
        return;
    }
    const cJSON *item;
    cJSON_ArrayForEach(item, wanted) if (!cJSON_IsString(item) || !sg_ex_archive_find(archive, item->valuestring, strlen(item->valuestring)))
    {
        cJSON_Delete(wanted);
        fail(call, -1121, "Invalid symbol.");
        return;
    }
    struct sg_buffer *body = &call->rest->body;
    sg_buffer_clear(body);
    sg_buffer_append_text(body, "{\"timezone\":\"UTC\",\"serverTime\":");
    sg_ex_append_time(body, call->now_us, call->request->microseconds);
    sg_buffer_append_text(body, ",\"rateLimits\":[{\"rateLimitType\":\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":");
    sg_buffer_append_int64(body, WEIGHT_LIMIT);
    sg_buffer_append_text(
        body, "},{\"rateLimitType\":\"RAW_REQUESTS\",\"interval\":\"MINUTE\",\"intervalNum\":5,\"limit\":300000}],\"exchangeFilters\":[],\"symbols\":[");
    bool first = true;
    for (size_t i = 0; i < archive->count; i++) {
        const struct sg_ex_symbol *symbol = archive->symbols[i];
        if ((one && strcmp(symbol->name, text) != 0) || (wanted && !listed(wanted, symbol->name)) ||
            (by_status && strcmp(status, status_of(symbol, call->now_us)) != 0))
            continue;
        sg_buffer_append_text(body, first ? "" : ",");
        first = false;
        append_symbol_info(body, symbol, call->now_us, call->futures);
    }
    sg_buffer_append_text(body, "]}");
    cJSON_Delete(wanted);
    respond(call, 200);
}

static void ping(struct call *call)
{
    sg_buffer_clear(&call->rest->body);
    sg_buffer_append_text(&call->rest->body, "{}");
    respond(call, 200);
}

void sg_ex_rest_handle(struct sg_ex_rest *rest, struct sg_ex_conn *conn, const struct sg_ex_request *request, int64_t now_us)
{
    static const struct {
        const char *name;
        int weight;
        void (*answer)(struct call *call);
    } routes[] = {
        {"ping", 1, ping},     {"time", 1, server_time}, {"exchangeInfo", 20, exchange_info},
        {"klines", 2, klines}, {"uiKlines", 2, klines},  {"aggTrades", 4, agg_trades},
    };
    struct call call = {.rest = rest, .conn = conn, .request = request, .now_us = now_us};
    const char *name = NULL;
    rest->requests++;
    if (strncmp(request->path, "/api/v3/", 8) == 0) {
        name = request->path + 8;
    } else if (strncmp(request->path, "/fapi/v1/", 9) == 0) {
        name = request->path + 9;
        call.futures = true;
    }
    for (size_t i = 0; name && i < sizeof routes / sizeof routes[0]; i++) {
        if (strcmp(routes[i].name, name) != 0)
            continue;
        if (strcmp(request->method, "GET") != 0) {
            sg_ex_conn_respond(conn, request, 405, "text/plain", "Allow: GET\r\n", "Method Not Allowed\n", 19);
            return;
        }
        if (weigh(&call, routes[i].weight))
            routes[i].answer(&call);
        return;
    }
    static const char nothing[] = "<html><body><h2>404 Not found</h2></body></html>";
    sg_ex_conn_respond(conn, request, 404, "text/html", NULL, nothing, sizeof nothing - 1);
}
