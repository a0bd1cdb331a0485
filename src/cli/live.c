/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/cli/live.h"

#include <stdio.h>
#include <string.h>

#include "spreadglass/base/clock.h"
#include "spreadglass/feed/recording_reader.h"
#include "store_place_private.h"

static struct sg_exchange *demo_exchange; /* main thread only */
static struct sg_exchange_info demo_info; /* its strings live as long as the demo does */

enum sg_status sg_demo_start(uint64_t seed, struct sg_exchange_info *ret_info, struct sg_error *error)
{
    if (demo_exchange == NULL) {
        demo_exchange = sg_exchange_start(&(struct sg_exchange_config){.seed = seed, .rate = 1.0}, error);
        if (demo_exchange == NULL)
            return error != NULL ? error->status : SG_ERR_IO;
        sg_exchange_info(demo_exchange, &demo_info);
    }
    *ret_info = demo_info;
    return SG_OK;
}

void sg_demo_stop(void)
{
    sg_exchange_stop(demo_exchange);
    demo_exchange = NULL;
}

enum sg_status sg_live_config(const struct sg_options *options, struct sg_session_config *ret_config, struct sg_error *error)
{
    struct sg_session_config config = {
        .source = options->replay != NULL ? SG_SOURCE_REPLAY : SG_SOURCE_BINANCE,
        .legs = {options->legs[0], options->legs[1]},
        .stream = options->stream,
        .interval = options->interval,
        .params = options->params,
        .stale_after_us = (gint64)(options->stale_after_s * 1e6),
        .ws_url = options->endpoint,
        .rest_url = options->rest,
        .ca_file = options->ca_file,
        .replay_file = options->replay,
        .replay_speed = options->speed,
        .replay_paused = options->paused,
        .demo = options->demo,
        .connection_life_us = (int64_t)(options->renew_after_s * (double)SG_US_PER_S),
        /* An endpoint without its REST twin has no history to give; asking Binance's for it would mix two markets. */
        .backfill = options->replay == NULL && (options->endpoint == NULL || options->rest != NULL),
    };
    if (options->replay != NULL) {
        /* A recording knows what is in it; what the person says goes before that. */
        struct sg_recording_info described;
        enum sg_status status = sg_recording_describe(&options->replay, 1, &described, error);
        if (status != SG_OK)
            return status;
        if (!options->pair_given && described.has_legs)
            memcpy(config.legs, described.legs, sizeof config.legs);
        if (!options->stream_given && described.has_stream)
            config.stream = described.stream;
    }
    if (options->demo) {
        struct sg_exchange_info info;
        enum sg_status status = sg_demo_start(options->seed, &info, error);
        if (status != SG_OK)
            return status;
        config.ws_url = demo_info.ws_url;
        config.rest_url = demo_info.rest_url;
        config.ca_file = demo_info.ca_file;
    }
    *ret_config = config;
    return SG_OK;
}

struct sg_database *sg_live_store(const struct sg_options *options, struct sg_session_config *config, struct sg_error *reason)
{
    if (options->no_store || options->record != NULL || options->demo || options->replay != NULL || (options->endpoint != NULL && options->data_dir == NULL))
        return NULL;
    /* One that cannot be opened now is tried again while the session runs, and what it keeps waits. */
    char *path = sg_store_path(options);
    config->database = sg_database_open(&(struct sg_database_config){.file = path, .patient = true}, reason);
    g_free(path);
    return config->database;
}

char *sg_live_store_file(const struct sg_options *options)
{
    return sg_store_path(options);
}

int sg_verb_failed(const char *verb, const char *text)
{
    fprintf(stderr, "spreadglass %s: %s\n", verb, text);
    return SG_EXIT_WORLD;
}
