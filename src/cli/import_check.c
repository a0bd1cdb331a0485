/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "import_check_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"

#define LOOKED_AT_ONCE ((size_t)50000)

struct difference {
    size_t count;
    int64_t time_us; /* of the first */
    const char *name;
    char here[SG_DECIMAL_BUF], there[SG_DECIMAL_BUF];
};

static bool differ(const struct sg_bar *here, const struct sg_bar *there, struct difference *ret_first)
{
    const struct {
        const char *name;
        double here, there;
    } values[] = {{"close", here->close, there->close}, {"open", here->open, there->open}, {"high", here->high, there->high}, {"low", here->low, there->low}};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (values[i].here != values[i].there) {
            ret_first->name = values[i].name;
            sg_decimal_from_double(values[i].here, ret_first->here);
            sg_decimal_from_double(values[i].there, ret_first->there);
            return true;
        }
    if (((here->flags | there->flags) & (SG_BAR_NO_VOLUME | SG_BAR_VOLUME_ESTIMATED)) != 0 || here->volume == there->volume)
        return false;
    ret_first->name = "volume";
    sg_decimal_from_qty(here->volume, ret_first->here);
    sg_decimal_from_qty(there->volume, ret_first->there);
    return true;
}

static void compare(const struct sg_bar *bars, size_t count, const struct sg_bar *kept, size_t kept_count, struct difference *first)
{
    for (size_t i = 0, k = 0; i < count && k < kept_count; i++) {
        while (k < kept_count && kept[k].time_us < bars[i].time_us)
            k++;
        struct difference found = {0};
        if (k == kept_count || kept[k].time_us != bars[i].time_us || !sg_bar_is_final(&kept[k]) || !sg_bar_is_final(&bars[i]) ||
            !differ(&bars[i], &kept[k], &found))
            continue;
        if (first->count++ > 0)
            continue;
        found.count = 1;
        found.time_us = bars[i].time_us;
        *first = found;
    }
}

enum sg_status sg_import_check(struct sg_database *database, bool replace, const char *file, const struct sg_instrument *instrument,
                               const struct sg_series *series, struct sg_error *error)
{
    struct difference first = {0};
    for (size_t done = 0; done < series->length;) {
        const struct sg_bar *bars = series->bars + done;
        size_t count = series->length - done < LOOKED_AT_ONCE ? series->length - done : LOOKED_AT_ONCE, kept_count = 0;
        struct sg_bar *kept = NULL;
        /* No more of them can be on the grid between the two. */
        size_t most = (size_t)((bars[count - 1].time_us - bars[0].time_us) / series->interval_us) + 1;
        enum sg_status status =
            sg_database_bars(database, instrument, series->interval_us, bars[0].time_us, bars[count - 1].time_us + 1, most, &kept, &kept_count, error);
        if (status != SG_OK)
            return status;
        compare(bars, count, kept, kept_count, &first);
        free(kept);
        done += count;
    }
    if (first.count == 0)
        return SG_OK;
    char time[SG_TIME_BUF], more[48] = "";
    sg_time_format_iso(first.time_us, time);
    if (first.count > 1)
        snprintf(more, sizeof more, ", and %zu bars more", first.count - 1);
    if (replace)
        fprintf(stderr, "spreadglass import: %s: %zu bars of %s (%s) are replaced, the first at %s, whose %s was %s and is %s\n", file, first.count,
                instrument->symbol, sg_market_name(instrument->market), time, first.name, first.there, first.here);
    else
        sg_fail(error, SG_ERR_EXISTS,
                "%s: other bars of %s (%s) are kept: at %s its %s is %s here and %s there%s: --replace takes the file's, --symbol gives it another name", file,
                instrument->symbol, sg_market_name(instrument->market), time, first.name, first.here, first.there, more);
    return replace ? SG_OK : SG_ERR_EXISTS;
}
