/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars of a file to the bars asked for: find the file's spacing, keep its order, aggregate upward. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "builder_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"
#include "spreadglass/market/instrument.h"

#define HOUR_US (3600 * SG_US_PER_S)

enum sg_status sg_row_bars_init(struct row_bars *rows, const struct sg_series_config *config, struct sg_series *series, struct bar_list *list,
                                struct sg_error *error)
{
    memset(rows, 0, sizeof *rows);
    rows->config = config;
    rows->series = series;
    rows->list = list;
    rows->reversed.maximum = list->maximum;
    rows->head = calloc(HEAD_ROWS, sizeof *rows->head);
    return rows->head ? SG_OK : sg_fail(error, SG_ERR_NOMEM, "no memory to read a file");
}

void sg_row_bars_free(struct row_bars *rows)
{
    free(rows->head);
    free(rows->reversed.bars);
    rows->head = NULL;
    rows->reversed.bars = NULL;
}

static struct sg_bar bar_of(const struct series_row *row)
{
    /* An exchange writes a bar for every minute, also for those in which nothing traded: flat at the last price. */
    bool empty = row->volume == 0 && !(row->flags & SG_BAR_NO_VOLUME);
    return (struct sg_bar){.time_us = row->time_us,
                           .open = row->open,
                           .high = row->high,
                           .low = row->low,
                           .close = row->close,
                           .volume = row->volume,
                           .trades = row->trades,
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
    return sg_bar_list_add(rows->list, &rows->bar, error);
}

/* One bar of the file, in ascending order. */
static enum sg_status take(struct row_bars *rows, const struct sg_bar *part, struct sg_error *error)
{
    if (part->time_us < rows->config->start_us || part->time_us >= rows->config->end_us) {
        rows->series->outside++;
        return SG_OK;
    }
    if (rows->step_us == 0 || rows->target_us == rows->step_us)
        return sg_bar_list_add(rows->list, part, error);
    int64_t time_us = floor_to(part->time_us, rows->target_us);
    if (floor_to(part->time_us, rows->step_us) != part->time_us) {
        char text[SG_TIME_BUF], step[INTERVAL_TEXT_BUF];
        sg_time_format_iso(part->time_us, text);
        return sg_fail(error, SG_ERR_PARSE, "the bar at %s does not begin on a multiple of %s: it cannot be part of a longer one", text,
                       sg_interval_text(rows->step_us, step));
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
    uint32_t empty = bar->flags & part->flags & SG_BAR_FILLED; /* only what is empty all through */
    bar->flags = ((bar->flags | part->flags) & ~(uint32_t)SG_BAR_FILLED) | empty;
    return SG_OK;
}

void sg_row_bars_note_time(struct row_bars *rows, int64_t time_us)
{
    if (!rows->decided)
        sg_row_spacing_note(&rows->spacing, time_us);
}

/* The spacing of the first rows: what a row says of itself, else what is common among them. */
static int64_t find_step(struct row_bars *rows)
{
    int64_t common_us = sg_row_spacing_find(&rows->spacing, &rows->regular);
    for (size_t i = 0; i < rows->head_length; i++)
        if (rows->head[i].step_us > 0) {
            rows->regular = true;
            return rows->head[i].step_us;
        }
    return common_us;
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
    return rows->head_length < 2 || step_us < SG_US_PER_S || regular * 2 < rows->head_length - 1 || !rows->regular;
}

/* What to ask for instead: the shortest interval that bars of that length can become. */
static void advise(int64_t step_us, char *text, size_t size)
{
    char step[INTERVAL_TEXT_BUF];
    sg_interval_text(step_us, step);
    for (int i = 0; i < SG_INTERVAL_COUNT; i++) {
        int64_t length_us = sg_interval_us((enum sg_interval)i);
        if (length_us % step_us != 0)
            continue;
        if (length_us == step_us)
            snprintf(text, size, "ask for %s%s", step, i + 1 < SG_INTERVAL_COUNT ? " or longer" : "");
        else
            snprintf(text, size, "ask for %s, or leave --interval out: then they stay as long as they are", sg_interval_name((enum sg_interval)i));
        return;
    }
    snprintf(text, size, "leave --interval out: then they stay as long as they are");
}

static enum sg_status choose_target(struct row_bars *rows, struct sg_error *error)
{
    char step[INTERVAL_TEXT_BUF], wanted[INTERVAL_TEXT_BUF], advice[120];
    int64_t asked = rows->config->interval_us;
    rows->target_us = asked;
    if (rows->step_us > 0)
        advise(rows->step_us, advice, sizeof advice);
    if (!rows->config->interval_given && (rows->step_us > asked || (rows->step_us > 0 && asked % rows->step_us != 0)))
        rows->target_us = rows->step_us;
    else if (rows->step_us > asked)
        return sg_fail(error, SG_ERR_INVALID, "its bars are %s long, and the interval asked for is %s: %s", sg_interval_text(rows->step_us, step),
                       sg_interval_text(asked, wanted), advice);
    else if (rows->step_us > 0 && asked % rows->step_us != 0)
        return sg_fail(error, SG_ERR_INVALID, "its bars are %s long: bars of %s cannot be made of them: %s", sg_interval_text(rows->step_us, step),
                       sg_interval_text(asked, wanted), advice);
    rows->series->interval_us = rows->target_us;
    rows->series->file_interval_us = rows->step_us;
    return SG_OK;
}

static enum sg_status accept(struct row_bars *rows, const struct series_row *row, struct sg_error *error)
{
    if (rows->as_ticks)
        return sg_trade_bars_add(&rows->trades, row, error);
    struct sg_bar bar = bar_of(row);
    rows->series->rows++;
    rows->any_volume = rows->any_volume || row->volume > 0;
    rows->moves = rows->moves || row->open != row->close || row->high != row->low || (rows->any_close && row->close != rows->close);
    rows->any_counted = rows->any_counted || row->counted;
    rows->any_close = true;
    rows->close = row->close;
    return rows->direction < 0 ? sg_bar_list_add(&rows->reversed, &bar, error) : take(rows, &bar, error);
}

static bool same_row(const struct series_row *left, const struct series_row *right)
{
    return left->open == right->open && left->high == right->high && left->low == right->low && left->close == right->close && left->volume == right->volume &&
           left->trades == right->trades;
}

/* Two rows for one time: which of their values differ first, and both of them. */
static enum sg_status second_row(const struct series_row *row, const struct series_row *before, struct sg_error *error)
{
    char time[SG_TIME_BUF], here[SG_DECIMAL_BUF], there[SG_DECIMAL_BUF];
    const struct {
        const char *name;
        double here, there;
    } values[] = {{"close", row->close, before->close},
                  {"open", row->open, before->open},
                  {"high", row->high, before->high},
                  {"low", row->low, before->low},
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

static int64_t distance_of(const struct series_row *row, const struct series_row *before)
{
    return row->time_us > before->time_us ? row->time_us - before->time_us : before->time_us - row->time_us;
}

/* The row that was kept back fits neither what came before it nor what came after it. */
static enum sg_status odd_row(struct row_bars *rows, struct sg_error *error)
{
    char time[SG_TIME_BUF], step[INTERVAL_TEXT_BUF], distance[DISTANCE_TEXT_BUF];
    rows->has_odd = false;
    rows->bad_number = rows->odd.number;
    sg_time_format_iso(rows->odd.time_us, time);
    if (!rows->any_placed)
        return sg_fail(error, SG_ERR_PARSE,
                       "its time %s is no whole number of bars from that of the next row, and the others are %s apart: an odd row (--skip-bad leaves it out)",
                       time, sg_interval_text(rows->step_us, step));
    return sg_fail(error, SG_ERR_PARSE, "its time %s is %s from that of the row before it, and the others are %s apart: an odd row (--skip-bad leaves it out)",
                   time, sg_distance_text(distance_of(&rows->odd, &rows->placed), distance), sg_interval_text(rows->step_us, step));
}

static enum sg_status place(struct row_bars *rows, const struct series_row *row, struct sg_error *error)
{
    rows->placed = *row;
    rows->any_placed = true;
    enum sg_status status = accept(rows, row, error);
    if (status == SG_ERR_PARSE)
        rows->bad_number = row->number;
    return status;
}

/* The first row of all is good when one of the two after it fits behind it. */
static bool is_anchor(const struct row_bars *rows, const struct series_row *row)
{
    for (size_t i = rows->head_taken; i < rows->head_length && i < rows->head_taken + 2; i++)
        if (sg_row_spacing_fits(distance_of(row, &rows->head[i]), rows->step_us))
            return true;
    return false;
}

/* The next row goes where it belongs. One that is off the spacing waits for the one after it: when that one fits behind the last good row,
 * it is odd; when the two fit one another, the rows have moved for good (summer time, another session). An odd one is told, and the next
 * row stays the next. */
static enum sg_status place_next(struct row_bars *rows, struct sg_error *error)
{
    const struct series_row *row = &rows->next, *before = rows->has_odd ? &rows->odd : &rows->placed;
    rows->has_next = false;
    if (!rows->as_ticks && (rows->has_odd || rows->any_placed) && row->time_us == before->time_us) {
        rows->bad_number = row->number;
        return second_row(row, before, error);
    }
    if (!rows->regular || rows->as_ticks)
        return place(rows, row, error);
    bool fits = rows->any_placed ? sg_row_spacing_fits(distance_of(row, &rows->placed), rows->step_us) : !rows->has_odd && is_anchor(rows, row);
    if (!rows->has_odd && !fits) {
        rows->odd = *row;
        rows->has_odd = true;
        return SG_OK;
    }
    if (rows->has_odd) {
        rows->has_next = true;
        if (fits || !sg_row_spacing_fits(distance_of(row, &rows->odd), rows->step_us))
            return odd_row(rows, error);
        struct series_row moved = rows->odd;
        rows->has_odd = false;
        return place(rows, &moved, error);
    }
    return place(rows, row, error);
}

enum sg_status sg_row_bars_go_on(struct row_bars *rows, struct sg_error *error)
{
    enum sg_status status = SG_OK;
    rows->bad_number = 0;
    while (status == SG_OK) {
        if (!rows->has_next) {
            if (rows->head_taken == rows->head_length)
                return SG_OK;
            rows->next = rows->head[rows->head_taken++];
            rows->has_next = true;
        }
        status = place_next(rows, error);
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
        sg_trade_bars_init(&rows->trades, rows->config, rows->series, rows->list);
    } else {
        status = choose_target(rows, error);
    }
    return status == SG_OK ? sg_row_bars_go_on(rows, error) : status;
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
    bool aggregates = rows->decided && !rows->as_ticks && !rows->regular && rows->step_us > 0 && rows->target_us != rows->step_us;
    if (aggregates && distance * direction < rows->step_us)
        return sg_fail(error, SG_ERR_PARSE, "its time %s is less than %s from that of the row before it", now, sg_interval_text(rows->step_us, step));
    return SG_OK;
}

enum sg_status sg_row_bars_add(struct row_bars *rows, const struct series_row *row, struct sg_error *error)
{
    rows->bad_number = 0;
    enum sg_status status = check_order(rows, row, error);
    if (status == SG_ERR_EXISTS) {
        rows->series->duplicates++;
        return SG_OK;
    }
    if (status != SG_OK)
        return status;
    sg_row_bars_note_time(rows, row->time_us);
    rows->previous = *row;
    rows->any = true;
    if (rows->decided) {
        rows->next = *row;
        rows->has_next = true;
        return sg_row_bars_go_on(rows, error);
    }
    rows->head[rows->head_length++] = *row;
    return rows->head_length == HEAD_ROWS ? decide(rows, error) : SG_OK;
}

/* A file of a single row. */
static enum sg_status accept_last(struct row_bars *rows, struct sg_error *error)
{
    struct series_row row = rows->odd;
    rows->has_odd = false;
    return place(rows, &row, error);
}

enum sg_status sg_row_bars_finish(struct row_bars *rows, struct sg_error *error)
{
    enum sg_status status = rows->decided ? sg_row_bars_go_on(rows, error) : decide(rows, error);
    if (status == SG_OK && rows->has_odd)
        status = rows->any_placed ? odd_row(rows, error) : accept_last(rows, error);
    if (status != SG_OK)
        return status;
    if (rows->as_ticks)
        return sg_trade_bars_finish(&rows->trades, error);
    for (size_t i = rows->reversed.length; i-- > 0 && status == SG_OK;)
        status = take(rows, &rows->reversed.bars[i], error);
    if (status == SG_OK)
        status = flush_aggregated(rows, error);
    /* Prices that move without any volume: nobody wrote the volumes down. */
    for (size_t i = 0; i < rows->list->length && !rows->any_volume && !rows->any_counted && rows->moves; i++)
        rows->list->bars[i].flags = (rows->list->bars[i].flags & ~(uint32_t)SG_BAR_FILLED) | SG_BAR_NO_VOLUME;
    return status;
}
