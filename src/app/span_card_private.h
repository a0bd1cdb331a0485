/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The card of a marked span: its own statistics, each with its uncertainty or with why it does not exist. It shows; it computes nothing. */
#include <gtk/gtk.h>
#include "spreadglass/engine/span_analyst.h"

#define SG_TYPE_SPAN_CARD (sg_span_card_get_type())
G_DECLARE_FINAL_TYPE(SgSpanCard, sg_span_card, SG, SPAN_CARD, GtkWidget)

GtkWidget *sg_span_card_new(void);
/* What the span is: at once. `count` 0: there are no bars in it. */
void sg_span_card_set_span(SgSpanCard *card, size_t count, gint64 first_us, gint64 last_us, gboolean utc);
/* The numbers; NULL: being computed. `name_a`, `name_b`: symbols. */
void sg_span_card_set_answer(SgSpanCard *card, const struct sg_span_answer *answer, const char *name_a, const char *name_b, gint64 interval_us);
/* Height of what it lies over, px: in little room it begins with fewer lines, unless a person said how many. */
#define SG_SPAN_CARD_ROOM 460
void sg_span_card_set_room(SgSpanCard *card, int height);
/* A person dragged it somewhere: nobody else moves it, until the place is forgotten. */
gboolean sg_span_card_is_moved(SgSpanCard *card);
void sg_span_card_forget_place(SgSpanCard *card);
/* Wide and low, with what a glance asks for, to stand below the charts. */
void sg_span_card_set_docked(SgSpanCard *card, gboolean docked);
gboolean sg_span_card_is_docked(SgSpanCard *card);
