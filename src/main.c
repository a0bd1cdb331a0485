/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verb table's front door: `spreadglass VERB …` runs a verb, no verb opens the window. This is also the one place that
 * knows both the window and the built-in exchange: it lends the one to the other as a function. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "spreadglass/base/clock.h"
#include "spreadglass/cli/live.h"
#include "spreadglass/cli/options.h"
#include "spreadglass/store/database.h"
#ifdef SG_HAVE_GUI
#include "spreadglass/app/app.h"
#endif

static const struct sg_verb *find_verb(const char *name)
{
    for (const struct sg_verb *verb = sg_verbs; verb->name != NULL; verb++)
        if (strcmp(verb->name, name) == 0)
            return verb;
    return NULL;
}

#ifdef SG_HAVE_GUI
static gboolean start_demo(struct sg_demo_endpoint *ret_endpoint, GError **error)
{
    struct sg_exchange_info info;
    struct sg_error reason = {0};
    if (sg_demo_start(1, &info, &reason) != SG_OK) {
        g_set_error(error, SG_SESSION_ERROR, (gint)reason.status, "The built-in exchange did not start: %s", reason.text);
        return FALSE;
    }
    g_strlcpy(ret_endpoint->ws_url, info.ws_url, sizeof ret_endpoint->ws_url);
    g_strlcpy(ret_endpoint->rest_url, info.rest_url, sizeof ret_endpoint->rest_url);
    g_strlcpy(ret_endpoint->ca_file, info.ca_file, sizeof ret_endpoint->ca_file);
    return TRUE;
}

static void forget(struct sg_database *database, guint days)
{
    /* A full queue refuses it, and the next start asks again. */
    sg_database_put_forget(database, sg_clock_wall(sg_clock_system()) - (int64_t)days * 86400 * SG_US_PER_S);
}

static void begin_config(const struct sg_options *options, struct sg_app_config *ret_config)
{
    *ret_config = (struct sg_app_config){.hedge_given = options->hedge_given,
                                         .lookback_given = options->lookback_given,
                                         .ddof_given = options->ddof_given,
                                         .stream_given = options->stream_given,
                                         .pair_given = options->pair_given,
                                         .interval_given = options->interval_given,
                                         .window_given = options->window_given,
                                         .entry_given = options->entry_given,
                                         .exit_given = options->exit_given,
                                         .hold_given = options->hold_given,
                                         .stale_given = options->stale_given,
                                         .demo = options->demo,
                                         .data_dir = options->data_dir,
                                         .no_store = options->no_store};
}

/* The window does not look into a recording for this: one is always for a window of its own. */
static gboolean read_command_line(int argc, char **argv, struct sg_app_config *ret_config)
{
    struct sg_options options;
    struct sg_error error = {0};
    if (sg_options_parse(NULL, argc, argv, 1, &options) >= 0)
        return FALSE;
    begin_config(&options, ret_config);
    if (options.replay != NULL) {
        ret_config->session.source = SG_SOURCE_REPLAY;
        return TRUE;
    }
    options.demo = false;
    return sg_live_config(&options, &ret_config->session, &error) == SG_OK;
}

static int run_window(const struct sg_options *options, int64_t start_mono_us, int argc, char **argv)
{
    struct sg_options without_demo = *options;
    without_demo.demo = false; /* the window starts it itself, through the hook, when it has a display */
    struct sg_app_config config;
    begin_config(options, &config);
    config.start_demo = start_demo;
    config.read_command_line = read_command_line;
    config.process_start_mono_us = start_mono_us;
    struct sg_error error = {0};
    if (sg_live_config(&without_demo, &config.session, &error) != SG_OK)
        return sg_verb_failed("window", error.text);
    int asked = sg_app_ask_running(argc, argv); /* before the database is opened: it is the running one's */
    if (asked != SG_APP_NONE_RUNS && asked != SG_APP_OWN_WINDOW)
        return asked;
    config.own_window = asked == SG_APP_OWN_WINDOW;
    struct sg_error no_database = {0};
    struct sg_database *database = sg_live_store(options, &config.session, &no_database);
    char *store_file = sg_live_store_file(options);
    if (database != NULL) {
        config.store_file = store_file;
        config.forget = forget;
    }
    int status = sg_app_run(&config, 1, argv);
    g_free(store_file);
    if (sg_database_close(database, &error) != SG_OK)
        status = sg_verb_failed("window", error.text);
    sg_demo_stop();
    return status;
}
#endif

/* What still waits in the stream is part of the result. A reader that has seen enough and left is no failure. */
static int end_output(const struct sg_verb *verb, int status)
{
    if (fflush(stdout) == 0 || errno == EPIPE || status != SG_EXIT_DONE)
        return status;
    char text[128];
    snprintf(text, sizeof text, "standard output cannot be written: %s", strerror(errno));
    return sg_verb_failed(verb != NULL ? verb->name : "--help", text);
}

/* A worker that is still inside of a library (looking up a name cannot be cut short) would find its tables gone: exit() takes them away. */
static int leave(int status)
{
    if (!sg_session_has_work())
        return status;
    fflush(NULL);
    _exit(status);
}

int main(int argc, char **argv)
{
    int64_t start_mono_us = sg_clock_mono(sg_clock_system());
    signal(SIGPIPE, SIG_IGN); /* a reader that leaves is seen as a failed write */
    signal(SIGXFSZ, SIG_IGN); /* and a file that may not grow any more (EFBIG), as a full disk is */

    const struct sg_verb *verb = argc > 1 && argv[1][0] != '-' ? find_verb(argv[1]) : NULL;
    struct sg_options options;
    int status = sg_options_parse(verb, argc, argv, verb != NULL ? 2 : 1, &options);
    if (status >= 0)
        return end_output(verb, status);
    if (verb != NULL) {
        status = verb->run(&options);
        sg_demo_stop();
        return leave(end_output(verb, status));
    }
#ifdef SG_HAVE_GUI
    return leave(run_window(&options, start_mono_us, argc, argv));
#else
    (void)start_mono_us;
    fprintf(stderr, "spreadglass: this build has no window; `spreadglass --help` lists the verbs\n");
    return SG_EXIT_WORLD;
#endif
}
