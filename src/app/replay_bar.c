/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "replay_bar_private.h"

#include <math.h>
#include "spreadglass/base/clock.h"
#include "text_private.h"

#define SETTLE_MS 150 /* while the position is being dragged: it goes there when the hand rests */
#define SPEEDS 9      /* the last one is what the command line asked for, where that is none of the others */

static const double usual_speeds[] = {0.25, 0.5, 1, 2, 5, 10, 60, 0};

struct replay_bar {
    SgWindow *window;
    GtkWidget *bar, *play, *label;
    GtkRange *position;
    GtkDropDown *speed;
    GtkStringList *speed_names;
    double speeds[SPEEDS];
    guint speed_count;
    guint settle_timer;
    gboolean following;  /* what is shown is being brought up to date: nobody moved it */
    gboolean is_playing; /* as the button shows it */
};

static struct replay_bar *bar_of(GtkWidget *widget)
{
    return g_object_get_data(G_OBJECT(widget), "sg-replay");
}

/* ---- what a person does ---- */

static gboolean on_settled(gpointer data)
{
    struct replay_bar *bar = data;
    bar->settle_timer = 0;
    SgReplayState state;
    SgSession *session = bar->window->app->session;
    if (session != NULL && sg_session_replay_state(session, &state) && state.end_us > 0)
        sg_session_replay_seek(session, state.begin_us + (gint64)llround(gtk_range_get_value(bar->position) * (double)SG_US_PER_S));
    sg_replay_bar_update(bar->bar);
    return G_SOURCE_REMOVE;
}

static void on_position(GtkRange *range, struct replay_bar *bar)
{
    (void)range;
    if (bar->following)
        return;
    g_clear_handle_id(&bar->settle_timer, g_source_remove);
    bar->settle_timer = g_timeout_add(SETTLE_MS, on_settled, bar);
}

static void on_speed(GtkDropDown *drop_down, GParamSpec *pspec, struct replay_bar *bar)
{
    (void)pspec;
    guint selected = gtk_drop_down_get_selected(drop_down);
    if (!bar->following && selected < bar->speed_count)
        sg_app_replay_pace(bar->window->app, bar->speeds[selected], bar->window->app->now.replay_paused);
}

static void replay_play(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    struct sg_app *app = ((SgWindow *)data)->app;
    SgReplayState state;
    if (app->session == NULL || !sg_session_replay_state(app->session, &state))
        return;
    sg_app_replay_pace(app, state.speed, !state.paused && !state.ended);
    if (state.ended) /* from the beginning again */
        sg_session_replay_seek(app->session, 1);
}

static void step(SgWindow *window, int direction)
{
    if (window->app->session == NULL)
        return;
    window->app->now.replay_paused = TRUE;
    sg_session_replay_step(window->app->session, direction);
}

static void replay_forward(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    step(data, 1);
}

static void replay_back(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    (void)action;
    (void)parameter;
    step(data, -1);
}

/* Whoever types gets the key. A button that has the focus is pressed with Return here: Space plays, wherever the focus was left. */
static gboolean is_for_the_focus(SgWindow *window)
{
    GtkWidget *focus = gtk_window_get_focus(GTK_WINDOW(window));
    return focus != NULL && (GTK_IS_EDITABLE(focus) || GTK_IS_TEXT_VIEW(focus) || gtk_widget_get_ancestor(focus, GTK_TYPE_POPOVER) != NULL);
}

static gboolean on_key(GtkEventControllerKey *controller, guint key, guint code, GdkModifierType modifiers, SgWindow *window)
{
    (void)controller;
    (void)code;
    static const struct {
        guint key;
        const char *action;
    } keys[] = {{GDK_KEY_space, "replay-play"}, {GDK_KEY_period, "replay-forward"}, {GDK_KEY_comma, "replay-back"}};
    if (window->app->now.source != SG_SOURCE_REPLAY || (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0 || is_for_the_focus(window))
        return FALSE;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (keys[i].key == key) {
            g_action_group_activate_action(G_ACTION_GROUP(window), keys[i].action, NULL);
            return TRUE;
        }
    return FALSE;
}

void sg_replay_bar_add_actions(SgWindow *window)
{
    static const GActionEntry entries[] = {{.name = "replay-play", .activate = replay_play},
                                           {.name = "replay-forward", .activate = replay_forward},
                                           {.name = "replay-back", .activate = replay_back}};
    g_action_map_add_action_entries(G_ACTION_MAP(window), entries, G_N_ELEMENTS(entries), window);
    GtkEventController *keys = gtk_event_controller_key_new();
    gtk_event_controller_set_propagation_phase(keys, GTK_PHASE_CAPTURE);
    g_signal_connect(keys, "key-pressed", G_CALLBACK(on_key), window);
    gtk_widget_add_controller(GTK_WIDGET(window), keys);
}

/* ---- what is shown ---- */

static void span_text(gint64 us, char *buffer, gsize size)
{
    int seconds = (int)MIN(MAX(us, 0) / SG_US_PER_S, G_MAXINT);
    if (seconds >= 3600)
        g_snprintf(buffer, size, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    else
        g_snprintf(buffer, size, "%d:%02d", seconds / 60, seconds % 60);
}

static void show_place(struct replay_bar *bar, const SgReplayState *state)
{
    char clock[SG_TEXT_BUF] = "", at[24], all[24];
    const char *how = state->seeking ? "On its way\u2026 " : state->ended ? "Over at " : state->paused ? "Paused at " : "Playing ";
    if (state->clock_us > 0)
        sg_text_clock(state->clock_us, sg_clock_wall(sg_clock_system()), bar->window->app->prefs.utc, clock);
    span_text(state->begin_us > 0 && state->position_us > 0 ? state->position_us - state->begin_us : 0, at, sizeof at);
    span_text(state->end_us - state->begin_us, all, sizeof all);
    g_autofree char *text = state->end_us == 0 ? g_strdup_printf("%s%s", how, clock[0] != '\0' ? clock : "its beginning")
                                               : g_strdup_printf("%s%s \u00b7 %s of %s", how, clock[0] != '\0' ? clock : "its beginning", at, all);
    if (g_strcmp0(gtk_label_get_text(GTK_LABEL(bar->label)), text) != 0) {
        gtk_label_set_text(GTK_LABEL(bar->label), text);
        gtk_accessible_update_property(GTK_ACCESSIBLE(bar->position), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
    }
    gboolean is_known = state->end_us > state->begin_us;
    gtk_widget_set_sensitive(GTK_WIDGET(bar->position), is_known);
    if (!is_known || bar->settle_timer != 0 || state->seeking) /* it stays where it was moved to until the replay is there */
        return;
    gtk_range_set_range(bar->position, 0, (double)(state->end_us - state->begin_us) / (double)SG_US_PER_S);
    gtk_range_set_value(bar->position, (double)(state->position_us - state->begin_us) / (double)SG_US_PER_S);
}

static void show_play(struct replay_bar *bar, gboolean is_playing)
{
    if (is_playing == bar->is_playing)
        return;
    bar->is_playing = is_playing;
    gtk_button_set_icon_name(GTK_BUTTON(bar->play), is_playing ? "media-playback-pause-symbolic" : "media-playback-start-symbolic");
    gtk_widget_set_tooltip_text(bar->play, is_playing ? "Pause (Space)" : "Play (Space)");
    gtk_accessible_update_property(GTK_ACCESSIBLE(bar->play), GTK_ACCESSIBLE_PROPERTY_LABEL, is_playing ? "Pause" : "Play", -1);
}

static void add_speed(struct replay_bar *bar, double speed)
{
    char number[SG_TEXT_BUF];
    g_autofree char *name = speed == 0 ? g_strdup("max") : g_strdup_printf("%s\u00d7", sg_text_fixed(speed, speed == round(speed) ? 0 : 2, false, number));
    gtk_string_list_append(bar->speed_names, name);
    bar->speeds[bar->speed_count++] = speed;
}

static void show_speed(struct replay_bar *bar, double speed)
{
    guint index = 0;
    while (index < bar->speed_count && fabs(bar->speeds[index] - speed) > 1e-9)
        index++;
    if (index == bar->speed_count && bar->speed_count < SPEEDS)
        add_speed(bar, speed);
    if (index < bar->speed_count && gtk_drop_down_get_selected(bar->speed) != index)
        gtk_drop_down_set_selected(bar->speed, index);
}

void sg_replay_bar_update(GtkWidget *widget)
{
    struct replay_bar *bar = bar_of(widget);
    SgReplayState state;
    SgSession *session = bar->window->app->session;
    gboolean is_replay = session != NULL && sg_session_replay_state(session, &state);
    gtk_widget_set_visible(widget, is_replay);
    if (!is_replay)
        return;
    sg_session_replay_measure(session);
    bar->following = TRUE;
    show_play(bar, !state.paused && !state.ended);
    show_speed(bar, state.speed);
    show_place(bar, &state);
    bar->following = FALSE;
}

/* ---- life ---- */

static GtkWidget *button(const char *icon, const char *name, const char *tooltip, const char *action)
{
    GtkWidget *widget = gtk_button_new_from_icon_name(icon);
    gtk_actionable_set_action_name(GTK_ACTIONABLE(widget), action);
    gtk_widget_set_tooltip_text(widget, tooltip);
    gtk_widget_set_focus_on_click(widget, FALSE);
    gtk_widget_add_css_class(widget, "flat");
    gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    return widget;
}

static void bar_free(gpointer data)
{
    struct replay_bar *bar = data;
    g_clear_handle_id(&bar->settle_timer, g_source_remove);
    g_free(bar);
}

GtkWidget *sg_replay_bar_new(SgWindow *window)
{
    struct replay_bar *bar = g_new0(struct replay_bar, 1);
    bar->window = window;
    bar->bar = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 4);
    bar->play = button("media-playback-pause-symbolic", "Pause", "Pause (Space)", "win.replay-play");
    bar->is_playing = TRUE;
    bar->speed_names = gtk_string_list_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(usual_speeds); i++)
        add_speed(bar, usual_speeds[i]);
    GtkWidget *speed = gtk_drop_down_new(G_LIST_MODEL(bar->speed_names), NULL), *position = gtk_scale_new_with_range(GTK_ORIENTATION_HORIZONTAL, 0, 1, 1);
    bar->speed = GTK_DROP_DOWN(speed);
    bar->position = GTK_RANGE(position);
    gtk_scale_set_draw_value(GTK_SCALE(position), FALSE);
    gtk_range_set_increments(bar->position, 1, 30);
    gtk_widget_set_hexpand(position, TRUE);
    gtk_widget_set_tooltip_text(speed, "How fast it is played");
    gtk_widget_set_tooltip_text(position, "Where it is played");
    gtk_accessible_update_property(GTK_ACCESSIBLE(speed), GTK_ACCESSIBLE_PROPERTY_LABEL, "Replay speed", -1);
    gtk_accessible_update_property(GTK_ACCESSIBLE(position), GTK_ACCESSIBLE_PROPERTY_LABEL, "Replay position", -1);
    bar->label = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(bar->label), 1);
    gtk_label_set_ellipsize(GTK_LABEL(bar->label), PANGO_ELLIPSIZE_END);
    gtk_label_set_width_chars(GTK_LABEL(bar->label), 38); /* always so wide: the position's place does not move with the words */
    gtk_widget_add_css_class(bar->label, "place");
    GtkWidget *const parts[] = {bar->play,
                                button("media-skip-backward-symbolic", "Step back", "One bar back (,)", "win.replay-back"),
                                button("media-skip-forward-symbolic", "Step forward", "One bar forward (.)", "win.replay-forward"),
                                speed,
                                position,
                                bar->label};
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
        gtk_widget_set_valign(parts[i], GTK_ALIGN_CENTER);
        gtk_box_append(GTK_BOX(bar->bar), parts[i]);
    }
    gtk_widget_add_css_class(bar->bar, "replay");
    gtk_widget_set_visible(bar->bar, FALSE);
    g_signal_connect(position, "value-changed", G_CALLBACK(on_position), bar);
    g_signal_connect(speed, "notify::selected", G_CALLBACK(on_speed), bar);
    g_object_set_data_full(G_OBJECT(bar->bar), "sg-replay", bar, bar_free);
    return bar->bar;
}
