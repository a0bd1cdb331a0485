/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/store/csv_export.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "spreadglass/base/buffer.h"
#include "spreadglass/base/clock.h"

#define CHUNK ((size_t)1 << 20)

static bool write_all(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t count = write(descriptor, bytes, length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes += count;
        length -= (size_t)count;
    }
    return true;
}

static void append_bar(struct sg_buffer *text, const struct sg_bar *bar)
{
    const double prices[] = {bar->open, bar->high, bar->low, bar->close};
    char volume[SG_DECIMAL_BUF];
    sg_buffer_append_int64(text, bar->time_us / SG_US_PER_MS);
    for (size_t i = 0; i < 4; i++) {
        sg_buffer_append_text(text, ",");
        sg_buffer_append_double(text, prices[i]);
    }
    sg_decimal_from_qty(bar->volume, volume);
    sg_buffer_append_format(text, ",%s,%u,%d\n", bar->flags & SG_BAR_NO_VOLUME ? "" : volume, bar->trades, (bar->flags & SG_BAR_FILLED) != 0);
}

enum sg_status sg_csv_export_bars(const char *file, const struct sg_bar *bars, size_t count, struct sg_error *error)
{
    char beside[4096];
    int length = snprintf(beside, sizeof beside, "%s.XXXXXX", file);
    if (length < 0 || (size_t)length >= sizeof beside)
        return sg_fail(error, SG_ERR_INVALID, "%.100s…: the name is too long", file);
    int descriptor = mkostemp(beside, O_CLOEXEC);
    if (descriptor < 0)
        return sg_fail(error, SG_ERR_IO, "%s: %s", file, strerror(errno));
    struct sg_buffer text;
    sg_buffer_init(&text, 2 * CHUNK);
    sg_buffer_append_text(&text, "time,open,high,low,close,volume,trades,filled\n");
    bool good = fchmod(descriptor, 0644) == 0;
    for (size_t i = 0; i < count && good; i++) {
        append_bar(&text, &bars[i]);
        if (text.length >= CHUNK) {
            good = write_all(descriptor, text.data, text.length);
            sg_buffer_clear(&text);
        }
    }
    good = good && !text.overflowed && write_all(descriptor, text.data, text.length) && fsync(descriptor) == 0;
    int reason = errno;
    good = close(descriptor) == 0 && good;
    good = good && rename(beside, file) == 0;
    if (!good)
        reason = errno ? errno : reason;
    sg_buffer_free(&text);
    if (good)
        return SG_OK;
    unlink(beside);
    return sg_fail(error, SG_ERR_IO, "%s: cannot be written: %s", file, strerror(reason));
}
