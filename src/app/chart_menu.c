/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chart_menu_private.h"

#include "window_private.h"

#define PREPARERS_MAX 8

struct sg_chart_menu {
    SgWindow *window;
    GtkWidget *popover;
    GMenu *model, *section[SG_CHART_MENU_SECTIONS];
    struct {
        sg_chart_menu_prepare prepare;
        gpointer context;
    } preparer[PREPARERS_MAX];
    int preparer_count;
};

static void on_menu_requested(SgChartArea *charts, double x, double y, struct sg_chart_menu *menu)
{
    for (int i = 0; i < menu->preparer_count; i++)
        menu->preparer[i].prepare(menu->window, menu->preparer[i].context);
    graphene_point_t at;
    if (!gtk_widget_compute_point(GTK_WIDGET(charts), menu->window->content, &GRAPHENE_POINT_INIT((float)x, (float)y), &at))
        return;
    gtk_popover_set_pointing_to(GTK_POPOVER(menu->popover), &(GdkRectangle){(int)at.x, (int)at.y, 1, 1});
    gtk_popover_popup(GTK_POPOVER(menu->popover));
}

/* The keyboard goes on where it was. */
static void on_closed(GtkPopover *popover, struct sg_chart_menu *menu)
{
    (void)popover;
    sg_chart_area_focus_target(menu->window->charts);
}

static void menu_free(gpointer data)
{
    struct sg_chart_menu *menu = data;
    for (int i = 0; i < SG_CHART_MENU_SECTIONS; i++)
        g_object_unref(menu->section[i]);
    g_object_unref(menu->model);
    g_free(menu);
}

struct sg_chart_menu *sg_chart_menu_new(SgWindow *window)
{
    struct sg_chart_menu *menu = g_new0(struct sg_chart_menu, 1);
    menu->window = window;
    menu->model = g_menu_new();
    for (int i = 0; i < SG_CHART_MENU_SECTIONS; i++) {
        menu->section[i] = g_menu_new();
        g_menu_append_section(menu->model, NULL, G_MENU_MODEL(menu->section[i]));
    }
    menu->popover = gtk_popover_menu_new_from_model(G_MENU_MODEL(menu->model));
    gtk_popover_set_has_arrow(GTK_POPOVER(menu->popover), FALSE);
    gtk_popover_set_position(GTK_POPOVER(menu->popover), GTK_POS_BOTTOM);
    gtk_widget_set_halign(menu->popover, GTK_ALIGN_START);
    gtk_accessible_update_property(GTK_ACCESSIBLE(menu->popover), GTK_ACCESSIBLE_PROPERTY_LABEL, "Chart menu", -1);
    gtk_widget_set_parent(menu->popover, window->content);
    g_object_set_data_full(G_OBJECT(menu->popover), "sg-chart-menu", menu, menu_free);
    g_signal_connect(menu->popover, "closed", G_CALLBACK(on_closed), menu);
    g_signal_connect(window->charts, "menu-requested", G_CALLBACK(on_menu_requested), menu);
    return menu;
}

void sg_chart_menu_append(struct sg_chart_menu *menu, enum sg_chart_menu_section section, const char *label, const char *detailed_action)
{
    g_menu_append(menu->section[section], label, detailed_action);
}

void sg_chart_menu_append_submenu(struct sg_chart_menu *menu, enum sg_chart_menu_section section, const char *label, GMenuModel *submenu)
{
    g_menu_append_submenu(menu->section[section], label, submenu);
}

void sg_chart_menu_on_open(struct sg_chart_menu *menu, sg_chart_menu_prepare prepare, gpointer context)
{
    g_return_if_fail(menu->preparer_count < PREPARERS_MAX);
    menu->preparer[menu->preparer_count].prepare = prepare;
    menu->preparer[menu->preparer_count++].context = context;
}

GMenu *sg_chart_menu_section(struct sg_chart_menu *menu, enum sg_chart_menu_section section)
{
    return menu->section[section];
}
