/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The command line (src/cli/CLI.md): one table of options, shared by the window and the verbs. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/analytics/pair_model.h"
#include "spreadglass/base/status.h"
#include "spreadglass/market/instrument.h"

enum sg_format { SG_FORMAT_TEXT = 0, SG_FORMAT_JSON, SG_FORMAT_CSV };

/* Exit statuses of every verb. */
enum { SG_EXIT_DONE = 0, SG_EXIT_WORLD = 1, SG_EXIT_USAGE = 2 };

struct sg_options {
    struct sg_instrument legs[SG_LEG_COUNT];
    const char *pair;      /* as given; NULL: the default */
    enum sg_market market; /* of a leg that does not name its own */
    enum sg_stream stream;
    enum sg_interval interval;
    struct sg_pair_params params;
    bool hedge_given, lookback_given, ddof_given;
    bool pair_given, interval_given, window_given, entry_given, exit_given, hold_given, stream_given, speed_given, stale_given;
    bool demo;
    const char *endpoint, *rest, *ca_file, *data_dir, *replay, *record, *symbol, *column;
    bool no_store, paused;
    double renew_after_s; /* 0 = not given */
    double speed;         /* 0 = max */
    /* live verbs */
    enum sg_format format;
    double duration_s; /* 0 = none */
    uint64_t bars;     /* 0 = no limit */
    /* analyze, render */
    const char *output;
    const char *files[64];
    size_t file_count;
    bool from_store, skip_bad, hindsight, explain, replace, force;
    int64_t start_us, end_us; /* INT64_MIN, INT64_MAX when not given */
    int spread_mode;          /* of the picture's spread pane: residual, level, deviation, as plot/dashboard.h counts them */
    int width, height;
    bool light, theme_given;
    double after_s;
    double stale_after_s; /* age of a leg's last trade beyond which z is stale */
    int date_order;       /* as sg_series_config's */
    /* exchange */
    int port;
    const char *recordings[16];
    size_t recording_count;
    uint64_t seed;
    double rate;
    bool plain;
    const char *faults[32];
    size_t fault_count;
};

/* A verb of the table in main.c. */
struct sg_verb {
    const char *name;
    const char *summary;
    int (*run)(const struct sg_options *options);
    const char *usage; /* "analyze A-FILE B-FILE [OPTIONS]" */
    unsigned option_groups;
};

extern const struct sg_verb sg_verbs[]; /* ended by a NULL name */

void sg_options_default(struct sg_options *ret_options);
/* Parses argv[first..]. Returns -1 to go on, or the exit status (help and version printed, or usage error printed with what to do). */
int sg_options_parse(const struct sg_verb *verb, int argc, char **argv, int first, struct sg_options *ret_options);
