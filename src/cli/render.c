/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `spreadglass render`: the dashboard as a picture, drawn by the code that draws the window; from files, or live after a while. */
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>

#include "analysis_input_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/replacement.h"
#include "spreadglass/cli/live.h"
#include "spreadglass/engine/model_text.h"
#include "spreadglass/engine/alert_text.h"
#include "spreadglass/engine/freshness.h"
#include "spreadglass/engine/pair_view.h"
#include "spreadglass/engine/stat_text.h"
#include "spreadglass/plot/dashboard.h"
#include "output_check_private.h"
#include "verbs_private.h"

#define RENDER_FONT "Inter, DejaVu Sans, Sans 10"

/* What the picture says about where its numbers come from. */
struct picture {
    const struct sg_options *options;
    const struct sg_history *history;
    const struct sg_row *forming;
    struct sg_stat_inputs stats;
    const char *status;
    struct sg_freshness freshness; /* of a live picture; zeroed: nothing to say */
    char banner[SG_ALERT_TEXT_MAX];
    bool banner_up, banner_outlined;
    char verdict[SG_VERDICT_TEXT_MAX];
};

static int draw(const struct picture *picture)
{
    const struct sg_options *options = picture->options;
    struct sg_error error = {0};
    struct sg_dashboard *dashboard = sg_dashboard_new();
    if (dashboard == NULL)
        return sg_verb_failed("render", "out of memory");
    struct sg_dashboard_data data = {.history = picture->history,
                                     .forming = picture->forming,
                                     .decimals_a = -1,
                                     .decimals_b = -1,
                                     .entry = options->params.entry,
                                     .exit = options->params.exit,
                                     .window = options->params.window,
                                     .utc = true};
    char name[SG_LEG_BUF];
    snprintf(data.symbol_a, sizeof data.symbol_a, "%s", sg_leg_name(options->legs, SG_LEG_A, name));
    snprintf(data.symbol_b, sizeof data.symbol_b, "%s", sg_leg_name(options->legs, SG_LEG_B, name));
    if (options->stream != SG_STREAM_TRADE)
        snprintf(data.source, sizeof data.source, "%s", sg_stream_title(options->stream));
    sg_dashboard_set_hindsight(dashboard, options->hindsight);
    sg_dashboard_set_spread_mode(dashboard, (enum sg_spread_mode)options->spread_mode);
    sg_dashboard_set_data(dashboard, &data);
    sg_dashboard_set_waiting(dashboard, picture->freshness.stale, picture->freshness.words, NULL);

    struct sg_viewport view;
    sg_viewport_init(&view, 240.0);
    sg_dashboard_update_extent(dashboard, &view);
    if (view.last >= view.first) { /* a picture shows everything that it was given, and cannot be scrolled */
        double span = view.last - view.first + 1.0;
        sg_viewport_show(&view, view.first - 0.5, view.last + 0.5 + span * 0.02);
    }

    struct sg_stat_text stats[SG_STAT_COUNT];
    const char *names[SG_STAT_COUNT], *values[SG_STAT_COUNT];
    sg_stat_texts(&picture->stats, stats);
    for (size_t i = 0; i < SG_STAT_COUNT; i++) {
        names[i] = stats[i].name;
        values[i] = stats[i].value;
    }
    char title[256];
    snprintf(title, sizeof title, "%s/%s · window %zu · %s", data.symbol_a, data.symbol_b, options->params.window, sg_hedge_name(options->params.hedge));
    struct sg_dashboard_header header = {.title = title,
                                         .status = picture->status,
                                         .stat_names = names,
                                         .stat_values = values,
                                         .stat_count = SG_STAT_COUNT,
                                         .banner = picture->banner[0] != '\0' ? picture->banner : NULL,
                                         .banner_up = picture->banner_up,
                                         .banner_outlined = picture->banner_outlined,
                                         .verdict = picture->verdict,
                                         .stale = picture->freshness.stale};
    enum sg_status status = sg_dashboard_save(dashboard, options->output, &header, &view, sg_theme_get(!options->light, false), RENDER_FONT, options->width,
                                              options->height, 1.0, &error);
    sg_dashboard_free(dashboard);
    return status == SG_OK ? SG_EXIT_DONE : sg_verb_failed("render", error.text);
}

static void alert_banner(struct picture *picture, const struct sg_pair_view *view, const struct sg_alert *alert)
{
    if (alert->side == SG_SIGNAL_NONE)
        return;
    const struct sg_history *history = view->history;
    struct sg_verdict_input relation = {.engle_granger = view->engle_granger, .reverse = view->engle_granger_reverse};
    struct sg_alert_scene scene = {.alert = alert,
                                   .params = view->params,
                                   .legs = picture->options->legs,
                                   .relation = &relation,
                                   .interval_us = view->interval_us,
                                   .now_us = history->time_us[history->length - 1] + view->interval_us};
    picture->banner_up = alert->side == SG_SIGNAL_OVERBOUGHT;
    picture->banner_outlined = !sg_grade_supported(sg_grade_of(&relation));
    sg_alert_text(&scene, picture->banner, sizeof picture->banner);
}

static int render_files(const struct sg_options *options)
{
    struct sg_analysis analysis;
    int status = sg_analysis_load("render", options, &analysis);
    if (status != SG_EXIT_DONE)
        return status;
    const struct sg_offline *o = &analysis.offline;
    char span[128], first[SG_TIME_BUF] = "", last[SG_TIME_BUF] = "";
    if (o->history.length == 0) {
        sg_offline_free(&analysis.offline);
        return sg_verb_failed("render", "the two files have no bar time in common: nothing to draw");
    }
    sg_time_format_iso(o->history.time_us[0], first);
    sg_time_format_iso(o->history.time_us[o->history.length - 1], last);
    snprintf(span, sizeof span, "%s · %s – %s", analysis.interval, first, last);
    struct sg_options named = *options;
    memcpy(named.legs, analysis.legs, sizeof named.legs);
    struct picture picture = {.options = &named,
                              .history = &o->history,
                              .status = span,
                              .stats = {.now = &o->now,
                                        .engle_granger = &o->engle_granger,
                                        .engle_granger_reverse = &o->engle_granger_reverse,
                                        .half_life = &o->half_life,
                                        .params = &analysis.params,
                                        .rows = o->history.length,
                                        .interval_us = o->history.interval_us,
                                        .stale = (o->history.flags[o->history.length - 1] & SG_ROW_STALE) != 0}};
    struct sg_pair_view view;
    sg_pair_view_of_offline(o, &analysis.params, analysis.legs, &view);
    alert_banner(&picture, &view, &o->alert);
    sg_pair_view_verdict(&view, picture.verdict, sizeof picture.verdict, NULL);
    status = draw(&picture);
    sg_offline_free(&analysis.offline);
    return status;
}

static gboolean quit_loop(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_CONTINUE;
}

static void failed_cb(SgSession *session, GMainLoop *loop)
{
    if (sg_session_get_snapshot(session)->feed.state == SG_FEED_FAILED)
        g_main_loop_quit(loop);
}

static void ended_cb(SgSession *session, GMainLoop *loop)
{
    (void)session;
    g_main_loop_quit(loop);
}

static int render_live(const struct sg_options *options)
{
    struct sg_error error = {0};
    struct sg_session_config config;
    if (sg_live_config(options, &config, &error) != SG_OK)
        return sg_verb_failed("render", error.text);
    GError *problem = NULL;
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    SgSession *session = sg_session_new(&config, &problem);
    int status = SG_EXIT_WORLD;
    if (session == NULL || !sg_session_start(session, &problem)) {
        sg_verb_failed("render", problem->message);
        goto out;
    }
    g_signal_connect(session, "changed", G_CALLBACK(failed_cb), loop);
    g_signal_connect(session, "ended", G_CALLBACK(ended_cb), loop);
    guint sources[] = {g_unix_signal_add(SIGINT, quit_loop, loop), g_unix_signal_add(SIGTERM, quit_loop, loop),
                       g_timeout_add((guint)(options->after_s * 1000.0), quit_loop, loop)};
    g_main_loop_run(loop);
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
        g_source_remove(sources[i]);
    const SgSnapshot *now = sg_session_get_snapshot(session);
    if (now->history->length == 0) {
        char text[512];
        snprintf(text, sizeof text, "no bar came within the time of --after: %s",
                 now->feed.detail[0] != '\0' ? now->feed.detail : sg_feed_state_name(now->feed.state));
        sg_verb_failed("render", text);
        goto out;
    }
    char state[192];
    snprintf(state, sizeof state, "%s · %s", sg_interval_name(now->interval), now->demo ? "built-in exchange" : now->replay ? "replay" : now->feed.host);
    struct sg_options named = *options;
    memcpy(named.legs, now->legs, sizeof named.legs);
    struct picture picture = {.options = &named,
                              .history = now->history,
                              .forming = now->has_forming ? &now->forming : NULL,
                              .status = state,
                              .stats = {.now = &now->now,
                                        .engle_granger = &now->engle_granger,
                                        .engle_granger_reverse = &now->engle_granger_reverse,
                                        .half_life = &now->half_life,
                                        .params = &now->params,
                                        .rows = now->history->length,
                                        .interval_us = now->history->interval_us,
                                        .stale = (now->history->flags[now->history->length - 1] & SG_ROW_STALE) != 0}};
    sg_freshness_of(now, sg_clock_mono(sg_clock_system()), g_get_real_time(), &picture.freshness);
    picture.stats.stale |= picture.freshness.stale;
    picture.stats.age = picture.freshness.age;
    struct sg_pair_view view;
    sg_pair_view_of_snapshot(now, &view);
    alert_banner(&picture, &view, &now->alert);
    sg_pair_view_verdict(&view, picture.verdict, sizeof picture.verdict, NULL);
    status = draw(&picture);
out:
    g_clear_error(&problem);
    g_clear_object(&session);
    g_main_loop_unref(loop);
    return status;
}

int sg_verb_render(const struct sg_options *options)
{
    const char *ending = options->output != NULL ? strrchr(options->output, '.') : NULL;
    if (ending == NULL || (strcmp(ending, ".png") != 0 && strcmp(ending, ".svg") != 0 && strcmp(ending, ".pdf") != 0)) {
        fprintf(stderr, "spreadglass render: it needs --output FILE, ending in .png, .svg or .pdf\ntry: spreadglass render --help\n");
        return SG_EXIT_USAGE;
    }
    bool live = options->demo || options->endpoint != NULL || options->replay != NULL;
    if ((options->file_count > 0 || options->from_store) && live) {
        fprintf(stderr, "spreadglass render: files (or the store) and a live source exclude each other\ntry: spreadglass render --help\n");
        return SG_EXIT_USAGE;
    }
    struct sg_error error = {0};
    if (sg_output_check(options, options->output, &error) != SG_OK ||
        sg_replacement_check(options->output, &error) != SG_OK) /* it may take minutes to find out */
        return sg_verb_failed("render", error.text);
    return options->file_count > 0 || options->from_store ? render_files(options) : render_live(options);
}
