/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The option table and its parser. getopt_long is not used because its messages name neither the allowed values nor the
 * nearest option, and because one table also writes the help. */
#include "spreadglass/cli/options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "options_private.h"
#include "spreadglass/base/decimal.h"
#include "spreadglass/cli/file_time.h"

#define DEFAULT_PAIR "BTCUSDT/ETHUSDT"

typedef enum sg_status (*parse_fn)(struct sg_options *options, const char *value, struct sg_error *error);

struct option_entry {
    const char *name;       /* without the dashes */
    const char *value_name; /* NULL: a switch */
    parse_fn parse;
    unsigned groups;
    const char *help;
};

static enum sg_status bad_value(struct sg_error *error, const char *what, const char *allowed)
{
    return sg_fail(error, SG_ERR_INVALID, "'%s' is not a valid value: it takes %s", what, allowed);
}

static enum sg_status parse_size(const char *value, int64_t min, int64_t max, const char *allowed, int64_t *ret, struct sg_error *error)
{
    if (sg_decimal_to_int64(value, strlen(value), min, max, ret) != SG_OK)
        return bad_value(error, value, allowed);
    return SG_OK;
}

static enum sg_status parse_real(const char *value, double min, double max, const char *allowed, double *ret, struct sg_error *error)
{
    double number = 0.0;
    if (sg_decimal_to_double(value, strlen(value), &number) != SG_OK || !(number >= min) || !(number <= max))
        return bad_value(error, value, allowed);
    *ret = number;
    return SG_OK;
}

static enum sg_status opt_pair(struct sg_options *o, const char *value, struct sg_error *error)
{
    o->pair_given = true;
    o->pair = value;
    /* Whether the legs differ is only known with the market, which may come later: check_together settles it. */
    enum sg_status status = sg_pair_parse(value, o->market, o->legs, error);
    return status == SG_ERR_INVALID ? SG_OK : status;
}

static enum sg_status opt_market(struct sg_options *o, const char *value, struct sg_error *error)
{
    if (sg_market_parse(value, &o->market) != SG_OK)
        return bad_value(error, value, "spot or usdm");
    return SG_OK;
}

static enum sg_status opt_stream(struct sg_options *o, const char *value, struct sg_error *error)
{
    o->stream_given = true;
    return sg_stream_parse(value, &o->stream) == SG_OK ? SG_OK : bad_value(error, value, "ticker, trade or book");
}

static enum sg_status opt_interval(struct sg_options *o, const char *value, struct sg_error *error)
{
    o->interval_given = true;
    return sg_interval_parse(value, &o->interval) == SG_OK ? SG_OK : bad_value(error, value, SG_INTERVALS_SPOKEN " or 1d");
}

static enum sg_status opt_window(struct sg_options *o, const char *value, struct sg_error *error)
{
    int64_t bars = 0;
    enum sg_status status = parse_size(value, SG_WINDOW_MIN, SG_WINDOW_MAX, "a number of bars from 5 to 100000", &bars, error);
    if (status == SG_OK) {
        o->params.window = (size_t)bars;
        o->window_given = true;
    }
    return status;
}

static enum sg_status opt_lookback(struct sg_options *o, const char *value, struct sg_error *error)
{
    int64_t bars = 0;
    o->lookback_given = true;
    if (strcmp(value, "all") == 0) {
        o->params.lookback = SG_LOOKBACK_ALL;
        return SG_OK;
    }
    enum sg_status status = parse_size(value, 10, 1000000, "all, or a number of bars from 10 to 1000000", &bars, error);
    if (status == SG_OK)
        o->params.lookback = (size_t)bars;
    return status;
}

static enum sg_status opt_hedge(struct sg_options *o, const char *value, struct sg_error *error)
{
    static const enum sg_hedge methods[] = {SG_HEDGE_OLS, SG_HEDGE_ROLLING, SG_HEDGE_TLS, SG_HEDGE_KALMAN};
    o->hedge_given = true;
    if (strncmp(value, "fixed:", 6) == 0) {
        o->params.hedge = SG_HEDGE_FIXED;
        return parse_real(value + 6, -1e12, 1e12, "fixed:B with B a number, for example fixed:20.5", &o->params.fixed_beta, error);
    }
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(value, sg_hedge_name(methods[i])) == 0) {
            o->params.hedge = methods[i];
            return SG_OK;
        }
    }
    return bad_value(error, value, "ols, rolling, tls, kalman or fixed:B");
}

static enum sg_status opt_entry(struct sg_options *o, const char *value, struct sg_error *error)
{
    enum sg_status status = parse_real(value, 0.1, 20.0, "a z-score from 0.1 to 20", &o->params.entry, error);
    if (status == SG_OK)
        o->entry_given = true;
    return status;
}

static enum sg_status opt_exit(struct sg_options *o, const char *value, struct sg_error *error)
{
    enum sg_status status = parse_real(value, 0.01, 20.0, "a z-score above 0 and at most --entry", &o->params.exit, error);
    if (status == SG_OK)
        o->exit_given = true;
    return status;
}

static enum sg_status opt_hold(struct sg_options *o, const char *value, struct sg_error *error)
{
    int64_t closes = 0;
    enum sg_status status = parse_size(value, 1, SG_HOLD_MAX, "a number of closes from 1 to 1000", &closes, error);
    if (status == SG_OK) {
        o->params.hold = (size_t)closes;
        o->hold_given = true;
    }
    return status;
}

static enum sg_status opt_ddof(struct sg_options *o, const char *value, struct sg_error *error)
{
    int64_t ddof = 0;
    o->ddof_given = true;
    enum sg_status status = parse_size(value, 0, 1, "0 or 1", &ddof, error);
    if (status == SG_OK)
        o->params.ddof = (int)ddof;
    return status;
}

static enum sg_status opt_stale_after(struct sg_options *o, const char *value, struct sg_error *error)
{
    o->stale_given = true;
    return parse_real(value, 0.001, 31536000.0, "a number of seconds from 0.001 to 31536000 (a year)", &o->stale_after_s, error);
}

static enum sg_status opt_demo(struct sg_options *o, const char *value, struct sg_error *error)
{
    (void)value;
    (void)error;
    o->demo = true;
    return SG_OK;
}

#define TEXT_OPTION(function, field)                                                                \
    static enum sg_status function(struct sg_options *o, const char *value, struct sg_error *error) \
    {                                                                                               \
        if (value[0] == '\0')                                                                       \
            return sg_fail(error, SG_ERR_INVALID, "the value is empty");                            \
        o->field = value;                                                                           \
        return SG_OK;                                                                               \
    }
TEXT_OPTION(opt_endpoint, endpoint)
TEXT_OPTION(opt_rest, rest)
TEXT_OPTION(opt_ca_file, ca_file)
TEXT_OPTION(opt_replay, replay)
TEXT_OPTION(opt_record, record)
TEXT_OPTION(opt_output, output)
TEXT_OPTION(opt_data_dir, data_dir)
TEXT_OPTION(opt_symbol, symbol)
TEXT_OPTION(opt_column, column)

static enum sg_status opt_speed(struct sg_options *o, const char *value, struct sg_error *error)
{
    o->speed_given = true;
    if (strcmp(value, "max") == 0) {
        o->speed = 0.0;
        return SG_OK;
    }
    return parse_real(value, 0.001, 1e6, "max, or a factor from 0.001 to 1000000", &o->speed, error);
}

#define SWITCH_OPTION(function, field)                                                              \
    static enum sg_status function(struct sg_options *o, const char *value, struct sg_error *error) \
    {                                                                                               \
        (void)value;                                                                                \
        (void)error;                                                                                \
        o->field = true;                                                                            \
        return SG_OK;                                                                               \
    }
SWITCH_OPTION(opt_paused, paused)
SWITCH_OPTION(opt_no_store, no_store)
SWITCH_OPTION(opt_plain, plain)
SWITCH_OPTION(opt_skip_bad, skip_bad)
SWITCH_OPTION(opt_from_store, from_store)
SWITCH_OPTION(opt_explain, explain)
SWITCH_OPTION(opt_replace, replace)
SWITCH_OPTION(opt_force, force)

static enum sg_status opt_format(struct sg_options *o, const char *value, struct sg_error *error)
{
    static const char *const names[] = {"text", "json", "csv"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(value, names[i]) == 0) {
            o->format = (enum sg_format)i;
            return SG_OK;
        }
    }
    return bad_value(error, value, "text, json or csv");
}

static enum sg_status opt_duration(struct sg_options *o, const char *value, struct sg_error *error)
{
    return parse_real(value, 0.1, 1e9, "a number of seconds of at least 0.1", &o->duration_s, error);
}

static enum sg_status opt_renew_after(struct sg_options *o, const char *value, struct sg_error *error)
{
    return parse_real(value, 1.0, 86400.0, "a number of seconds from 1 to 86400", &o->renew_after_s, error);
}

static enum sg_status opt_bars(struct sg_options *o, const char *value, struct sg_error *error)
{
    int64_t bars = 0;
    enum sg_status status = parse_size(value, 1, INT64_MAX, "a number of bars of at least 1", &bars, error);
    if (status == SG_OK)
        o->bars = (uint64_t)bars;
    return status;
}

static enum sg_status opt_basis(struct sg_options *o, const char *value, struct sg_error *error)
{
    if (strcmp(value, "live") == 0)
        o->hindsight = false;
    else if (strcmp(value, "hindsight") == 0)
        o->hindsight = true;
    else
        return bad_value(error, value, "live or hindsight");
    return SG_OK;
}

static enum sg_status opt_spread(struct sg_options *o, const char *value, struct sg_error *error)
{
    static const char *const names[] = {"residual", "level", "deviation"};
    for (int i = 0; i < 3; i++) {
        if (strcmp(value, names[i]) == 0) {
            o->spread_mode = i;
            return SG_OK;
        }
    }
    return bad_value(error, value, "residual, level or deviation");
}

static enum sg_status opt_start(struct sg_options *o, const char *value, struct sg_error *error)
{
    return sg_file_time_parse(value, &o->start_us) == SG_OK ? SG_OK
                                                            : bad_value(error, value, "a time: milliseconds since 1970, 2024-08-08 or 2024-08-08T23:54:00Z");
}

static enum sg_status opt_end(struct sg_options *o, const char *value, struct sg_error *error)
{
    return sg_file_time_parse(value, &o->end_us) == SG_OK ? SG_OK
                                                          : bad_value(error, value, "a time: milliseconds since 1970, 2024-08-08 or 2024-08-08T23:54:00Z");
}

static enum sg_status opt_date_order(struct sg_options *o, const char *value, struct sg_error *error)
{
    if (strcmp(value, "dmy") != 0 && strcmp(value, "mdy") != 0)
        return bad_value(error, value, "dmy or mdy");
    o->date_order = value[0] == 'd' ? 1 : 2;
    return SG_OK;
}

static enum sg_status opt_size(struct sg_options *o, const char *value, struct sg_error *error)
{
    const char *cross = strchr(value, 'x');
    int64_t width = 0, height = 0;
    if (cross == NULL || sg_decimal_to_int64(value, (size_t)(cross - value), 400, 16384, &width) != SG_OK ||
        sg_decimal_to_int64(cross + 1, strlen(cross + 1), 300, 16384, &height) != SG_OK)
        return bad_value(error, value, "WIDTHxHEIGHT from 400x300 to 16384x16384, for example 1280x800");
    o->width = (int)width;
    o->height = (int)height;
    return SG_OK;
}

static enum sg_status opt_theme(struct sg_options *o, const char *value, struct sg_error *error)
{
    o->theme_given = true;
    if (strcmp(value, "light") == 0)
        o->light = true;
    else if (strcmp(value, "dark") == 0)
        o->light = false;
    else
        return bad_value(error, value, "light or dark");
    return SG_OK;
}

static enum sg_status opt_after(struct sg_options *o, const char *value, struct sg_error *error)
{
    return parse_real(value, 0.5, 86400.0, "a number of seconds from 0.5 to 86400", &o->after_s, error);
}

static enum sg_status opt_port(struct sg_options *o, const char *value, struct sg_error *error)
{
    int64_t port = 0;
    enum sg_status status = parse_size(value, 0, 65535, "a port from 1 to 65535, or 0 for any free one", &port, error);
    if (status == SG_OK)
        o->port = (int)port;
    return status;
}

static enum sg_status opt_recording(struct sg_options *o, const char *value, struct sg_error *error)
{
    if (o->recording_count == sizeof o->recordings / sizeof o->recordings[0])
        return sg_fail(error, SG_ERR_INVALID, "at most 16 recordings are merged");
    o->recordings[o->recording_count++] = value;
    return SG_OK;
}

static enum sg_status opt_seed(struct sg_options *o, const char *value, struct sg_error *error)
{
    int64_t seed = 0;
    enum sg_status status = parse_size(value, 0, INT64_MAX, "a whole number from 0 on", &seed, error);
    if (status == SG_OK)
        o->seed = (uint64_t)seed;
    return status;
}

static enum sg_status opt_rate(struct sg_options *o, const char *value, struct sg_error *error)
{
    if (strcmp(value, "max") == 0 || strcmp(value, "0") == 0) {
        o->rate = 0.0;
        return SG_OK;
    }
    return parse_real(value, 0.01, 1e6, "max, or a factor from 0.01 to 1000000", &o->rate, error);
}

static enum sg_status opt_fault(struct sg_options *o, const char *value, struct sg_error *error)
{
    if (o->fault_count == sizeof o->faults / sizeof o->faults[0])
        return sg_fail(error, SG_ERR_INVALID, "at most 32 faults");
    o->faults[o->fault_count++] = value;
    return SG_OK;
}

static const struct option_entry option_table[] = {
    {"symbol", "SYMBOL", opt_symbol, SG_OPTIONS_SYMBOL, "whose bars (import: what a column of the file says, else its name, as in BTCUSDT-1m-2024-08.zip)"},
    {"pair", "A/B", opt_pair, SG_OPTIONS_PAIR, "the two symbols; A is regressed on B (BTCUSDT/ETHUSDT); a leg may name its market, as in BTCUSDT/usdm:BTCUSDT"},
    {"market", "spot|usdm", opt_market, SG_OPTIONS_PAIR | SG_OPTIONS_SYMBOL, "Binance spot or USD-M futures (spot)"},
    {"stream", "ticker|trade|book", opt_stream, SG_OPTIONS_PAIR, "miniTicker, every aggregate trade, or best bid/ask mid (ticker)"},
    {"interval", SG_INTERVALS_CHOICE, opt_interval, SG_OPTIONS_MODEL | SG_OPTIONS_SYMBOL, "bar length (1s live; 1m from files)"},
    {"window", "N", opt_window, SG_OPTIONS_MODEL, "bars in the rolling mean, deviation and correlation (60)"},
    {"lookback", "N|all", opt_lookback, SG_OPTIONS_MODEL, "bars in the hedge-ratio fit (all)"},
    {"hedge", "ols|rolling|tls|kalman|fixed:B", opt_hedge, SG_OPTIONS_MODEL, "hedge-ratio method (ols)"},
    {"entry", "Z", opt_entry, SG_OPTIONS_MODEL, "alert threshold on |z| (2)"},
    {"exit", "Z", opt_exit, SG_OPTIONS_MODEL, "where an alert ends and may come again (three quarters of --entry; equal to --entry: at every crossing)"},
    {"hold", "N", opt_hold, SG_OPTIONS_MODEL, "closes in a row beyond --entry before an alert is raised (1)"},
    {"ddof", "0|1", opt_ddof, SG_OPTIONS_MODEL, "of the deviation in z (1)"},
    {"stale-after", "SECONDS", opt_stale_after, SG_OPTIONS_MODEL, "age of a leg's last trade beyond which z is stale and raises no alert (60)"},
    {"demo", NULL, opt_demo, SG_OPTIONS_LIVE, "run on the built-in local exchange (loopback, TLS, seeded market)"},
    {"endpoint", "URL", opt_endpoint, SG_OPTIONS_LIVE, "WebSocket base URL, wss://host[:port]; plain ws:// for loopback only"},
    {"rest", "URL", opt_rest, SG_OPTIONS_LIVE, "REST base URL, https://host[:port]"},
    {"ca-file", "PEM", opt_ca_file, SG_OPTIONS_LIVE, "trust these roots instead of the system's"},
    {"renew-after", "SECONDS", opt_renew_after, SG_OPTIONS_LIVE, "replace a connection at this age, without a gap (82800: the exchange cuts it at 86400)"},
    {"data-dir", "DIR", opt_data_dir, SG_OPTIONS_STORE, "where the database is (the XDG data folder); needed to keep what comes from --endpoint"},
    {"no-store", NULL, opt_no_store, SG_OPTIONS_LIVE, "keep nothing on disk (--demo and --replay never do)"},
    {"replay", "FILE", opt_replay, SG_OPTIONS_REPLAY, "play a recording instead of connecting"},
    {"speed", "X|max", opt_speed, SG_OPTIONS_REPLAY, "pace of a replay (1 for --replay, max for `replay`)"},
    {"paused", NULL, opt_paused, SG_OPTIONS_REPLAY, "start --replay paused: Space plays it in the window, . and , go a bar on and back"},
    {"duration", "SECONDS", opt_duration, SG_OPTIONS_DURATION, "end after this long"},
    {"record", "FILE", opt_record, SG_OPTIONS_RECORD, "write all that is received to FILE[.gz] too; --replay of it prints the same (keeps nothing else)"},
    {"bars", "N", opt_bars, SG_OPTIONS_WATCH, "end after N closed bars"},
    {"format", "text|json|csv", opt_format, SG_OPTIONS_FORMAT, "form of the output (text)"},
    {"output", "FILE", opt_output, SG_OPTIONS_OUTPUT, "write here instead of standard output"},
    {"force", NULL, opt_force, SG_OPTIONS_OUTPUT | SG_OPTIONS_RECORD, "a file that is there may be replaced"},
    {"basis", "live|hindsight", opt_basis, SG_OPTIONS_ANALYZE, "csv rows as known at each bar, or one fit over all; in a picture also that spread (live)"},
    {"explain", NULL, opt_explain, SG_OPTIONS_EXPLAIN, "instead: every number's value, formula, parameters and bars (csv: the bars)"},
    {"from-store", NULL, opt_from_store, SG_OPTIONS_STORED, "bars of the pair from the store instead of files"},
    {"start", "TIME", opt_start, SG_OPTIONS_ANALYZE | SG_OPTIONS_SPAN, "first bar: milliseconds, date, or ISO 8601 UTC"},
    {"end", "TIME", opt_end, SG_OPTIONS_ANALYZE | SG_OPTIONS_SPAN, "bars before this time"},
    {"skip-bad", NULL, opt_skip_bad, SG_OPTIONS_ANALYZE | SG_OPTIONS_SKIP_BAD, "count and skip malformed lines instead of stopping"},
    {"column", "NAME", opt_column, SG_OPTIONS_ANALYZE | SG_OPTIONS_SKIP_BAD,
     "the column of the prices, as its header calls it (the adjusted close, else the close)"},
    {"date-order", "dmy|mdy", opt_date_order, SG_OPTIONS_ANALYZE | SG_OPTIONS_SKIP_BAD, "how to read dates as 3/4/2024 (what the whole column allows)"},
    {"replace", NULL, opt_replace, SG_OPTIONS_IMPORT, "bars of the files take the place of other ones that are kept (else that is an error)"},
    {"size", "WxH", opt_size, SG_OPTIONS_RENDER, "of the picture (1280x800)"},
    {"spread", "residual|level|deviation", opt_spread, SG_OPTIONS_RENDER,
     "spread pane: A - alpha - beta B, A - beta B, or that less its rolling mean (residual)"},
    {"theme", "light|dark", opt_theme, SG_OPTIONS_RENDER, "of the picture (dark)"},
    {"after", "SECONDS", opt_after, SG_OPTIONS_RENDER, "live: draw after this long (70)"},
    {"port", "P", opt_port, SG_OPTIONS_EXCHANGE, "to listen on (any free one)"},
    {"recording", "FILE", opt_recording, SG_OPTIONS_EXCHANGE, "serve a recording, shifted to now; repeat it to merge several"},
    {"seed", "N", opt_seed, SG_OPTIONS_EXCHANGE, "of the market (1)"},
    {"plain", NULL, opt_plain, SG_OPTIONS_EXCHANGE, "without TLS (ws:// and http://), for measurements"},
    {"rate", "X|max", opt_rate, SG_OPTIONS_EXCHANGE, "pace of the market or the recording (1)"},
    {"fault", "NAME", opt_fault, SG_OPTIONS_EXCHANGE,
     "misbehave: certificates, connection (cut, half-open, half-open-cut), messages (late, jitter, id-hole, twin-id, zero-quantity), REST (rest-lag, "
     "kline-lag, rest-holes, node-behind), by a seed (chaos, chaos-rest); may be repeated; `--fault list` explains them all"},
};

#define OPTION_COUNT (sizeof option_table / sizeof option_table[0])

void sg_options_default(struct sg_options *ret_options)
{
    *ret_options = (struct sg_options){.interval = SG_INTERVAL_1S,
                                       .speed = 1.0,
                                       .rate = 1.0,
                                       .seed = 1,
                                       .width = 1280,
                                       .height = 800,
                                       .after_s = 70.0,
                                       .stale_after_s = 60.0,
                                       .start_us = INT64_MIN,
                                       .end_us = INT64_MAX};
    sg_pair_params_default(&ret_options->params);
    if (sg_pair_parse(DEFAULT_PAIR, SG_MARKET_SPOT, ret_options->legs, NULL) != SG_OK)
        __builtin_unreachable();
}

static void print_help(const struct sg_verb *verb)
{
    if (verb == NULL) {
        printf("Spreadglass %s: the spread of two instruments, live, and whether it can be believed.\n\n"
               "usage: spreadglass [VERB] [OPTIONS]     no verb: the window\n\nverbs:\n",
               SG_VERSION);
        for (const struct sg_verb *v = sg_verbs; v->name != NULL; v++)
            printf("  %-10s %s\n", v->name, v->summary);
        printf("\n`spreadglass VERB --help` tells a verb's options. Options of the window:\n");
    } else {
        printf("usage: spreadglass %s\n%s.\n\noptions:\n", verb->usage, verb->summary);
    }
    unsigned groups = verb == NULL ? SG_OPTIONS_WINDOW_GROUPS : verb->option_groups;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_entry *entry = &option_table[i];
        if ((entry->groups & groups) == 0)
            continue;
        char left[80];
        snprintf(left, sizeof left, "--%s%s%s", entry->name, entry->value_name ? " " : "", entry->value_name ? entry->value_name : "");
        printf("  %-40s %s\n", left, entry->help);
    }
    printf("  %-40s %s\n  %-40s %s\n", "--help", "this text", "--version", "the version");
}

static const struct option_entry *find_option(const char *name, size_t length, unsigned groups, bool *ret_other_verb)
{
    *ret_other_verb = false;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strlen(option_table[i].name) == length && strncmp(option_table[i].name, name, length) == 0) {
            if (option_table[i].groups & groups)
                return &option_table[i];
            *ret_other_verb = true;
            return NULL;
        }
    }
    return NULL;
}

static int usage_error(const struct sg_verb *verb, const char *text)
{
    fprintf(stderr, "spreadglass%s%s: %s\ntry: spreadglass%s%s --help\n", verb ? " " : "", verb ? verb->name : "", text, verb ? " " : "",
            verb ? verb->name : "");
    return SG_EXIT_USAGE;
}

static int check_together(const struct sg_verb *verb, struct sg_options *o)
{
    struct sg_error error = {0};
    if (sg_pair_parse(o->pair != NULL ? o->pair : DEFAULT_PAIR, o->market, o->legs, &error) != SG_OK) {
        char text[sizeof error.text + 8];
        snprintf(text, sizeof text, "--pair: %s", error.text);
        return usage_error(verb, text);
    }
    if (!o->exit_given)
        o->params.exit = SG_EXIT_SHARE * o->params.entry;
    if (o->params.exit > o->params.entry)
        return usage_error(verb, "--exit is above --entry: an alert would clear before it is raised");
    if (sg_pair_params_check(&o->params, &error) != SG_OK)
        return usage_error(verb, error.text);
    /* In the window what was saved stands for what is not said here: it is looked at there. */
    if ((verb != NULL || (o->window_given && o->entry_given)) && sg_pair_params_check_reach(&o->params, &error) != SG_OK)
        return usage_error(verb, error.text);
    if (o->demo && (o->endpoint != NULL || o->rest != NULL || o->replay != NULL))
        return usage_error(verb, "--demo brings its own endpoint: leave out --endpoint, --rest and --replay");
    if (o->replay != NULL && o->endpoint != NULL)
        return usage_error(verb, "--replay and --endpoint exclude each other");
    if (o->record != NULL && (o->replay != NULL || o->data_dir != NULL))
        return usage_error(verb, o->replay != NULL ? "--record and --replay exclude each other"
                                                   : "--record and --data-dir exclude each other: a recording begins with nothing kept");
    if (o->from_store && o->file_count > 0)
        return usage_error(verb, "--from-store and files exclude each other");
    if (o->no_store && o->data_dir != NULL)
        return usage_error(verb, "--data-dir and --no-store exclude each other");
    if (o->start_us >= o->end_us)
        return usage_error(verb, "--start is not before --end");
    return -1;
}

int sg_options_parse(const struct sg_verb *verb, int argc, char **argv, int first, struct sg_options *ret_options)
{
    struct sg_options options;
    sg_options_default(&options);
    unsigned groups = verb == NULL ? SG_OPTIONS_WINDOW_GROUPS : verb->option_groups;
    bool only_files = false;
    for (int i = first; i < argc; i++) {
        const char *argument = argv[i];
        char text[512];
        if (only_files || argument[0] != '-' || argument[1] == '\0') {
            if (!(groups & SG_OPTIONS_FILES)) {
                snprintf(text, sizeof text, "'%.200s' is not understood here%s", argument,
                         verb == NULL ? ": it is not a verb (spreadglass --help lists them)" : "");
                return usage_error(verb, text);
            }
            if (options.file_count == sizeof options.files / sizeof options.files[0])
                return usage_error(verb, "too many files");
            options.files[options.file_count++] = argument;
            continue;
        }
        if (strcmp(argument, "--") == 0) {
            only_files = true;
            continue;
        }
        if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
            print_help(verb);
            return SG_EXIT_DONE;
        }
        if (strcmp(argument, "--version") == 0) {
            printf("spreadglass %s\n", SG_VERSION);
            return SG_EXIT_DONE;
        }
        const char *name = argument + (argument[1] == '-' ? 2 : 1);
        const char *equals = strchr(name, '=');
        size_t length = equals != NULL ? (size_t)(equals - name) : strlen(name);
        bool other_verb = false;
        const struct option_entry *entry = argument[1] == '-' ? find_option(name, length, groups, &other_verb) : NULL;
        if (entry == NULL) {
            snprintf(text, sizeof text, other_verb ? "the option '%.100s' does not belong here" : "unknown option '%.100s'", argument);
            return usage_error(verb, text);
        }
        const char *value = equals != NULL ? equals + 1 : NULL;
        if (entry->value_name == NULL && value != NULL) {
            snprintf(text, sizeof text, "--%s takes no value", entry->name);
            return usage_error(verb, text);
        }
        if (entry->value_name != NULL && value == NULL) {
            if (i + 1 >= argc) {
                snprintf(text, sizeof text, "--%s needs a value: %s", entry->name, entry->value_name);
                return usage_error(verb, text);
            }
            value = argv[++i];
        }
        struct sg_error error = {0};
        if (entry->parse(&options, value, &error) != SG_OK) {
            snprintf(text, sizeof text, "--%s: %.400s", entry->name, error.text);
            return usage_error(verb, text);
        }
    }
    int status = check_together(verb, &options);
    if (status < 0)
        *ret_options = options;
    return status;
}
