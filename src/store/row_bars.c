/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars of a file to the bars asked for: find the file's spacing, keep its order, aggregate upward. */
#include <stdlib.h>
#include <string.h>
#include "builder_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"

#define HOUR_US (3600 * SG_US_PER_S)

enum sg_status row_bars_init(struct row_bars *rows, const struct sg_series_config *config, struct sg_series *series, struct bar_list *list, struct sg_error *error)
{
    memset(rows, 0, sizeof *rows);
    rows->config = config;
    rows->series = series;
    rows->list = list;
    rows->reversed.maximum = list->maximum;
    rows->head = calloc(HEAD_ROWS, sizeof *rows->head);
    return rows->head ? SG_OK : sg_fail(error, SG_ERR_NOMEM, "no memory to read a file");
}

void row_bars_free(struct row_bars *rows)
{
    free(rows->head);
    free(rows->reversed.bars);
    rows->head = NULL;
    rows->reversed.bars = NULL;
}

static struct sg_bar bar_of(const struct series_row *row)
{
    /* An exchange writes a bar for every minute, also for those in which nothing traded: flat at the last price. */
    bool empty = row->counted && row->trades == 0 && row->volume == 0;
    return (struct sg_bar){.time_us = row->time_us, .open = row->open, .high = row->high, .low = row->low, .close = row->close,
                           .volume = row->volume, .trades = row->trades,
                           .flags = row->flags | (empty ? (uint32_t)SG_BAR_FILLED : 0u)};
}

static enum sg_status flush_aggregated(struct row_bars *rows, struct sg_error *error)
{
    if (rows->parts == 0)
        return SG_OK;
    bool whole = rows->parts == rows->target_us / rows->step_us;
    rows->parts = 0;
    if (!whole) {
        rows->series->incomplete++;
        return SG_OK;
    }
    return bar_list_add(rows->list, &rows->bar, error);
}

/* One bar of the file, in ascending order. */
static enum sg_status take(struct row_bars *rows, const struct sg_bar *part, struct sg_error *error)
{
    if (part->time_us < rows->config->start_us || part->time_us >= rows->config->end_us) {
        rows->series->outside++;
        return SG_OK;
    }
    if (rows->step_us == 0 || rows->target_us == rows->step_us)
        return bar_list_add(rows->list, part, error);
    int64_t time_us = floor_to(part->time_us, rows->target_us);
    if (floor_to(part->time_us, rows->step_us) != part->time_us) {
        char text[SG_TIME_BUF], step[INTERVAL_TEXT_BUF];
        sg_time_format_iso(part->time_us, text);
        return sg_fail(error, SG_ERR_PARSE, "the bar at %s does not begin on a multiple of %s: it cannot be part of a longer one", text, interval_text(rows->step_us, step));
    }
    if (rows->parts > 0 && rows->bar.time_us != time_us) {
        enum sg_status status = flush_aggregated(rows, error);
        if (status != SG_OK)
            return status;
    }
    struct sg_bar *bar = &rows->bar;
    if (rows->parts++ == 0) {
        *bar = *part;
        bar->time_us = time_us;
        return SG_OK;
    }
    bar->high = part->high > bar->high ? part->high : bar->high;
    bar->low = part->low < bar->low ? part->low : bar->low;
    bar->close = part->close;
    bar->volume += part->volume;
    bar->trades += part->trades;
    uint32_t empty = bar->flags & part->flags & SG_BAR_FILLED;   /* only what is empty all through */
    bar->flags = ((bar->flags | part->flags) & ~(uint32_t)SG_BAR_FILLED) | empty;
    return SG_OK;
}

void row_bars_note_time(struct row_bars *rows, int64_t time_us)
{
    int64_t distance = rows->noted ? time_us - rows->noted_us : 0;
    distance = distance < 0 ? -distance : distance;
    if (distance > 0 && (rows->shortest_us == 0 || distance < rows->shortest_us))
        rows->shortest_us = distance;
    rows->noted = true;
    rows->noted_us = time_us;
}

/* The spacing of the first rows: what a row says of itself, else the shortest distance of two. */
static int64_t find_step(const struct row_bars *rows)
{
    for (size_t i = 0; i < rows->head_length; i++)
        if (rows->head[i].step_us > 0)
            return rows->head[i].step_us;
    return rows->shortest_us;
}

/* Prices at regular times, or hours apart, are bars of their own; prices that come when they come are ticks. */
static bool are_ticks(const struct row_bars *rows, int64_t step_us)
{
    if (rows->series->form != SG_SERIES_PRICES_CSV || step_us >= 6 * HOUR_US)
        return false;
    size_t regular = 0;
    for (size_t i = 1; i < rows->head_length; i++) {
        int64_t distance = rows->head[i].time_us - rows->head[i - 1].time_us;
        regular += distance == step_us || distance == -step_us;
    }
    return rows->head_length < 2 || step_us < SG_US_PER_S || regular * 2 < rows->head_length - 1;
}

static enum sg_status choose_target(struct row_bars *rows, struct sg_error *error)
{
    char step[INTERVAL_TEXT_BUF], wanted[INTERVAL_TEXT_BUF];
    int64_t asked = rows->config->interval_us;
    rows->target_us = asked;
    if (rows->step_us > asked && !rows->config->interval_given)
        rows->target_us = rows->step_us;
    else if (rows->step_us > asked)
        return sg_fail(error, SG_ERR_INVALID, "its bars are %s long, and the interval asked for is %s: ask for %s or longer",
                       interval_text(rows->step_us, step), interval_text(asked, wanted), interval_text(rows->step_us, step));
    else if (rows->step_us > 0 && asked % rows->step_us != 0)
        return sg_fail(error, SG_ERR_INVALID, "its bars are %s long: bars of %s cannot be made of them", interval_text(rows->step_us, step), interval_text(asked, wanted));
    rows->series->interval_us = rows->target_us;
    rows->series->file_interval_us = rows->step_us;
    return SG_OK;
}

static enum sg_status accept(struct row_bars *rows, const struct series_row *row, struct sg_error *error)
{
    if (rows->as_ticks)
        return trade_bars_add(&rows->trades, row, error);
    struct sg_bar bar = bar_of(row);
    rows->series->rows++;
    return rows->direction < 0 ? bar_list_add(&rows->reversed, &bar, error) : take(rows, &bar, error);
}

static bool same_row(const struct series_row *left, const struct series_row *right)
{
    return left->open == right->open && left->high == right->high && left->low == right->low && left->close == right->close &&
           left->volume == right->volume && left->trades == right->trades;
}

/* Two rows for one time: which of their values differ first, and both of them. */
static enum sg_status second_row(const struct series_row *row, const struct series_row *before, struct sg_error *error)
{
    char time[SG_TIME_BUF], here[SG_DECIMAL_BUF], there[SG_DECIMAL_BUF];
    const struct { const char *name; double here, there; } values[] = {
        {"close", row->close, before->close}, {"open", row->open, before->open}, {"high", row->high, before->high}, {"low", row->low, before->low},
        {"number of trades", row->trades, before->trades}};
    const char *name = "volume";
    sg_decimal_from_qty(row->volume, here);
    sg_decimal_from_qty(before->volume, there);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (values[i].here != values[i].there) {
            name = values[i].name;
            sg_decimal_from_double(values[i].here, here);
            sg_decimal_from_double(values[i].there, there);
            break;
        }
    sg_time_format_iso(row->time_us, time);
    return sg_fail(error, SG_ERR_PARSE, "a second row for %s, with other values: its %s is %s, and %s in the row before it", time, name, here, there);
}

enum sg_status row_bars_go_on(struct row_bars *rows, struct sg_error *error)
{
    enum sg_status status = SG_OK;
    rows->bad_number = 0;
    while (rows->head_taken < rows->head_length && status == SG_OK) {
        const struct series_row *row = &rows->head[rows->head_taken];
        if (!rows->as_ticks && rows->head_taken > 0 && row->time_us == row[-1].time_us)
            status = second_row(row, row - 1, error);
        else
            status = accept(rows, row, error);
        rows->head_taken++;
        if (status == SG_ERR_PARSE)
            rows->bad_number = row->number;
    }
    return status;
}

static enum sg_status decide(struct row_bars *rows, struct sg_error *error)
{
    rows->decided = true;
    rows->step_us = find_step(rows);
    rows->as_ticks = are_ticks(rows, rows->step_us);
    enum sg_status status = SG_OK;
    if (rows->as_ticks) {
        /* This is wrong with the whole file, and no row to skip. */
        if (rows->direction < 0)
            return sg_fail(error, SG_ERR_INVALID, "prices at irregular times must be in ascending order");
        trade_bars_init(&rows->trades, rows->config, rows->series, rows->list);
    } else {
        status = choose_target(rows, error);
    }
    return status == SG_OK ? row_bars_go_on(rows, error) : status;
}

/* Keeps the order: SG_ERR_EXISTS for a row that repeats the one before. */
static enum sg_status check_order(struct row_bars *rows, const struct series_row *row, struct sg_error *error)
{
    char now[SG_TIME_BUF], before[SG_TIME_BUF], step[INTERVAL_TEXT_BUF];
    if (!rows->any)
        return SG_OK;
    int64_t distance = row->time_us - rows->previous.time_us;
    sg_time_format_iso(row->time_us, now);
    sg_time_format_iso(rows->previous.time_us, before);
    if (distance == 0 && same_row(row, &rows->previous))
        return SG_ERR_EXISTS;
    if (distance == 0 && !rows->as_ticks && (rows->decided || rows->series->form != SG_SERIES_PRICES_CSV))
        return second_row(row, &rows->previous, error);
    int direction = distance > 0 ? 1 : distance < 0 ? -1 : 0;
    if (rows->direction == 0)
        rows->direction = direction;
    if (direction != 0 && direction != rows->direction)
        return sg_fail(error, SG_ERR_PARSE, "its time %s is %s that of the row before it, %s: the file is not in order", now,
                       direction < 0 ? "before" : "after", before);
    bool aggregates = rows->decided && !rows->as_ticks && rows->step_us > 0 && rows->target_us != rows->step_us;
    if (aggregates && distance * direction < rows->step_us)
        return sg_fail(error, SG_ERR_PARSE, "its time %s is less than %s from that of the row before it", now, interval_text(rows->step_us, step));
    return SG_OK;
}

enum sg_status row_bars_add(struct row_bars *rows, const struct series_row *row, struct sg_error *error)
{
    rows->bad_number = 0;
    enum sg_status status = check_order(rows, row, error);
    if (status == SG_ERR_EXISTS) {
        rows->series->duplicates++;
        return SG_OK;
    }
    if (status != SG_OK)
        return status;
    row_bars_note_time(rows, row->time_us);
    rows->previous = *row;
    rows->any = true;
    if (rows->decided)
        return accept(rows, row, error);
    rows->head[rows->head_length++] = *row;
    return rows->head_length == HEAD_ROWS ? decide(rows, error) : SG_OK;
}

enum sg_status row_bars_finish(struct row_bars *rows, struct sg_error *error)
{
    enum sg_status status = rows->decided ? row_bars_go_on(rows, error) : decide(rows, error);
    if (status != SG_OK)
        return status;
    if (rows->as_ticks)
        return trade_bars_finish(&rows->trades, error);
    for (size_t i = rows->reversed.length; i-- > 0 && status == SG_OK;)
        status = take(rows, &rows->reversed.bars[i], error);
    return status == SG_OK ? flush_aggregated(rows, error) : status;
}
