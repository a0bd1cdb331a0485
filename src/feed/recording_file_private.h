/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One file of a recording: its bytes (plain or gzip), its form, and its records one by one. */
#include <stdbool.h>
#include <zlib.h>
#include "spreadglass/base/line_reader.h"
#include "spreadglass/feed/recording_reader.h"

enum recording_form { FORM_OWN, FORM_NANOSECONDS, FORM_SECONDS, FORM_PLAIN };

struct recording_file {
    char *path;
    gzFile gz;
    struct sg_line_reader lines;
    uint64_t size; /* on disk */
    enum recording_form form;
    bool early_end; /* the gzip stream broke off */
    bool torn_line;
    bool has_header; /* of the own form; then the four below */
    struct sg_instrument legs[SG_LEG_COUNT];
    enum sg_stream stream;
    int64_t last_us;    /* receive time of the last record; never goes back */
    uint64_t backwards; /* receive times that were raised */
    uint64_t first_backwards_line;
    char warning[256];
};

enum record_kind { RECORD_MESSAGE, RECORD_EVENT, RECORD_ALIVE, RECORD_HISTORY /* message: the whole line */, RECORD_END };

/* One record of any kind. */
struct recording_record {
    enum record_kind kind;
    int64_t recv_us; /* also in the message or event */
    struct sg_recorded_message message;
    struct sg_feed_event event;
};

enum sg_status sg_recording_file_open(struct recording_file *file, const char *path, struct sg_error *error);
/* SG_ERR_END at the end. The message's text is valid until the next call. */
enum sg_status sg_recording_file_next(struct recording_file *file, struct recording_record *ret_record, struct sg_error *error);
enum sg_status sg_recording_file_rewind(struct recording_file *file, struct sg_error *error);
void sg_recording_file_close(struct recording_file *file);
uint64_t sg_recording_file_read_bytes(const struct recording_file *file);
/* What was survived so far, or NULL. */
const char *sg_recording_file_warning(struct recording_file *file);
