/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history_line_private.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"

#define ROW_ITEMS 11
#define ROW_ITEMS_BEFORE 10            /* the last trade's id was not among them at first */
#define INTEGER_MAX 9007199254740991.0 /* what a JSON number holds exactly */

static void write_price(struct sg_buffer *line, double price)
{
    char text[SG_DECIMAL_BUF];
    sg_decimal_from_double(price, text);
    sg_buffer_append_format(line, ",\"%s\"", text);
}

static void write_bar(struct sg_buffer *line, const struct sg_bar *bar)
{
    char volume[SG_DECIMAL_BUF];
    sg_decimal_from_qty(bar->volume, volume);
    sg_buffer_append_format(line, "[%" PRId64, bar->time_us);
    write_price(line, bar->open);
    write_price(line, bar->high);
    write_price(line, bar->low);
    write_price(line, bar->close);
    sg_buffer_append_format(line, ",\"%s\",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%" PRId64 ",%" PRId64 "]", volume, bar->trades, bar->ticks, bar->flags,
                            bar->last_tick_us, bar->last_id);
}

static void write_leg(struct sg_buffer *line, const struct sg_history_leg *leg)
{
    sg_buffer_append_format(line, "{\"from\":%" PRId64 ",\"to\":%" PRId64 ",\"bars\":[", leg->from_us, leg->to_us);
    for (size_t i = 0; i < leg->count; i++) {
        sg_buffer_append_text(line, i ? "," : "");
        write_bar(line, &leg->bars[i]);
    }
    sg_buffer_append_text(line, "],\"ids\":[");
    for (size_t i = 0; i < leg->run_count; i++) {
        const struct sg_history_run *run = &leg->runs[i];
        sg_buffer_append_format(line, "%s[%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "]", i ? "," : "", run->ids.first, run->ids.last, run->first_us,
                                run->last_us);
    }
    sg_buffer_append_text(line, "]}");
}

void sg_history_line_write(struct sg_buffer *line, int64_t recv_us, const struct sg_history_answer *answer)
{
    sg_buffer_append_format(line, "{\"t\":%" PRId64 ",\"history\":\"%s\",\"interval\":\"%s\",\"asked\":%" PRId64 ",\"problem\":", recv_us,
                            sg_history_kind_name(answer->kind), sg_interval_name(answer->interval), answer->asked_us);
    sg_buffer_append_json_string(line, answer->problem, strnlen(answer->problem, sizeof answer->problem));
    sg_buffer_append_text(line, ",\"legs\":[");
    write_leg(line, &answer->legs[SG_LEG_A]);
    sg_buffer_append_text(line, ",");
    write_leg(line, &answer->legs[SG_LEG_B]);
    sg_buffer_append_text(line, "]");
}

static bool read_integer(const cJSON *item, double max, int64_t *ret_value)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0) || item->valuedouble > max || item->valuedouble != floor(item->valuedouble))
        return false;
    *ret_value = (int64_t)item->valuedouble;
    return true;
}

static bool read_count(const cJSON *item, uint32_t *ret_value)
{
    int64_t value;
    if (!read_integer(item, UINT32_MAX, &value))
        return false;
    *ret_value = (uint32_t)value;
    return true;
}

static bool read_price(const cJSON *item, double *ret_price)
{
    return cJSON_IsString(item) && sg_decimal_to_double(item->valuestring, strlen(item->valuestring), ret_price) == SG_OK && *ret_price > 0;
}

static bool read_bar(const cJSON *row, struct sg_bar *bar)
{
    const cJSON *items[ROW_ITEMS], *item;
    size_t count = 0;
    cJSON_ArrayForEach(item, row)
    {
        if (count == ROW_ITEMS)
            return false;
        items[count++] = item;
    }
    return (count == ROW_ITEMS || count == ROW_ITEMS_BEFORE) && read_integer(items[0], INTEGER_MAX, &bar->time_us) && read_price(items[1], &bar->open) &&
           read_price(items[2], &bar->high) && read_price(items[3], &bar->low) && read_price(items[4], &bar->close) && cJSON_IsString(items[5]) &&
           sg_decimal_to_qty(items[5]->valuestring, strlen(items[5]->valuestring), &bar->volume) == SG_OK && bar->volume >= 0 &&
           read_count(items[6], &bar->trades) && read_count(items[7], &bar->ticks) && read_count(items[8], &bar->flags) &&
           read_integer(items[9], INTEGER_MAX, &bar->last_tick_us) && (count < ROW_ITEMS || read_integer(items[10], INTEGER_MAX, &bar->last_id));
}

static bool read_bars(const cJSON *rows, int64_t interval_us, struct sg_history_leg *leg)
{
    const cJSON *row;
    size_t count = cJSON_IsArray(rows) ? (size_t)cJSON_GetArraySize(rows) : SIZE_MAX;
    if (count > SG_HISTORY_BARS_MAX || !(leg->bars = calloc(count + 1, sizeof *leg->bars)))
        return false;
    cJSON_ArrayForEach(row, rows)
    {
        struct sg_bar *bar = &leg->bars[leg->count];
        if (!read_bar(row, bar) || bar->time_us % interval_us != 0 || bar->time_us < leg->from_us || bar->time_us >= leg->to_us ||
            (leg->count > 0 && bar->time_us <= bar[-1].time_us))
            return false;
        leg->count++;
    }
    return true;
}

static bool read_run(const cJSON *json, struct sg_history_run *run)
{
    int items = cJSON_IsArray(json) ? cJSON_GetArraySize(json) : 0;
    return (items == 2 || items == 4) && read_integer(cJSON_GetArrayItem(json, 0), INTEGER_MAX, &run->ids.first) &&
           read_integer(cJSON_GetArrayItem(json, 1), INTEGER_MAX, &run->ids.last) &&
           (items == 2 || (read_integer(cJSON_GetArrayItem(json, 2), INTEGER_MAX, &run->first_us) &&
                           read_integer(cJSON_GetArrayItem(json, 3), INTEGER_MAX, &run->last_us))) &&
           run->ids.last >= run->ids.first && run->last_us >= run->first_us;
}

static bool read_runs(const cJSON *runs, struct sg_history_leg *leg)
{
    const cJSON *item;
    size_t count = cJSON_IsArray(runs) ? (size_t)cJSON_GetArraySize(runs) : SIZE_MAX;
    if (count > SG_HISTORY_RUNS_MAX || !(leg->runs = calloc(count + 1, sizeof *leg->runs)))
        return false;
    cJSON_ArrayForEach(item, runs)
    {
        struct sg_history_run *run = &leg->runs[leg->run_count];
        if (!read_run(item, run) || (leg->run_count > 0 && run->ids.first <= run[-1].ids.last))
            return false;
        leg->run_count++;
    }
    return true;
}

static bool read_leg(const cJSON *json, int64_t interval_us, struct sg_history_leg *leg)
{
    return read_integer(cJSON_GetObjectItemCaseSensitive(json, "from"), INTEGER_MAX, &leg->from_us) &&
           read_integer(cJSON_GetObjectItemCaseSensitive(json, "to"), INTEGER_MAX, &leg->to_us) && leg->to_us >= leg->from_us &&
           (leg->to_us - leg->from_us) / interval_us <= (int64_t)SG_HISTORY_BARS_MAX && leg->from_us % interval_us == 0 && leg->to_us % interval_us == 0 &&
           read_bars(cJSON_GetObjectItemCaseSensitive(json, "bars"), interval_us, leg) && read_runs(cJSON_GetObjectItemCaseSensitive(json, "ids"), leg);
}

static bool read_answer(const cJSON *json, struct sg_history_answer *answer)
{
    const char *kind = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "history"));
    const char *interval = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "interval"));
    const char *problem = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "problem"));
    const cJSON *legs = cJSON_GetObjectItemCaseSensitive(json, "legs");
    if (!kind || !interval || !problem || strlen(problem) >= sizeof answer->problem || sg_interval_parse(interval, &answer->interval) != SG_OK ||
        !cJSON_IsArray(legs) || cJSON_GetArraySize(legs) != SG_LEG_COUNT)
        return false;
    if (strcmp(kind, sg_history_kind_name(SG_HISTORY_TRADES)) == 0)
        answer->kind = SG_HISTORY_TRADES;
    else if (strcmp(kind, sg_history_kind_name(SG_HISTORY_KLINES)) != 0)
        return false;
    if (answer->kind == SG_HISTORY_TRADES && answer->interval != SG_INTERVAL_1S)
        return false;
    const cJSON *asked = cJSON_GetObjectItemCaseSensitive(json, "asked"); /* not there in recordings of earlier versions */
    if (asked && !read_integer(asked, INTEGER_MAX, &answer->asked_us))
        return false;
    memcpy(answer->problem, problem, strlen(problem) + 1);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        if (!read_leg(cJSON_GetArrayItem(legs, leg), sg_interval_us(answer->interval), &answer->legs[leg]))
            return false;
    return true;
}

struct sg_history_answer *sg_history_line_read(const char *text, size_t length, const char **ret_reason)
{
    cJSON *json = cJSON_ParseWithLength(text, length);
    struct sg_history_answer *answer = sg_history_answer_new();
    if (!json || !answer || !read_answer(json, answer)) {
        sg_history_answer_free(answer);
        answer = NULL;
        *ret_reason = "an answer about the past that is damaged";
    }
    cJSON_Delete(json);
    return answer;
}
