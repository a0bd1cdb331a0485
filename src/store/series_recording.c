/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings to bars: the ticks go through market's resampler as they do live, so the bars are the same ones. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "series_private.h"
#include "spreadglass/market/resampler.h"

#define PROGRESS_BYTES ((uint64_t)1 << 20)

struct playing {
    const struct sg_series_config *config;
    enum sg_interval interval;
    struct bar_list lists[SG_LEG_COUNT];
    struct sg_series *series;
    enum sg_status status; /* the first failure of a callback */
    struct sg_error error;
};

static void take_bar(void *context, enum sg_interval interval, enum sg_leg leg, const struct sg_bar *bar)
{
    struct playing *playing = context;
    if (interval != playing->interval || playing->status != SG_OK)
        return;
    struct sg_series *series = &playing->series[leg];
    series->first_us = series->first_us == 0 ? bar->time_us : series->first_us;
    series->last_us = bar->time_us;
    if (bar->time_us < playing->config->start_us || bar->time_us >= playing->config->end_us)
        return;
    if (bar->flags & SG_BAR_FILLED)
        playing->series[leg].filled++;
    playing->status = sg_bar_list_add(&playing->lists[leg], bar, &playing->error);
}

static enum sg_status find_interval(int64_t interval_us, enum sg_interval *ret_interval, struct sg_error *error)
{
    for (int i = 0; i < SG_INTERVAL_COUNT; i++)
        if (sg_interval_us((enum sg_interval)i) == interval_us) {
            *ret_interval = (enum sg_interval)i;
            return SG_OK;
        }
    char text[INTERVAL_TEXT_BUF];
    return sg_fail(error, SG_ERR_INVALID, "a recording gives bars of " SG_INTERVALS_SPOKEN " or 1d, not of %s", sg_interval_text(interval_us, text));
}

static enum sg_status tell_progress(const struct sg_series_config *config, struct sg_tick_stream *stream, uint64_t *reported, struct sg_error *error)
{
    struct sg_tick_stream_info info;
    stream->info(stream, &info);
    if (info.bytes_read - *reported < PROGRESS_BYTES)
        return SG_OK;
    *reported = info.bytes_read;
    if (config->progress(config->progress_context, info.bytes_read, info.bytes_total))
        return SG_OK;
    return sg_fail(error, SG_ERR_CANCELLED, "reading was cancelled");
}

/* Plays the whole stream into the resampler. */
static enum sg_status play(struct playing *playing, struct sg_tick_stream *stream, struct sg_resampler *resampler, struct sg_error *error)
{
    uint64_t reported = 0, items = 0;
    for (;;) {
        enum sg_tick_stream_item item;
        struct sg_tick tick;
        struct sg_feed_event event;
        enum sg_status status = stream->next(stream, &item, &tick, &event, error);
        if (status == SG_ERR_END)
            break;
        if (status != SG_OK)
            return status;
        if (item == SG_ITEM_TICK) {
            playing->series[tick.leg].rows++;
            sg_resampler_tick(resampler, &tick);
        } else if (item == SG_ITEM_EVENT) {
            sg_resampler_event(resampler, &event);
        } else {
            sg_resampler_advance(resampler, tick.recv_us);
        }
        if (playing->status != SG_OK)
            return sg_fail(error, playing->status, "%s", playing->error.text);
        if (playing->config->progress && (++items & 1023) == 0) {
            status = tell_progress(playing->config, stream, &reported, error);
            if (status != SG_OK)
                return status;
        }
    }
    sg_resampler_finish(resampler);
    return playing->status == SG_OK ? SG_OK : sg_fail(error, playing->status, "%s", playing->error.text);
}

/* What the decoder refused, and what the reader survived. */
static enum sg_status judge(struct playing *playing, struct sg_tick_stream *stream, const char *file, struct sg_error *error)
{
    struct sg_tick_stream_info info;
    stream->info(stream, &info);
    if (info.rejected > 0 && !playing->config->skip_bad)
        return sg_fail(error, SG_ERR_PARSE, "%s: %llu messages or values make no sense, the first: %s", file, (unsigned long long)info.rejected,
                       info.first_rejected);
    const char *warning = stream->warning(stream);
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        struct sg_series *series = &playing->series[leg];
        series->form = SG_SERIES_RECORDING;
        series->interval_us = sg_interval_us(playing->interval);
        series->bad = info.rejected;
        if (info.rejected > 0)
            snprintf(series->first_bad, sizeof series->first_bad, "%.60s: %.190s", file, info.first_rejected);
        if (warning)
            snprintf(series->warning, sizeof series->warning, "%.380s", warning);
        if (info.legs[leg].symbol[0] && series->rows == 0)
            return sg_fail(error, SG_ERR_NOT_FOUND, "%s: the recording holds no %s of %s", file,
                           info.stream == SG_STREAM_TRADE    ? "trades"
                           : info.stream == SG_STREAM_TICKER ? "tickers"
                                                             : "book tickers",
                           info.legs[leg].symbol);
        sg_series_finish(series, &playing->lists[leg], false);
    }
    return SG_OK;
}

enum sg_status sg_series_from_recording(const char *const *files, size_t count, const struct sg_instrument legs[static SG_LEG_COUNT],
                                        const struct sg_series_config *config, struct sg_series ret_series[static SG_LEG_COUNT], struct sg_error *error)
{
    struct playing playing = {.config = config};
    struct sg_series series[SG_LEG_COUNT] = {0};
    struct sg_resampler_config resampling = {.callbacks = {.on_bar = take_bar, .context = &playing}};
    if (!config->open_ticks)
        return sg_fail(error, SG_ERR_UNSUPPORTED, "%s: it is a recording of messages, which is not read here", files[0]);
    enum sg_status status = find_interval(config->interval_us, &playing.interval, error);
    if (status != SG_OK)
        return status;
    struct sg_tick_stream_request request = {.files = files, .file_count = count, .stream = config->stream};
    memcpy(request.legs, legs, sizeof request.legs);
    struct sg_tick_stream *stream = config->open_ticks(&request, error);
    if (!stream)
        return error ? error->status : SG_ERR_PARSE;
    struct sg_resampler *resampler = sg_resampler_new(&resampling);
    playing.series = series;
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        playing.lists[leg].maximum = sg_series_ceiling(config);
    status = resampler ? play(&playing, stream, resampler, error) : sg_fail(error, SG_ERR_NOMEM, "no memory for bars");
    sg_resampler_free(resampler);
    if (status == SG_OK)
        status = judge(&playing, stream, files[0], error);
    stream->free(stream);
    if (status == SG_OK) {
        memcpy(ret_series, series, sizeof series);
        return SG_OK;
    }
    for (int leg = 0; leg < SG_LEG_COUNT; leg++)
        free(playing.lists[leg].bars);
    return status;
}
