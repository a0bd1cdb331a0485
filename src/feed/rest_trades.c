/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binance REST: aggregate trades, page after page. */
#include <stdio.h>
#include <string.h>

#include "http_private.h"
#include "rest_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"

#define PAGE 1000
#define HOLE_TURNS 3              /* over all the holes of an answer */
#define HOLE_TRIES 24             /* requests for them */
#define ID_MAX 9007199254740991.0 /* what a JSON number holds exactly */
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
static bool read_trade(const cJSON *row, bool skips, struct sg_tick *ret_trade)
{
    int64_t first, last, time_ms;
    const cJSON *price = cJSON_GetObjectItemCaseSensitive(row, "p"), *quantity = cJSON_GetObjectItemCaseSensitive(row, "q");
    *ret_trade = (struct sg_tick){.kind = SG_TICK_TRADE, .skips = skips};
    if (!cJSON_IsObject(row) || !cJSON_IsString(price) || !cJSON_IsString(quantity) || !read_integer(row, "a", ID_MAX, &ret_trade->aggregate) ||
        !read_integer(row, "T", MS_MAX, &time_ms) || !read_integer(row, "f", ID_MAX, &first) || !read_integer(row, "l", ID_MAX, &last) || last < first ||
        last - first >= UINT32_MAX || sg_decimal_plain_to_double(price->valuestring, strlen(price->valuestring), &ret_trade->price) != SG_OK ||
        !(ret_trade->price > 0) || ret_trade->price > 1e12 ||
        sg_decimal_to_qty(quantity->valuestring, strlen(quantity->valuestring), &ret_trade->quantity) != SG_OK || ret_trade->quantity < 0)
        return false;
    ret_trade->time_us = time_ms * SG_US_PER_MS;
    ret_trade->id = last;
    ret_trade->trades = (uint32_t)(last - first + 1);
    return true;
}

struct collection {
    struct sg_tick *trades;
    size_t capacity, count;
    bool skips;      /* see sg_tick */
    int64_t from_id; /* only aggregates from it on; -1: all */
    int64_t to_us;
    bool whole, full;
};

/* Is the later of two neighbours the one that follows on the earlier one? */
static bool follows(const struct sg_tick *before, const struct sg_tick *after)
{
    return sg_tick_first_id(after) <= before->id + 1 || (after->skips && after->aggregate == before->aggregate + 1);
}

/* *ret_rows: how many the exchange sent. */
static enum sg_status read_page(const cJSON *root, struct collection *found, size_t *ret_rows, struct sg_error *error)
{
    const cJSON *row;
    size_t rows = 0;
    if (!cJSON_IsArray(root))
        return sg_fail(error, SG_ERR_PROTOCOL, "the exchange's answer to \"aggTrades\" is not an array");
    cJSON_ArrayForEach(row, root)
    {
        struct sg_tick trade;
        rows++;
        if (!read_trade(row, found->skips, &trade))
            return sg_fail(error, SG_ERR_PROTOCOL, "row %zu of the exchange's aggTrades is not a trade", rows);
        if (found->count > 0 ? trade.id <= found->trades[found->count - 1].id : trade.aggregate < found->from_id)
            continue; /* seen: pages overlap by one aggregate, of which there may be two */
        if (found->whole || found->full)
            continue;
        if (found->count == found->capacity) {
            found->full = true;
            continue;
        }
        found->whole = trade.time_us >= found->to_us; /* the one behind the end belongs to the answer: it proves that nothing lies between */
        found->trades[found->count++] = trade;
    }
    *ret_rows = rows;
    return SG_OK;
}

static enum sg_status get_page(struct sg_fetcher *fetcher, const char *symbol, int64_t from_id, cJSON **ret_root, struct sg_error *error)
{
    char query[3 * SG_SYMBOL_BUF + 160];
    snprintf(query, sizeof query, "/aggTrades?symbol=%s&fromId=%lld&limit=%d", symbol, (long long)from_id, PAGE);
    return sg_fetcher_get(fetcher, query, SG_REST_BODY_LIMIT, ret_root, NULL, error);
}

/* The page's trades that lie between number `at` and the one before it, into their place. */
static enum sg_status fill_hole(const cJSON *root, struct collection *found, size_t at, struct sg_error *error)
{
    const cJSON *row;
    if (!cJSON_IsArray(root))
        return sg_fail(error, SG_ERR_PROTOCOL, "the exchange's answer to \"aggTrades\" is not an array");
    cJSON_ArrayForEach(row, root)
    {
        struct sg_tick trade;
        if (!read_trade(row, found->skips, &trade))
            return sg_fail(error, SG_ERR_PROTOCOL, "a row of the exchange's aggTrades is not a trade");
        if (sg_tick_first_id(&trade) <= found->trades[at - 1].id)
            continue;
        if (trade.id >= sg_tick_first_id(&found->trades[at]) || found->count == found->capacity)
            break;
        memmove(found->trades + at + 1, found->trades + at, (found->count - at) * sizeof *found->trades);
        found->trades[at++] = trade;
        found->count++;
    }
    return SG_OK;
}

/* An answer with holes in its own ids is asked again there, a few times: what then is still missing stays out, and can be seen by the ids. */
static enum sg_status mend(struct sg_fetcher *fetcher, const char *symbol, struct collection *found, struct sg_error *error)
{
    enum sg_status status = SG_OK;
    for (int turn = 0, tries = 0; turn < HOLE_TURNS && status == SG_OK; turn++)
        for (size_t i = 1; i < found->count && status == SG_OK && tries < HOLE_TRIES; i++) {
            cJSON *root = NULL;
            if (follows(&found->trades[i - 1], &found->trades[i]))
                continue;
            tries++;
            status = get_page(fetcher, symbol, found->trades[i - 1].aggregate, &root, error);
            if (status == SG_OK)
                status = fill_hole(root, found, i, error);
            cJSON_Delete(root);
        }
    return status;
}

static enum sg_status collect(struct sg_fetcher *fetcher, const char *symbol, int64_t from_id, int64_t from_us, struct collection *found,
                              struct sg_error *error)
{
    enum sg_status status = SG_OK;
    bool by_time = from_id < 0;
    while (status == SG_OK && !found->whole && !found->full) {
        cJSON *root = NULL;
        size_t rows = 0, before = found->count;
        int64_t next = found->count > 0 ? found->trades[found->count - 1].aggregate : from_id;
        if (by_time) {
            char query[3 * SG_SYMBOL_BUF + 160];
            snprintf(query, sizeof query, "/aggTrades?symbol=%s&startTime=%lld&limit=%d", symbol, (long long)(from_us / SG_US_PER_MS), PAGE);
            status = sg_fetcher_get(fetcher, query, SG_REST_BODY_LIMIT, &root, NULL, error);
        } else {
            status = get_page(fetcher, symbol, next, &root, error);
        }
        if (status == SG_OK)
            status = read_page(root, found, &rows, error);
        cJSON_Delete(root);
        if (rows < PAGE && !found->full)
            found->whole = true; /* there are no more */
        else if (status == SG_OK && found->count == before && !found->whole && !found->full)
            status = sg_fail(error, SG_ERR_PROTOCOL, "the exchange sent the same trades again instead of those from %lld on", (long long)next);
        by_time = false;
    }
    return status;
}

enum sg_status sg_rest_agg_trades(const struct sg_rest_config *config, const char *symbol, int64_t from_id, int64_t from_us, int64_t to_us,
                                  struct sg_tick *trades, size_t capacity, size_t *ret_count, bool *ret_whole, struct sg_error *error)
{
    struct sg_error local;
    if (!error)
        error = &local;
    if (from_id < -1 || (from_id == -1 && (from_us < 0 || to_us < from_us)) || !symbol[0] || strlen(symbol) >= SG_SYMBOL_BUF || capacity == 0)
        return sg_fail(error, SG_ERR_INVALID, "the range or symbol of a request for trades is wrong");
    struct sg_fetcher *fetcher = sg_fetcher_new(config, error);
    if (!fetcher)
        return error->status;
    struct collection found = {.trades = trades, .capacity = capacity, .skips = config->market == SG_MARKET_USDM, .from_id = from_id, .to_us = to_us};
    char encoded[3 * SG_SYMBOL_BUF + 8];
    sg_rest_percent_encode(symbol, encoded, sizeof encoded);
    enum sg_status status = collect(fetcher, encoded, from_id, from_us, &found, error);
    if (status == SG_OK)
        status = mend(fetcher, encoded, &found, error);
    sg_fetcher_free(fetcher);
    if (status == SG_OK) {
        *ret_count = found.count;
        *ret_whole = found.whole && !found.full;
    }
    return status;
}
