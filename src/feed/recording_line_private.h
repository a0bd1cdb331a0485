/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One line of a recording: which form it is of, and what it says. No state, any thread. */
#include "recording_file_private.h"

struct recording_header {
    struct sg_instrument legs[SG_LEG_COUNT];
    enum sg_stream stream;
};

enum line_kind { LINE_RECORD, LINE_HEADER, LINE_SKIP, LINE_BAD };

/* Tells the form by the first bytes of a file. */
bool sg_recording_form_recognise(const char *bytes, size_t length, enum recording_form *ret_form);
/* Reads one line. *recv_us holds the receive time of the record before and is changed to this one's. For LINE_BAD *ret_reason is a
 * constant text. A message's text points into `text`. */
enum line_kind sg_recording_line_parse(enum recording_form form, const char *text, size_t length, int64_t *recv_us, struct recording_record *ret_record,
                                       struct recording_header *ret_header, const char **ret_reason);
/* Whether a last line without a line end holds a whole JSON message. */
bool sg_recording_line_is_whole(enum recording_form form, const char *text, size_t length);
/* The first event time `"E":<digits>` in a piece of text, milliseconds or microseconds by magnitude. */
bool sg_recording_event_time(const char *text, size_t length, int64_t *ret_us);
const char *sg_recording_event_name(enum sg_feed_event_code code);
/* Writes clock_us of a CLOCK event into its detail, as it is recorded. */
void sg_recording_clock_text(struct sg_feed_event *event);
