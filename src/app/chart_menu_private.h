/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The menu of a chart: a right click, the Menu key or Shift+F10. One for the window; each concept hangs its items into its own section, and its
 * actions ask sg_chart_area_target for what was clicked. Sections stand in the order of the enum; an empty one shows nothing. Main thread. */
#include <gtk/gtk.h>

typedef struct _SgWindow SgWindow;

enum sg_chart_menu_section {
    SG_CHART_MENU_EXPLAIN,   /* the number under the point */
    SG_CHART_MENU_SELECTION, /* a span of time */
    SG_CHART_MENU_PANE,      /* the pane that was clicked */
    SG_CHART_MENU_PANES,     /* which panes there are */
    SG_CHART_MENU_PRICE,     /* units and style of prices, time zone */
    SG_CHART_MENU_EXPORT,
    SG_CHART_MENU_SECTIONS
};

struct sg_chart_menu;

/* Once, when the charts are there. Freed with the window's widgets. */
struct sg_chart_menu *sg_chart_menu_new(SgWindow *window);
void sg_chart_menu_append(struct sg_chart_menu *menu, enum sg_chart_menu_section section, const char *label, const char *detailed_action);
void sg_chart_menu_append_submenu(struct sg_chart_menu *menu, enum sg_chart_menu_section section, const char *label, GMenuModel *submenu);
/* For items whose label follows what was clicked: `prepare` runs before the menu opens. */
typedef void (*sg_chart_menu_prepare)(SgWindow *window, gpointer context);
void sg_chart_menu_on_open(struct sg_chart_menu *menu, sg_chart_menu_prepare prepare, gpointer context);
/* The section itself, for those who replace their items in `prepare`; borrowed. */
GMenu *sg_chart_menu_section(struct sg_chart_menu *menu, enum sg_chart_menu_section section);
