/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a data file: either bars that make sense, in order, or a reason. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "spreadglass/feed/recording_reader.h"
#include "spreadglass/store/series_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct sg_series *series)
{
    for (size_t i = 0; i < series->length; i++) {
        const struct sg_bar *bar = &series->bars[i];
        if (!(bar->low > 0 && bar->low <= bar->open && bar->low <= bar->close && bar->high >= bar->open && bar->high >= bar->close) || bar->volume < 0)
            abort();
        if (i > 0 && bar->time_us <= series->bars[i - 1].time_us)
            abort();
        if (series->file_interval_us > 0 && series->interval_us > series->file_interval_us && bar->time_us % series->interval_us != 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t intervals[] = {1000000, 60000000, 300000000, 3600000000};
    int descriptor = memfd_create("series", MFD_CLOEXEC);
    if (size == 0)
        return 0;
    if (descriptor < 0 || write(descriptor, data + 1, size - 1) != (ssize_t)(size - 1))
        abort();
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    struct sg_series_config config = {.instrument = {.symbol = "BTCUSDT"},
                                      .interval_us = intervals[data[0] & 3],
                                      .interval_given = data[0] & 4,
                                      .skip_bad = data[0] & 8,
                                      .start_us = INT64_MIN,
                                      .end_us = INT64_MAX,
                                      .maximum_bars = 20000,
                                      .stream = -1,
                                      .open_ticks = data[0] & 16 ? sg_tick_stream_open_recording : NULL};
    if (data[0] & 32) {
        config.start_us = INT64_C(1700006460000000);
        config.end_us = INT64_C(1700010000000000);
    }
    struct sg_series series = {0};
    struct sg_error error = {0};
    if (sg_series_read(path, &config, &series, &error) == SG_OK) {
        check(&series);
        sg_series_free(&series);
    } else if (error.text[0] == '\0') {
        abort();
    }
    close(descriptor);
    return 0;
}
