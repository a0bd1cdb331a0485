/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two legs: from one file or two, with one interval. */
#include <string.h>
#include "series_private.h"

static enum sg_status read_leg(const char *file, const struct sg_instrument *instrument, const struct sg_series_config *config, struct sg_series *ret_series,
                               struct sg_error *error)
{
    struct sg_series_config own = *config;
    own.instrument = *instrument;
    return sg_series_read(file, &own, ret_series, error);
}

static enum sg_status read_files(const char *file_a, const char *file_b, const struct sg_instrument legs[static SG_LEG_COUNT],
                                 const struct sg_series_config *config, struct sg_series ret_series[static SG_LEG_COUNT], struct sg_error *error)
{
    const char *files[SG_LEG_COUNT] = {file_a, file_b};
    struct sg_series series[SG_LEG_COUNT] = {0};
    enum sg_status status = SG_OK;
    for (int leg = 0; leg < SG_LEG_COUNT && status == SG_OK; leg++)
        status = read_leg(files[leg], &legs[leg], config, &series[leg], error);
    /* A file may have chosen a longer interval for itself: the other one follows. */
    if (status == SG_OK && series[SG_LEG_A].interval_us != series[SG_LEG_B].interval_us) {
        int shorter = series[SG_LEG_A].interval_us < series[SG_LEG_B].interval_us ? SG_LEG_A : SG_LEG_B;
        struct sg_series_config same = *config;
        same.interval_us = series[1 - shorter].interval_us;
        same.interval_given = true;
        sg_series_free(&series[shorter]);
        status = read_leg(files[shorter], &legs[shorter], &same, &series[shorter], error);
    }
    if (status == SG_OK && file_a == file_b && !(series[SG_LEG_A].by_symbol && series[SG_LEG_B].by_symbol))
        status =
            sg_fail(error, SG_ERR_INVALID,
                    "%s: it holds one series, and a pair needs two: the second file, B's, is missing (or give one CSV with a column for each leg)", file_a);
    if (status == SG_OK) {
        memcpy(ret_series, series, sizeof series);
        return SG_OK;
    }
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        sg_series_free(&series[leg]);
    return status;
}

enum sg_status sg_series_read_pair(const char *const *files, size_t count, const struct sg_instrument legs[static SG_LEG_COUNT],
                                   const struct sg_series_config *config, struct sg_series ret_series[static SG_LEG_COUNT], struct sg_error *error)
{
    if (count == 0)
        return sg_fail(error, SG_ERR_INVALID, "no file to read");
    if (config->interval_us <= 0 || config->start_us > config->end_us)
        return sg_fail(error, SG_ERR_INVALID, config->interval_us <= 0 ? "the interval must be above zero" : "start is after end");
    size_t recordings = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_recording = false;
        enum sg_status status = sg_series_is_recording(files[i], &is_recording, error);
        if (status != SG_OK)
            return status;
        recordings += is_recording;
    }
    if (recordings == count)
        return sg_series_from_recording(files, count, legs, config, ret_series, error);
    if (count > 2)
        return sg_fail(error, SG_ERR_INVALID, "%zu files: only recordings can be more than two; give A's file and B's", count);
    return read_files(files[0], files[count - 1], legs, config, ret_series, error);
}
