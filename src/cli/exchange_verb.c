/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `spreadglass exchange`: the local exchange until Ctrl+C. */
#include <glib-unix.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "spreadglass/cli/live.h"
#include "spreadglass/feed/recording_reader.h"
#include "verbs_private.h"

static int list_faults(void)
{
    const char *const *names = sg_exchange_fault_names();
    const char *const *texts = sg_exchange_fault_texts();
    for (size_t i = 0; names[i] != NULL; i++)
        printf("%-22s %s\n", names[i], texts[i]);
    return SG_EXIT_DONE;
}

static gboolean quit_loop(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_CONTINUE;
}

int sg_verb_exchange(const struct sg_options *options)
{
    struct sg_error error = {0};
    for (size_t i = 0; i < options->fault_count; i++)
        if (strcmp(options->faults[i], "list") == 0)
            return list_faults();

    struct sg_exchange_config config = {.port = options->port,
                                        .seed = options->seed,
                                        .rate = options->rate,
                                        .start_on_subscribe = options->recording_count > 0,
                                        .plain = options->plain,
                                        .faults = options->faults,
                                        .fault_count = options->fault_count};
    if (options->recording_count > 0) {
        config.recording = sg_recording_open(options->recordings, options->recording_count, &error);
        if (config.recording == NULL)
            return sg_verb_failed("exchange", error.text);
    }
    struct sg_exchange *exchange = sg_exchange_start(&config, &error);
    if (exchange == NULL) {
        int status = sg_verb_failed("exchange", error.text);
        return error.status == SG_ERR_INVALID ? SG_EXIT_USAGE : status;
    }
    /* Before the endpoints are printed: who reads them may end this program at once. */
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    guint on_int = g_unix_signal_add(SIGINT, quit_loop, loop), on_term = g_unix_signal_add(SIGTERM, quit_loop, loop);
    struct sg_exchange_info info;
    sg_exchange_info(exchange, &info);
    printf("websocket  %s\nrest       %s\nca-file    %s\n"
           "try:       spreadglass watch --endpoint %s --rest %s%s%s\n",
           info.ws_url, info.rest_url, info.ca_file, info.ws_url, info.rest_url, options->plain ? "" : " --ca-file ", info.ca_file);
    fflush(stdout);
    g_main_loop_run(loop);
    g_source_remove(on_int);
    g_source_remove(on_term);
    g_main_loop_unref(loop);
    sg_exchange_stop(exchange);
    return SG_EXIT_DONE;
}
