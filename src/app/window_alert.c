/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The alert banner and the desktop notification. The state is the engine's; here it is only shown. */
#include <math.h>
#include <string.h>
#include "spreadglass/base/clock.h"
#include "spreadglass/engine/alert_text.h"
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
    struct sg_alert_scene scene = {.alert = &snapshot->alert, .params = &snapshot->params, .legs = snapshot->legs, .relation = &relation,
                                   .interval_us = snapshot->history->interval_us, .now_us = exchange_now(snapshot)};
    sg_alert_text(&scene, text, sizeof text);
    return g_strdup(text);
}

void sg_window_withdraw_notification(SgWindow *window)
{
    if (window->notified == NULL)
        return;
    g_application_withdraw_notification(G_APPLICATION(window->app->gtk), window->notified);
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
    sg_window_withdraw_notification(window);
    char a[SG_LEG_BUF], b[SG_LEG_BUF];
    char title[2 * SG_LEG_BUF + 48];
    sg_leg_name(snapshot->legs, SG_LEG_A, a);
    sg_leg_name(snapshot->legs, SG_LEG_B, b);
    sg_alert_subject(snapshot->legs, snapshot->alert.side, false, title, sizeof title);
    g_autoptr(GNotification) notification = g_notification_new(title);
    g_notification_set_body(notification, text);
    g_notification_set_priority(notification, G_NOTIFICATION_PRIORITY_HIGH);
    window->notified = g_strdup_printf("z-alert-%s-%s", a, b);
    g_application_send_notification(G_APPLICATION(window->app->gtk), window->notified, notification);
}

/* Tells whoever does not look. Not again so soon after another alert of this pair and side: the banner is there all the same, it says what is. */
static void speak(SgWindow *window, const SgSnapshot *snapshot, const char *text, gint64 now)
{
    const struct sg_prefs *prefs = &window->app->prefs;
    struct sg_spoken *spoken = &window->spoken;
    gboolean aloud = prefs->sound, shown = prefs->notifications && !is_in_front(window);
    if (!aloud && !shown)
        return;
    if (memcmp(spoken->legs, snapshot->legs, sizeof spoken->legs) != 0) {
        *spoken = (struct sg_spoken){0};
        memcpy(spoken->legs, snapshot->legs, sizeof spoken->legs);
    }
    gint64 *last = &spoken->mono_us[snapshot->alert.side == SG_SIGNAL_OVERSOLD];
    if (*last != 0 && now - *last < (gint64)prefs->cool_down * SG_US_PER_S)
        return;
    *last = now;
    if (shown)
        notify(window, snapshot, text);
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

void sg_window_update_alert(SgWindow *window, const SgSnapshot *snapshot)
{
    if (snapshot == NULL || snapshot->history->length == 0) {
        hide(window);
        return;
    }
    gint64 now = sg_clock_mono(sg_clock_system());
    const struct sg_alert *alert = &snapshot->alert;
    if (sg_alert_visible(alert, exchange_now(snapshot)) && isfinite(alert->zscore)) {
        g_autofree char *text = standing_text(snapshot);
        if (window->alert_since_us != alert->since_us || window->alert_side != alert->side)
            speak(window, snapshot, text, now);
        window->alert_since_us = alert->since_us;
        window->alert_side = alert->side;
        window->alert_shown_mono_us = now;
        sg_banner_show(window->alert_banner, alert->side == SG_SIGNAL_OVERSOLD ? SG_BANNER_OVERSOLD : SG_BANNER_OVERBOUGHT, text);
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
    char zscore[SG_TEXT_BUF], threshold[SG_TEXT_BUF], a[SG_LEG_BUF], b[SG_LEG_BUF];
    g_autofree char *text = g_strdup_printf("z %s is back within \u00b1%s \u00b7 %s against %s", sg_text_fixed(snapshot->now.zscore, 2, true, zscore),
                                            sg_alert_level(snapshot->params.exit, threshold) + 1, sg_leg_name(snapshot->legs, SG_LEG_A, a),
                                            sg_leg_name(snapshot->legs, SG_LEG_B, b));
    sg_banner_show(window->alert_banner, SG_BANNER_CALM, text);
}
