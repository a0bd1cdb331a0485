/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Binance REST: the exchange's time and its symbols. */
#include "spreadglass/feed/rest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_private.h"
#include "rest_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"

#define INFO_LIMIT (32u << 20)
#define SYMBOLS_MAX 16

static enum sg_status get_time(struct sg_fetcher *fetcher, int64_t *ret_server_us, int64_t *ret_round_trip_us, struct sg_rest_reply_info *info,
                               struct sg_error *error)
{
    cJSON *root = NULL;
    int64_t before = sg_clock_mono(sg_clock_system());
    enum sg_status status = sg_fetcher_get(fetcher, "/time", SG_REST_BODY_LIMIT, &root, info, error);
    if (status != SG_OK)
        return status;
    *ret_round_trip_us = sg_clock_mono(sg_clock_system()) - before;
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(root, "serverTime");
    if (cJSON_IsNumber(value) && value->valuedouble >= 1483228800000.0 && value->valuedouble <= 4102444800000.0)
        *ret_server_us = (int64_t)value->valuedouble * SG_US_PER_MS;
    else
        status = sg_fail(error, SG_ERR_PROTOCOL, "the exchange's answer to \"time\" holds no plausible serverTime");
    cJSON_Delete(root);
    return status;
}

enum sg_status sg_rest_time(const struct sg_rest_config *config, int64_t *ret_server_us, int64_t *ret_round_trip_us, struct sg_rest_reply_info *info,
                            struct sg_error *error)
{
    struct sg_error local, unused;
    if (!error)
        error = &local;
    struct sg_fetcher *fetcher = sg_fetcher_new(config, error);
    if (!fetcher)
        return error->status;
    /* The first exchange also pays for the connection; the second one, on the same connection, is the better sample. */
    int64_t server, round_trip;
    enum sg_status status = get_time(fetcher, &server, &round_trip, info, error);
    if (status == SG_OK) {
        int64_t answered_us = sg_clock_mono(sg_clock_system());
        *ret_server_us = server;
        *ret_round_trip_us = round_trip;
        if (get_time(fetcher, &server, &round_trip, NULL, &unused) == SG_OK && round_trip < *ret_round_trip_us) {
            *ret_server_us = server;
            *ret_round_trip_us = round_trip;
        } else {
            *ret_server_us += sg_clock_mono(sg_clock_system()) - answered_us; /* the first one stands, as of now */
        }
    }
    sg_fetcher_free(fetcher);
    return status;
}

static enum sg_symbol_status symbol_status(const cJSON *item)
{
    if (!cJSON_IsString(item))
        return SG_SYMBOL_HALTED;
    if (strcmp(item->valuestring, "TRADING") == 0)
        return SG_SYMBOL_TRADING;
    return strcmp(item->valuestring, "BREAK") == 0 ? SG_SYMBOL_BREAK : SG_SYMBOL_HALTED;
}

static bool copy_text(const cJSON *object, const char *name, char *buffer, size_t size)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsString(item) || strlen(item->valuestring) >= size)
        return false;
    snprintf(buffer, size, "%s", item->valuestring);
    return true;
}

/* False for an entry that is not of the expected shape; such a one is passed over. */
static bool read_symbol(const cJSON *object, struct sg_symbol_info *ret_info)
{
    memset(ret_info, 0, sizeof *ret_info);
    if (!cJSON_IsObject(object) || !copy_text(object, "symbol", ret_info->symbol, sizeof ret_info->symbol) || !ret_info->symbol[0])
        return false;
    (void)copy_text(object, "baseAsset", ret_info->base, sizeof ret_info->base);
    (void)copy_text(object, "quoteAsset", ret_info->quote, sizeof ret_info->quote);
    ret_info->status = symbol_status(cJSON_GetObjectItemCaseSensitive(object, "status"));
    const cJSON *filter;
    cJSON_ArrayForEach(filter, cJSON_GetObjectItemCaseSensitive(object, "filters"))
    {
        const cJSON *type = cJSON_GetObjectItemCaseSensitive(filter, "filterType"), *size = cJSON_GetObjectItemCaseSensitive(filter, "tickSize");
        double value;
        if (cJSON_IsString(type) && strcmp(type->valuestring, "PRICE_FILTER") == 0 && cJSON_IsString(size) &&
            sg_decimal_plain_to_double(size->valuestring, strlen(size->valuestring), &value) == SG_OK && value > 0)
            ret_info->tick_size = value;
    }
    return true;
}

static const cJSON *symbol_list(const cJSON *root, struct sg_error *error)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "symbols");
    if (cJSON_IsArray(list))
        return list;
    (void)sg_fail(error, SG_ERR_PROTOCOL, "the exchange's answer to \"exchangeInfo\" holds no list of symbols");
    return NULL;
}

void sg_rest_percent_encode(const char *text, char *buffer, size_t size)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t length = 0;
    for (; *text && length + 4 < size; text++) {
        unsigned char byte = (unsigned char)*text;
        if ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_' || byte == '.') {
            buffer[length++] = (char)byte;
        } else {
            buffer[length++] = '%';
            buffer[length++] = hex[byte >> 4];
            buffer[length++] = hex[byte & 15];
        }
    }
    buffer[length] = 0;
}

/* Spot answers for one symbol alone; an unknown one is error -1121. */
static enum sg_status spot_symbol(struct sg_fetcher *fetcher, const char *symbol, struct sg_symbol_info *ret_info, struct sg_error *error)
{
    char encoded[3 * SG_SYMBOL_BUF + 8], query[3 * SG_SYMBOL_BUF + 40];
    struct sg_rest_reply_info reply;
    cJSON *root = NULL;
    sg_rest_percent_encode(symbol, encoded, sizeof encoded);
    snprintf(query, sizeof query, "/exchangeInfo?symbol=%s", encoded);
    enum sg_status status = sg_fetcher_get(fetcher, query, INFO_LIMIT, &root, &reply, error);
    if (status == SG_ERR_REFUSED && reply.http_status == 400 && (reply.binance_code == -1121 || reply.binance_code == -1100))
        return SG_OK;
    if (status != SG_OK)
        return status;
    const cJSON *list = symbol_list(root, error), *item;
    if (!list)
        status = SG_ERR_PROTOCOL;
    cJSON_ArrayForEach(item, list)
    {
        struct sg_symbol_info found;
        if (read_symbol(item, &found) && strcmp(found.symbol, symbol) == 0)
            *ret_info = found;
    }
    cJSON_Delete(root);
    return status;
}

static enum sg_status all_symbols(struct sg_fetcher *fetcher, enum sg_market market, cJSON **ret_root, const cJSON **ret_list, struct sg_error *error)
{
    enum sg_status status =
        sg_fetcher_get(fetcher, market == SG_MARKET_SPOT ? "/exchangeInfo?showPermissionSets=false" : "/exchangeInfo", INFO_LIMIT, ret_root, NULL, error);
    if (status != SG_OK)
        return status;
    *ret_list = symbol_list(*ret_root, error);
    if (*ret_list)
        return SG_OK;
    cJSON_Delete(*ret_root);
    return SG_ERR_PROTOCOL;
}

enum sg_status sg_rest_symbols(const struct sg_rest_config *config, const struct sg_instrument *symbols, size_t count, struct sg_symbol_info *ret_symbols,
                               struct sg_error *error)
{
    struct sg_error local;
    if (!error)
        error = &local;
    if (count == 0 || count > SYMBOLS_MAX)
        return sg_fail(error, SG_ERR_INVALID, "1 to %d symbols can be looked up at once", SYMBOLS_MAX);
    struct sg_fetcher *fetcher = sg_fetcher_new(config, error);
    if (!fetcher)
        return error->status;
    struct sg_symbol_info found[SYMBOLS_MAX];
    enum sg_status status = SG_OK;
    memset(found, 0, sizeof found);
    for (size_t i = 0; i < count; i++) {
        snprintf(found[i].symbol, sizeof found[i].symbol, "%s", symbols[i].symbol);
        found[i].status = SG_SYMBOL_UNKNOWN;
    }
    if (config->market == SG_MARKET_SPOT) {
        for (size_t i = 0; i < count && status == SG_OK; i++)
            status = spot_symbol(fetcher, symbols[i].symbol, &found[i], error);
    } else { /* the futures answer for all of them only */
        cJSON *root = NULL;
        const cJSON *list = NULL, *item;
        status = all_symbols(fetcher, config->market, &root, &list, error);
        cJSON_ArrayForEach(item, list)
        {
            struct sg_symbol_info info;
            for (size_t i = 0; i < count && read_symbol(item, &info); i++)
                if (strcmp(info.symbol, symbols[i].symbol) == 0)
                    found[i] = info;
        }
        if (status == SG_OK)
            cJSON_Delete(root);
    }
    sg_fetcher_free(fetcher);
    if (status == SG_OK)
        memcpy(ret_symbols, found, count * sizeof *found);
    return status;
}

static int by_symbol(const void *a, const void *b)
{
    return strcmp(((const struct sg_symbol_info *)a)->symbol, ((const struct sg_symbol_info *)b)->symbol);
}

enum sg_status sg_rest_all_symbols(const struct sg_rest_config *config, struct sg_symbol_info **ret_symbols, size_t *ret_count, struct sg_error *error)
{
    struct sg_error local;
    if (!error)
        error = &local;
    struct sg_fetcher *fetcher = sg_fetcher_new(config, error);
    if (!fetcher)
        return error->status;
    cJSON *root = NULL;
    const cJSON *list = NULL, *item;
    enum sg_status status = all_symbols(fetcher, config->market, &root, &list, error);
    sg_fetcher_free(fetcher);
    if (status != SG_OK)
        return status;
    size_t count = 0;
    struct sg_symbol_info *symbols = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *symbols);
    if (symbols) {
        cJSON_ArrayForEach(item, list) if (read_symbol(item, &symbols[count]) && symbols[count].status == SG_SYMBOL_TRADING) count++;
        qsort(symbols, count, sizeof *symbols, by_symbol);
        *ret_symbols = symbols;
        *ret_count = count;
    }
    cJSON_Delete(root);
    return symbols ? SG_OK : sg_fail(error, SG_ERR_NOMEM, "no memory for the list of symbols");
}

/* ---- klines ---- */

static bool row_integer(const cJSON *row, int index, double max, int64_t *ret_value)
{
    const cJSON *item = cJSON_GetArrayItem(row, index);
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) || item->valuedouble > max || item->valuedouble != (double)(int64_t)item->valuedouble)
        return false;
    *ret_value = (int64_t)item->valuedouble;
    return true;
}

static bool row_price(const cJSON *row, int index, double *ret_value)
{
    const cJSON *item = cJSON_GetArrayItem(row, index);
    return cJSON_IsString(item) && sg_decimal_plain_to_double(item->valuestring, strlen(item->valuestring), ret_value) == SG_OK && *ret_value > 0 &&
           *ret_value <= 1e12;
}

/* [openTime,"o","h","l","c","vol",closeTime,"quoteVol",nTrades,…] */
static bool read_kline(const cJSON *row, int64_t interval_us, struct sg_bar *ret_bar)
{
    int64_t open_ms, close_ms, trades;
    const cJSON *volume = cJSON_IsArray(row) ? cJSON_GetArrayItem(row, 5) : NULL;
    memset(ret_bar, 0, sizeof *ret_bar);
    if (!cJSON_IsString(volume) || !row_integer(row, 0, 4102444800000.0, &open_ms) || !row_integer(row, 6, 4102444800000.0, &close_ms) ||
        !row_integer(row, 8, UINT32_MAX, &trades) || !row_price(row, 1, &ret_bar->open) || !row_price(row, 2, &ret_bar->high) ||
        !row_price(row, 3, &ret_bar->low) || !row_price(row, 4, &ret_bar->close) ||
        sg_decimal_to_qty(volume->valuestring, strlen(volume->valuestring), &ret_bar->volume) != SG_OK || ret_bar->volume < 0)
        return false;
    double least = ret_bar->open < ret_bar->close ? ret_bar->open : ret_bar->close, most = ret_bar->open < ret_bar->close ? ret_bar->close : ret_bar->open;
    if (ret_bar->low > least || ret_bar->high < most)
        return false;
    ret_bar->time_us = open_ms * SG_US_PER_MS;
    ret_bar->trades = (uint32_t)trades;
    ret_bar->flags = SG_BAR_REPAIRED | (trades == 0 ? (uint32_t)SG_BAR_FILLED : 0u);
    return ret_bar->time_us % interval_us == 0 && (close_ms + 1) * SG_US_PER_MS == ret_bar->time_us + interval_us;
}

/* Appends the rows of one page. *ret_rows: how many the exchange sent. */
static enum sg_status read_page(const cJSON *root, int64_t interval_us, int64_t from_us, int64_t to_us, int64_t server_us, struct sg_bar *bars, size_t capacity,
                                size_t *count, size_t *ret_rows, int64_t *ret_next_us, struct sg_error *error)
{
    const cJSON *row;
    size_t rows = 0;
    if (!cJSON_IsArray(root))
        return sg_fail(error, SG_ERR_PROTOCOL, "the exchange's answer to \"klines\" is not an array");
    cJSON_ArrayForEach(row, root)
    {
        struct sg_bar bar;
        rows++;
        if (!read_kline(row, interval_us, &bar))
            return sg_fail(error, SG_ERR_PROTOCOL, "row %zu of the exchange's klines is not a kline", rows);
        if (bar.time_us < *ret_next_us)
            return sg_fail(error, SG_ERR_PROTOCOL, "row %zu of the exchange's klines is out of order or of another time", rows);
        *ret_next_us = bar.time_us + interval_us;
        if (bar.time_us < from_us || bar.time_us >= to_us || bar.time_us + interval_us > server_us || *count == capacity)
            continue;
        bars[(*count)++] = bar;
    }
    *ret_rows = rows;
    return SG_OK;
}

enum sg_status sg_rest_klines(const struct sg_rest_config *config, const char *symbol, enum sg_interval interval, int64_t from_us, int64_t to_us,
                              struct sg_bar *bars, size_t capacity, size_t *ret_count, struct sg_error *error)
{
    struct sg_error local;
    if (!error)
        error = &local;
    int64_t interval_us = sg_interval_us(interval);
    if (from_us < 0 || to_us < from_us || !symbol[0] || strlen(symbol) >= SG_SYMBOL_BUF)
        return sg_fail(error, SG_ERR_INVALID, "the range or symbol of a kline request is wrong");
    int64_t next = (from_us + interval_us - 1) / interval_us * interval_us, server, round_trip;
    size_t count = 0;
    if (next >= to_us || capacity == 0) {
        *ret_count = 0;
        return SG_OK;
    }
    struct sg_fetcher *fetcher = sg_fetcher_new(config, error);
    if (!fetcher)
        return error->status;
    /* Asked for before the klines: what had ended then is final in them. */
    enum sg_status status = get_time(fetcher, &server, &round_trip, NULL, error);
    char encoded[3 * SG_SYMBOL_BUF + 8], query[3 * SG_SYMBOL_BUF + 160];
    sg_rest_percent_encode(symbol, encoded, sizeof encoded);
    size_t rows = 1000;
    while (status == SG_OK && rows == 1000 && next < to_us && next + interval_us <= server && count < capacity) {
        cJSON *root = NULL;
        snprintf(query, sizeof query, "/klines?symbol=%s&interval=%s&startTime=%lld&endTime=%lld&limit=1000", encoded, sg_interval_name(interval),
                 (long long)(next / SG_US_PER_MS), (long long)((to_us - 1) / SG_US_PER_MS));
        status = sg_fetcher_get(fetcher, query, SG_REST_BODY_LIMIT, &root, NULL, error);
        if (status == SG_OK)
            status = read_page(root, interval_us, from_us, to_us, server, bars, capacity, &count, &rows, &next, error);
        cJSON_Delete(root);
    }
    sg_fetcher_free(fetcher);
    if (status == SG_OK)
        *ret_count = count;
    return status;
}
