/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pane_layout_private.h"

#include <math.h>
#include <string.h>

static const struct sg_pane_place initial[SG_PANE_ALL] = {
    {SG_PANE_PRICE, 0.30, TRUE},       {SG_PANE_SPREAD, 0.21, TRUE},       {SG_PANE_ZSCORE, 0.29, TRUE},
    {SG_PANE_CORRELATION, 0.20, TRUE}, {SG_PANE_HEDGE_RATIO, 0.20, FALSE}, {SG_PANE_SCATTER, 0.40, FALSE},
};

void sg_pane_layout_init(struct sg_pane_layout *layout)
{
    memcpy(layout->place, initial, sizeof layout->place);
    layout->maximized = SG_NO_PANE;
}

static int index_of(const struct sg_pane_layout *layout, int pane)
{
    for (int i = 0; i < SG_PANE_ALL; i++)
        if ((int)layout->place[i].pane == pane)
            return i;
    return -1;
}

static int shown_count(const struct sg_pane_layout *layout)
{
    int count = 0;
    for (int i = 0; i < SG_PANE_ALL; i++)
        count += layout->place[i].shown ? 1 : 0;
    return count;
}

size_t sg_pane_layout_visible(const struct sg_pane_layout *layout, struct sg_pane_share ret_panes[static SG_PANE_ALL])
{
    size_t count = 0;
    for (int i = 0; i < SG_PANE_ALL; i++) {
        const struct sg_pane_place *place = &layout->place[i];
        gboolean visible = layout->maximized == SG_NO_PANE ? place->shown : (int)place->pane == layout->maximized;
        if (visible)
            ret_panes[count++] = (struct sg_pane_share){place->pane, place->share};
    }
    return count;
}

gboolean sg_pane_layout_is_shown(const struct sg_pane_layout *layout, enum sg_pane pane)
{
    int i = index_of(layout, (int)pane);
    return i >= 0 && layout->place[i].shown;
}

gboolean sg_pane_layout_show(struct sg_pane_layout *layout, enum sg_pane pane, gboolean shown)
{
    int i = index_of(layout, (int)pane);
    if (i < 0)
        return FALSE;
    if (shown) {
        /* Asked for while another one has the whole height: that one steps back, or nothing would be seen to happen. */
        gboolean changed = !layout->place[i].shown || (layout->maximized != SG_NO_PANE && layout->maximized != (int)pane);
        layout->place[i].shown = TRUE;
        if (changed)
            layout->maximized = SG_NO_PANE;
        return changed;
    }
    if (!layout->place[i].shown || shown_count(layout) == 1)
        return FALSE;
    layout->place[i].shown = FALSE;
    if (layout->maximized == (int)pane)
        layout->maximized = SG_NO_PANE;
    return TRUE;
}

gboolean sg_pane_layout_maximize(struct sg_pane_layout *layout, int pane)
{
    if (pane == layout->maximized || (pane != SG_NO_PANE && index_of(layout, pane) < 0))
        return FALSE;
    if (pane != SG_NO_PANE)
        layout->place[index_of(layout, pane)].shown = TRUE;
    layout->maximized = pane;
    return TRUE;
}

gboolean sg_pane_layout_insert(struct sg_pane_layout *layout, enum sg_pane pane, int next)
{
    int from = index_of(layout, (int)pane), to = next == SG_NO_PANE ? SG_PANE_ALL : index_of(layout, next);
    if (from < 0 || to < 0 || to == from || to == from + 1)
        return FALSE;
    struct sg_pane_place moved = layout->place[from];
    if (from < to) {
        to--;
        memmove(layout->place + from, layout->place + from + 1, (size_t)(to - from) * sizeof moved);
    } else {
        memmove(layout->place + to + 1, layout->place + to, (size_t)(from - to) * sizeof moved);
    }
    layout->place[to] = moved;
    return TRUE;
}

gboolean sg_pane_layout_move(struct sg_pane_layout *layout, enum sg_pane pane, int step)
{
    int from = index_of(layout, (int)pane), direction = step < 0 ? -1 : 1, to = from;
    if (from < 0 || step == 0)
        return FALSE;
    for (int i = from + direction, left = ABS(step); i >= 0 && i < SG_PANE_ALL && left > 0; i += direction) {
        if (!layout->place[i].shown)
            continue;
        to = i;
        left--;
    }
    if (to == from)
        return FALSE;
    if (direction < 0)
        return sg_pane_layout_insert(layout, pane, (int)layout->place[to].pane);
    return sg_pane_layout_insert(layout, pane, to + 1 < SG_PANE_ALL ? (int)layout->place[to + 1].pane : SG_NO_PANE);
}

gboolean sg_pane_layout_equalise(struct sg_pane_layout *layout)
{
    gboolean changed = FALSE;
    for (int i = 0; i < SG_PANE_ALL; i++) {
        changed = changed || (layout->place[i].shown && fabs(layout->place[i].share - 0.25) > 1e-9);
        if (layout->place[i].shown)
            layout->place[i].share = 0.25;
    }
    return changed;
}

gboolean sg_pane_layout_set_heights(struct sg_pane_layout *layout, const double heights[], size_t count)
{
    double sum = 0, shares = 0;
    if (count != (size_t)shown_count(layout))
        return FALSE;
    for (size_t i = 0; i < count; i++) {
        if (!(heights[i] > 0) || !isfinite(heights[i]))
            return FALSE;
        sum += heights[i];
    }
    for (int i = 0; i < SG_PANE_ALL; i++)
        shares += layout->place[i].shown ? layout->place[i].share : 0;
    size_t at = 0;
    for (int i = 0; i < SG_PANE_ALL; i++)
        if (layout->place[i].shown)
            layout->place[i].share = heights[at++] / sum * shares; /* the sum stays, so that a hidden pane comes back at its size */
    return TRUE;
}

static const char *const names[SG_PANE_ALL] = {
    [SG_PANE_PRICE] = "price",
    [SG_PANE_SPREAD] = "spread",
    [SG_PANE_ZSCORE] = "zscore",
    [SG_PANE_CORRELATION] = "correlation",
    [SG_PANE_HEDGE_RATIO] = "hedge-ratio",
    [SG_PANE_SCATTER] = "scatter",
};

const char *sg_pane_name(enum sg_pane pane)
{
    return (size_t)pane < SG_PANE_ALL ? names[pane] : "";
}

gboolean sg_pane_of_name(const char *name, enum sg_pane *ret_pane)
{
    for (size_t i = 0; i < SG_PANE_ALL; i++)
        if (strcmp(name, names[i]) == 0) {
            *ret_pane = (enum sg_pane)i;
            return TRUE;
        }
    return FALSE;
}

GVariant *sg_pane_layout_save(const struct sg_pane_layout *layout)
{
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sdb)"));
    for (int i = 0; i < SG_PANE_ALL; i++)
        g_variant_builder_add(&builder, "(sdb)", sg_pane_name(layout->place[i].pane), layout->place[i].share, layout->place[i].shown);
    return g_variant_builder_end(&builder);
}

void sg_pane_layout_load(struct sg_pane_layout *layout, GVariant *saved, const char *maximized)
{
    struct sg_pane_layout loaded = {.maximized = SG_NO_PANE};
    gboolean seen[SG_PANE_ALL] = {FALSE};
    int count = 0;
    GVariantIter iter;
    const char *name;
    double share;
    gboolean shown;
    g_variant_iter_init(&iter, saved);
    while (g_variant_iter_next(&iter, "(&sdb)", &name, &share, &shown)) {
        enum sg_pane pane;
        if (!sg_pane_of_name(name, &pane) || seen[pane])
            continue;
        seen[pane] = TRUE;
        loaded.place[count++] = (struct sg_pane_place){pane, share > 0.01 && share <= 1 ? share : initial[pane].share, shown};
    }
    for (int i = 0; i < SG_PANE_ALL; i++)
        if (!seen[i])
            loaded.place[count++] = (struct sg_pane_place){(enum sg_pane)i, initial[i].share, FALSE};
    if (shown_count(&loaded) == 0) {
        sg_pane_layout_init(layout);
        return;
    }
    enum sg_pane pane;
    if (maximized != NULL && sg_pane_of_name(maximized, &pane) && sg_pane_layout_is_shown(&loaded, pane))
        loaded.maximized = (int)pane;
    *layout = loaded;
}
