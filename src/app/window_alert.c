/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The alert banner and the desktop notification. The state is the engine's; here it is only shown. */
#include <math.h>
#include <string.h>
#include "spreadglass/base/clock.h"
#include "spreadglass/engine/alert_text.h"
#include "alert_bell_private.h"
#include "text_private.h"
#include "window_private.h"

/* A closed bar that only dips below the threshold for a moment must not fold the banner away and back. */
#define LINGER_US (1500 * SG_US_PER_MS)

static gint64 exchange_now(const SgSnapshot *snapshot)
{
    return snapshot->exchange_now_us != 0 ? snapshot->exchange_now_us : sg_clock_wall(sg_clock_system());
}

static char *standing_text(const SgSnapshot *snapshot)
{
    char text[SG_ALERT_TEXT_MAX];
    struct sg_verdict_input relation = {.engle_granger = &snapshot->engle_granger, .reverse = &snapshot->engle_granger_reverse};
    struct sg_alert_scene scene = {.alert = &snapshot->alert,
                                   .params = &snapshot->params,
                                   .legs = snapshot->legs,
                                   .relation = &relation,
                                   .interval_us = snapshot->history->interval_us,
                                   .now_us = exchange_now(snapshot)};
    sg_alert_text(&scene, text, sizeof text);
    return g_strdup(text);
}

struct withdrawal {
    SgWindow *window;
    char *id;
};

static void withdrawal_free(gpointer data)
{
    struct withdrawal *withdrawal = data;
    g_object_unref(withdrawal->window);
    g_free(withdrawal->id);
    g_free(withdrawal);
}

static gboolean withdraw_again(gpointer data)
{
    struct withdrawal *withdrawal = data;
    if (g_strcmp0(withdrawal->window->notified, withdrawal->id) != 0 && withdrawal->window->app->window == withdrawal->window)
        g_application_withdraw_notification(G_APPLICATION(withdrawal->window->app->gtk), withdrawal->id);
    return G_SOURCE_REMOVE;
}

/* GIO knows what to withdraw only once the desktop has answered, and forgets a wish that comes before that: it is told again after a while. */
void sg_window_withdraw_notification(SgWindow *window)
{
    if (window->notified == NULL)
        return;
    g_application_withdraw_notification(G_APPLICATION(window->app->gtk), window->notified);
    static const guint again_ms[] = {500, 5000};
    for (size_t i = 0; i < G_N_ELEMENTS(again_ms); i++) {
        struct withdrawal *withdrawal = g_new0(struct withdrawal, 1);
        *withdrawal = (struct withdrawal){.window = g_object_ref(window), .id = g_strdup(window->notified)};
        g_timeout_add_full(G_PRIORITY_DEFAULT, again_ms[i], withdraw_again, withdrawal, withdrawal_free);
    }
    g_clear_pointer(&window->notified, g_free);
}

/* The preferences and the log are ours too: whoever looks at them sees the banner behind. */
static gboolean is_in_front(SgWindow *window)
{
    for (GList *item = gtk_application_get_windows(window->app->gtk); item != NULL; item = item->next)
        if (gtk_window_is_active(GTK_WINDOW(item->data)))
            return TRUE;
    GtkWidget *const ours[] = {window->preferences, window->log};
    for (size_t i = 0; i < G_N_ELEMENTS(ours); i++)
        if (ours[i] != NULL && gtk_window_is_active(GTK_WINDOW(ours[i])))
            return TRUE;
    return FALSE;
}

static void notify(SgWindow *window, const SgSnapshot *snapshot, const char *text)
{
    char a[SG_LEG_BUF], b[SG_LEG_BUF];
    char title[2 * SG_LEG_BUF + 48];
    sg_leg_name(snapshot->legs, SG_LEG_A, a);
    sg_leg_name(snapshot->legs, SG_LEG_B, b);
    sg_alert_subject(snapshot->legs, snapshot->alert.side, false, title, sizeof title);
    g_autoptr(GNotification) notification = g_notification_new(title);
    g_notification_set_body(notification, text);
    g_notification_set_priority(notification, G_NOTIFICATION_PRIORITY_HIGH);
    /* One of a pair: the other side's takes the place of the one that is out. */
    g_autofree char *id = g_strdup_printf("z-alert-%s-%s", a, b);
    if (g_strcmp0(id, window->notified) != 0)
        sg_window_withdraw_notification(window);
    g_free(window->notified);
    window->notified = g_steal_pointer(&id);
    g_application_send_notification(G_APPLICATION(window->app->gtk), window->notified, notification);
}

/* Tells whoever does not look. Not again so soon after another alert of this pair and side: the banner is there all the same, it says what is. A
 * notification of the alert before it goes, whatever becomes of this one. */
static void speak(SgWindow *window, const SgSnapshot *snapshot, const char *text, gint64 now)
{
    const struct sg_prefs *prefs = &window->app->prefs;
    struct sg_spoken *spoken = &window->spoken;
    if (memcmp(spoken->legs, snapshot->legs, sizeof spoken->legs) != 0) {
        *spoken = (struct sg_spoken){0};
        memcpy(spoken->legs, snapshot->legs, sizeof spoken->legs);
    }
    gint64 *last = &spoken->mono_us[snapshot->alert.side == SG_SIGNAL_OVERSOLD];
    gboolean aloud = prefs->sound, shown = prefs->notifications && !is_in_front(window);
    if (*last != 0 && now - *last < (gint64)prefs->cool_down * SG_US_PER_S)
        aloud = shown = FALSE;
    if (aloud || shown)
        *last = now;
    if (shown)
        notify(window, snapshot, text);
    else
        sg_window_withdraw_notification(window);
    if (aloud)
        gdk_display_beep(gtk_widget_get_display(GTK_WIDGET(window)));
}

static void hide(SgWindow *window)
{
    window->alert_since_us = 0;
    window->alert_side = SG_SIGNAL_NONE;
    sg_banner_hide(window->alert_banner);
    sg_window_withdraw_notification(window);
}

gint64 sg_window_muted_us(SgWindow *window)
{
    const SgSnapshot *snapshot = sg_app_snapshot(window->app);
    return snapshot == NULL ? 0 : MAX(0, snapshot->alert.muted_until_us - exchange_now(snapshot));
}

static void update_bell(SgWindow *window, const SgSnapshot *snapshot)
{
    char a[SG_LEG_BUF], b[SG_LEG_BUF], pair[SG_PAIR_BUF];
    const struct sg_instrument *legs = window->app->now.legs;
    g_snprintf(pair, sizeof pair, "%s/%s", sg_leg_name(legs, SG_LEG_A, a), sg_leg_name(legs, SG_LEG_B, b));
    struct sg_bell bell = {.pair = pair, .muted_us = sg_window_muted_us(window), .missed = window->app->missed_alerts};
    if (snapshot != NULL) {
        bell.stands = snapshot->alert.side != SG_SIGNAL_NONE;
        bell.dismissed = snapshot->alert.dismissed;
    }
    sg_alert_bell_update(window->bell, &bell);
}

/* Where the connection is in trouble, that has the place. */
static void show(SgWindow *window, enum sg_banner_kind kind, gboolean outlined, const char *text)
{
    if (sg_banner_text(window->feed_banner) != NULL) {
        sg_banner_hide(window->alert_banner);
        return;
    }
    sg_banner_set_outlined(window->alert_banner, outlined);
    sg_banner_show(window->alert_banner, kind, text);
}

static void show_standing(SgWindow *window, const SgSnapshot *snapshot, gboolean supported, gint64 now)
{
    const struct sg_alert *alert = &snapshot->alert;
    g_autofree char *text = standing_text(snapshot);
    if (window->alert_since_us != alert->since_us || window->alert_side != alert->side)
        speak(window, snapshot, text, now);
    window->alert_since_us = alert->since_us;
    window->alert_side = alert->side;
    window->alert_shown_mono_us = now;
    show(window, alert->side == SG_SIGNAL_OVERSOLD ? SG_BANNER_OVERSOLD : SG_BANNER_OVERBOUGHT, !supported, text);
}

void sg_window_update_alert(SgWindow *window, const SgSnapshot *snapshot)
{
    update_bell(window, snapshot);
    if (snapshot == NULL || snapshot->history->length == 0) {
        hide(window);
        return;
    }
    gint64 now = sg_clock_mono(sg_clock_system());
    const struct sg_alert *alert = &snapshot->alert;
    gboolean supported = snapshot->grade >= SG_GRADE_WEAK;
    gboolean told = supported || !window->app->prefs.supported_only;
    if (told && sg_alert_visible(alert, exchange_now(snapshot)) && isfinite(alert->zscore)) {
        show_standing(window, snapshot, supported, now);
        return;
    }
    if (window->alert_since_us == 0)
        return;
    /* Dismissed, muted or no longer defined: at once. Back within the threshold: after a moment. */
    gboolean cleared = alert->side == SG_SIGNAL_NONE && isfinite(snapshot->now.zscore);
    if (!cleared || now - window->alert_shown_mono_us > LINGER_US) {
        hide(window);
        return;
    }
    char zscore[SG_TEXT_BUF], level[SG_DECIMAL_BUF], a[SG_LEG_BUF], b[SG_LEG_BUF];
    g_autofree char *text =
        g_strdup_printf("z %s is back within \u00b1%s \u00b7 %s against %s", sg_text_fixed(snapshot->now.zscore, 2, true, zscore),
                        sg_alert_level(snapshot->params.exit, level) + 1, sg_leg_name(snapshot->legs, SG_LEG_A, a), sg_leg_name(snapshot->legs, SG_LEG_B, b));
    show(window, SG_BANNER_CALM, FALSE, text);
}
