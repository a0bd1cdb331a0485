/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binance REST: aggregate trades, page after page. */
#include <stdio.h>
#include <string.h>

#include "http_private.h"
#include "rest_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"

#define PAGE 1000
#define ID_MAX 9007199254740991.0          /* what a JSON number holds exactly */
#define MS_MAX 4102444800000.0

static bool read_integer(const cJSON *row, const char *name, double max, int64_t *ret_value)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(row, name);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) || item->valuedouble > max || item->valuedouble != (double)(int64_t)item->valuedouble)
        return false;
    *ret_value = (int64_t)item->valuedouble;
    return true;
}

/* {"a":26129,"p":"0.01633102","q":"4.70443515","f":27781,"l":27781,"T":1498793709153,"m":true,"M":true} */
static bool read_trade(const cJSON *row, struct sg_tick *ret_trade)
{
    int64_t first, last, time_ms;
    const cJSON *price = cJSON_GetObjectItemCaseSensitive(row, "p"), *quantity = cJSON_GetObjectItemCaseSensitive(row, "q");
    *ret_trade = (struct sg_tick){.kind = SG_TICK_TRADE};
    if (!cJSON_IsObject(row) || !cJSON_IsString(price) || !cJSON_IsString(quantity) || !read_integer(row, "a", ID_MAX, &ret_trade->id) || !read_integer(row, "T", MS_MAX, &time_ms)
        || !read_integer(row, "f", ID_MAX, &first) || !read_integer(row, "l", ID_MAX, &last) || last < first || last - first >= UINT32_MAX
        || sg_decimal_to_double(price->valuestring, strlen(price->valuestring), &ret_trade->price) != SG_OK || !(ret_trade->price > 0) || ret_trade->price > 1e12
        || sg_decimal_to_qty(quantity->valuestring, strlen(quantity->valuestring), &ret_trade->quantity) != SG_OK || ret_trade->quantity < 0)
        return false;
    ret_trade->time_us = time_ms * SG_US_PER_MS;
    ret_trade->trades = (uint32_t)(last - first + 1);
    return true;
}

struct collection {
    struct sg_tick *trades;
    size_t capacity, count;
    int64_t last_id;                       /* -1: none yet */
    int64_t to_us;
    bool whole, full;
};

/* *ret_rows: how many the exchange sent. */
static enum sg_status read_page(const cJSON *root, struct collection *found, size_t *ret_rows, struct sg_error *error)
{
    const cJSON *row;
    size_t rows = 0;
    if (!cJSON_IsArray(root))
        return sg_fail(error, SG_ERR_PROTOCOL, "the exchange's answer to \"aggTrades\" is not an array");
    cJSON_ArrayForEach(row, root) {
        struct sg_tick trade;
        rows++;
        if (!read_trade(row, &trade))
            return sg_fail(error, SG_ERR_PROTOCOL, "row %zu of the exchange's aggTrades is not a trade", rows);
        if (trade.id <= found->last_id)
            continue;                      /* seen: pages may overlap */
        if (trade.time_us >= found->to_us)
            found->whole = true;
        if (found->whole || found->full)
            continue;
        if (found->count == found->capacity) {
            found->full = true;
            continue;
        }
        found->last_id = trade.id;
        found->trades[found->count++] = trade;
    }
    *ret_rows = rows;
    return SG_OK;
}

enum sg_status sg_rest_agg_trades(const struct sg_rest_config *config, const char *symbol, int64_t from_id, int64_t from_us, int64_t to_us, struct sg_tick *trades, size_t capacity, size_t *ret_count, bool *ret_whole, struct sg_error *error)
{
    struct sg_error local;
    if (!error)
        error = &local;
    if (from_id < -1 || (from_id == -1 && (from_us < 0 || to_us < from_us)) || !symbol[0] || strlen(symbol) >= SG_SYMBOL_BUF || capacity == 0)
        return sg_fail(error, SG_ERR_INVALID, "the range or symbol of a request for trades is wrong");
    struct sg_fetcher *fetcher = sg_fetcher_new(config, error);
    if (!fetcher)
        return error->status;
    struct collection found = {.trades = trades, .capacity = capacity, .last_id = from_id - 1, .to_us = to_us};
    char encoded[3 * SG_SYMBOL_BUF + 8], query[3 * SG_SYMBOL_BUF + 160];
    sg_rest_percent_encode(symbol, encoded, sizeof encoded);
    if (from_id < 0)
        found.last_id = -1;
    enum sg_status status = SG_OK;
    bool by_time = from_id < 0;
    while (status == SG_OK && !found.whole && !found.full) {
        cJSON *root = NULL;
        size_t rows = 0;
        int64_t before = found.last_id;
        if (by_time)
            snprintf(query, sizeof query, "/aggTrades?symbol=%s&startTime=%lld&endTime=%lld&limit=%d", encoded, (long long)(from_us / SG_US_PER_MS), (long long)((to_us - 1) / SG_US_PER_MS), PAGE);
        else
            snprintf(query, sizeof query, "/aggTrades?symbol=%s&fromId=%lld&limit=%d", encoded, (long long)(found.last_id + 1), PAGE);
        status = sg_fetcher_get(fetcher, query, SG_REST_BODY_LIMIT, &root, NULL, error);
        if (status == SG_OK)
            status = read_page(root, &found, &rows, error);
        cJSON_Delete(root);
        if (rows < PAGE && !found.full)
            found.whole = true;            /* there are no more */
        else if (status == SG_OK && found.last_id == before && !found.whole && !found.full)
            status = sg_fail(error, SG_ERR_PROTOCOL, "the exchange sent the same trades again instead of those from %lld on", (long long)(before + 1));
        by_time = false;
    }
    sg_fetcher_free(fetcher);
    if (status == SG_OK) {
        *ret_count = found.count;
        *ret_whole = found.whole && !found.full;
    }
    return status;
}
