/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shrink_box_private.h"

#define MAX_CHILDREN 24
#define ROW_GAP 4

struct _SgShrinkBox {
    GtkWidget parent_instance;
    int spacing;
    gboolean spread, wrap;
};

G_DEFINE_TYPE(SgShrinkBox, sg_shrink_box, GTK_TYPE_WIDGET)

static GQuark rank_quark(void)
{
    return g_quark_from_static_string("sg-shrink-rank");
}

static guint rank_of(GtkWidget *child)
{
    return GPOINTER_TO_UINT(g_object_get_qdata(G_OBJECT(child), rank_quark()));
}

/* All of it in one row. */
static int needed_width(SgShrinkBox *box)
{
    int sum = 0, all = 0;
    for (GtkWidget *child = gtk_widget_get_first_child(GTK_WIDGET(box)); child != NULL; child = gtk_widget_get_next_sibling(child)) {
        int natural = 0;
        if (!gtk_widget_should_layout(child))
            continue;
        gtk_widget_measure(child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
        sum += natural;
        all++;
    }
    return sum + box->spacing * MAX(all - 1, 0);
}

static GtkSizeRequestMode request_mode(GtkWidget *widget)
{
    return SG_SHRINK_BOX(widget)->wrap ? GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH : GTK_SIZE_REQUEST_CONSTANT_SIZE;
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
    SgShrinkBox *box = SG_SHRINK_BOX(widget);
    int min_sum = 0, nat_sum = 0, min_max = 0, nat_max = 0, kept = 0, all = 0;
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL; child = gtk_widget_get_next_sibling(child)) {
        if (!gtk_widget_should_layout(child))
            continue;
        int child_min = 0, child_nat = 0;
        gtk_widget_measure(child, orientation, -1, &child_min, &child_nat, NULL, NULL);
        all++;
        nat_sum += child_nat;
        if (rank_of(child) == 0) {
            kept++;
            min_sum += child_min;
        }
        min_max = MAX(min_max, child_min);
        nat_max = MAX(nat_max, child_nat);
    }
    if (orientation == GTK_ORIENTATION_HORIZONTAL) {
        *minimum = min_sum + box->spacing * MAX(kept - 1, 0);
        *natural = MAX(*minimum, nat_sum + box->spacing * MAX(all - 1, 0));
    } else {
        int rows = box->wrap && for_size > 0 && needed_width(box) > for_size ? 2 : 1;
        *minimum = min_max * rows + (rows - 1) * ROW_GAP;
        *natural = nat_max * rows + (rows - 1) * ROW_GAP;
    }
    *minimum_baseline = *natural_baseline = -1;
}

struct slot {
    GtkWidget *child;
    guint rank;
    int minimum, natural, width;
    gboolean shown;
};

/* Takes the highest rank away until the rest fits at its natural size; only rank 0 is squeezed below that. */
static int choose(struct slot *slots, int count, int spacing, int width)
{
    for (;;) {
        int sum = 0, shown = 0;
        guint worst = 0;
        for (int i = 0; i < count; i++) {
            if (!slots[i].shown)
                continue;
            shown++;
            sum += slots[i].natural;
            worst = MAX(worst, slots[i].rank);
        }
        sum += spacing * MAX(shown - 1, 0);
        if (sum <= width || worst == 0)
            return sum;
        for (int i = 0; i < count; i++)
            if (slots[i].rank == worst)
                slots[i].shown = FALSE;
    }
}

/* The upper row takes its half, or as many more as the lower one has no room for; the lower one the rest. Each is evenly spread, and no number stands
 * alone in a row. */
static void allocate_rows(SgShrinkBox *box, struct slot *slots, int count, int width, int height)
{
    gboolean mirrored = gtk_widget_get_direction(GTK_WIDGET(box)) == GTK_TEXT_DIR_RTL;
    int row_height = (height - ROW_GAP) / 2, all = 0;
    for (int i = 0; i < count; i++)
        all += slots[i].natural + (i > 0 ? box->spacing : 0);
    int upper = MAX(all / 2, all - width);
    for (int row = 0, from = 0; row < 2; row++) {
        int to = from, sum = 0;
        while (to < count && (row == 1 || to == from || (sum < upper && sum + box->spacing + slots[to].natural <= width)))
            sum += slots[to].natural + (to > from ? box->spacing : 0), to++;
        /* Numbers that belong together stand together: a row is not spread over more than it needs. */
        int missing = MAX(sum - width, 0), spare = to - from > 1 ? MAX(width - sum, 0) / (to - from - 1) : 0, x = 0;
        spare = MIN(spare, 40);
        for (int i = from; i < to; i++) {
            int give = MIN(missing, slots[i].natural - slots[i].minimum), wide = slots[i].natural - give;
            GtkAllocation place = {mirrored ? width - x - wide : x, row * (row_height + ROW_GAP), wide, row_height};
            missing -= give;
            gtk_widget_set_child_visible(slots[i].child, TRUE);
            gtk_widget_size_allocate(slots[i].child, &place, -1);
            x += wide + box->spacing + spare;
        }
        from = to;
    }
}

static void size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    (void)baseline;
    SgShrinkBox *box = SG_SHRINK_BOX(widget);
    struct slot slots[MAX_CHILDREN];
    int count = 0, shown = 0;
    for (GtkWidget *child = gtk_widget_get_first_child(widget); child != NULL && count < MAX_CHILDREN; child = gtk_widget_get_next_sibling(child)) {
        if (!gtk_widget_should_layout(child))
            continue;
        struct slot *slot = &slots[count++];
        *slot = (struct slot){.child = child, .rank = rank_of(child), .shown = TRUE};
        gtk_widget_measure(child, GTK_ORIENTATION_HORIZONTAL, -1, &slot->minimum, &slot->natural, NULL, NULL);
        slot->width = slot->natural;
    }
    if (box->wrap && needed_width(box) > width) {
        allocate_rows(box, slots, count, width, height);
        return;
    }
    int sum = choose(slots, count, box->spacing, width);
    for (int i = 0; i < count; i++)
        shown += slots[i].shown ? 1 : 0;
    for (int i = 0, missing = sum - width; i < count && missing > 0; i++) {
        int give = slots[i].shown ? MIN(missing, slots[i].natural - slots[i].minimum) : 0;
        slots[i].width -= give;
        missing -= give;
    }
    int spare = box->spread && shown > 1 ? MAX(width - sum, 0) : 0;
    int x = box->spread ? 0 : MAX(width - sum, 0), placed = 0;
    gboolean mirrored = gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL;
    for (int i = 0; i < count; i++) {
        gtk_widget_set_child_visible(slots[i].child, slots[i].shown);
        if (!slots[i].shown)
            continue;
        GtkAllocation place = {.x = mirrored ? width - x - slots[i].width : x, .y = 0, .width = slots[i].width, .height = height};
        gtk_widget_size_allocate(slots[i].child, &place, -1);
        placed++;
        x += slots[i].width + box->spacing;
        if (spare > 0) {
            int part = spare / (shown - placed > 0 ? shown - placed : 1);
            x += part;
            spare -= part;
        }
    }
}

static void dispose(GObject *object)
{
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))) != NULL)
        gtk_widget_unparent(child);
    G_OBJECT_CLASS(sg_shrink_box_parent_class)->dispose(object);
}

static void sg_shrink_box_class_init(SgShrinkBoxClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
    G_OBJECT_CLASS(klass)->dispose = dispose;
    widget_class->measure = measure;
    widget_class->get_request_mode = request_mode;
    widget_class->size_allocate = size_allocate;
    gtk_widget_class_set_css_name(widget_class, "shrinkbox");
    gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void sg_shrink_box_init(SgShrinkBox *box)
{
    box->spacing = 6;
    gtk_widget_set_overflow(GTK_WIDGET(box), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *sg_shrink_box_new(int spacing, gboolean spread)
{
    SgShrinkBox *box = g_object_new(SG_TYPE_SHRINK_BOX, NULL);
    box->spacing = spacing;
    box->spread = spread;
    return GTK_WIDGET(box);
}

void sg_shrink_box_set_wrap(SgShrinkBox *box, gboolean wrap)
{
    box->wrap = wrap;
    gtk_widget_queue_resize(GTK_WIDGET(box));
}

void sg_shrink_box_append(SgShrinkBox *box, GtkWidget *child, guint rank)
{
    g_return_if_fail(gtk_widget_get_parent(child) == NULL);
    g_object_set_qdata(G_OBJECT(child), rank_quark(), GUINT_TO_POINTER(rank));
    gtk_widget_insert_before(child, GTK_WIDGET(box), NULL);
}
