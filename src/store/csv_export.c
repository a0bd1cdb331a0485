/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/store/csv_export.h"
#include "spreadglass/base/buffer.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/replacement.h"
#include "spreadglass/market/bar_quality.h"

#define CHUNK ((size_t)1 << 20)

static void append_bar(struct sg_buffer *text, const struct sg_bar *bar, bool with_quality)
{
    const double prices[] = {bar->open, bar->high, bar->low, bar->close};
    char volume[SG_DECIMAL_BUF];
    sg_buffer_append_int64(text, bar->time_us / SG_US_PER_MS);
    for (size_t i = 0; i < 4; i++) {
        sg_buffer_append_text(text, ",");
        sg_buffer_append_double(text, prices[i]);
    }
    sg_decimal_from_qty(bar->volume, volume);
    sg_buffer_append_format(text, ",%s,%u,%d", bar->flags & SG_BAR_NO_VOLUME ? "" : volume, bar->trades, (bar->flags & SG_BAR_FILLED) != 0);
    if (with_quality)
        sg_buffer_append_format(text, ",%s", sg_bar_quality_name(sg_bar_quality(bar->flags)));
    sg_buffer_append_text(text, "\n");
}

enum sg_status sg_csv_export_bars(const char *file, const struct sg_bar *bars, size_t count, bool with_quality, struct sg_error *error)
{
    struct sg_replacement replacement;
    enum sg_status status = sg_replacement_begin(&replacement, file, error);
    if (status != SG_OK)
        return status;
    struct sg_buffer text;
    sg_buffer_init(&text, 2 * CHUNK);
    sg_buffer_append_format(&text, "time,open,high,low,close,volume,trades,filled%s\n", with_quality ? ",quality" : "");
    for (size_t i = 0; i <= count && status == SG_OK; i++) {
        if (i < count)
            append_bar(&text, &bars[i], with_quality);
        if (text.overflowed)
            status = sg_fail(error, SG_ERR_NOMEM, "%s cannot be written: no memory", file);
        else if (text.length >= CHUNK || i == count)
            status = sg_replacement_write(&replacement, text.data, text.length, error);
        if (text.length >= CHUNK)
            sg_buffer_clear(&text);
    }
    sg_buffer_free(&text);
    if (status == SG_OK)
        return sg_replacement_commit(&replacement, error);
    sg_replacement_abandon(&replacement);
    return status;
}
