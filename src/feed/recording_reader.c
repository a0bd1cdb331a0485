/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several files as one recording: each holds its next record, the earliest goes first. */
#include "spreadglass/feed/recording_reader.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "recording_file_private.h"

#define DESCRIBE_MESSAGES 2000
#define DESCRIBE_SYMBOLS 64

struct input {
    struct recording_file file;
    struct recording_record record;
    bool loaded; /* `record` is the next one of this file */
    bool ended;
};

struct reader {
    struct sg_recording base;
    size_t count;
    char warning[512];
    struct input inputs[];
};

static enum sg_status load_all(struct reader *reader, struct sg_error *error)
{
    for (size_t i = 0; i < reader->count; i++) {
        struct input *input = &reader->inputs[i];
        if (input->loaded || input->ended)
            continue;
        enum sg_status status = sg_recording_file_next(&input->file, &input->record, error);
        if (status == SG_ERR_END)
            input->ended = true;
        else if (status != SG_OK)
            return status;
        else
            input->loaded = true;
    }
    return SG_OK;
}

static enum sg_status reader_next(struct sg_recording *recording, struct sg_recorded_message *ret_message, struct sg_error *error)
{
    struct reader *reader = (struct reader *)recording;
    for (;;) {
        enum sg_status status = load_all(reader, error);
        if (status != SG_OK)
            return status;
        struct input *first = NULL;
        for (size_t i = 0; i < reader->count; i++) {
            struct input *input = &reader->inputs[i];
            if (input->loaded && (!first || input->record.recv_us < first->record.recv_us))
                first = input;
        }
        if (!first)
            return SG_ERR_END;
        first->loaded = false; /* its text stays valid until the file is asked again, in the next call */
        if (first->record.kind == RECORD_MESSAGE) {
            *ret_message = first->record.message;
            return SG_OK;
        }
        if (first->record.kind == RECORD_EVENT && recording->on_event)
            recording->on_event(recording->event_context, &first->record.event);
        if (first->record.kind == RECORD_ALIVE && recording->on_alive)
            recording->on_alive(recording->event_context, first->record.recv_us);
        if (first->record.kind == RECORD_END && recording->on_end)
            recording->on_end(recording->event_context, first->record.recv_us);
        if (first->record.kind != RECORD_HISTORY || !recording->on_history)
            continue;
        struct sg_error reason = {0};
        status = recording->on_history(recording->event_context, first->record.recv_us, first->record.message.text, first->record.message.length, &reason);
        if (status != SG_OK)
            return sg_fail(error, status, "%s:%llu: %s", first->file.path, (unsigned long long)first->file.lines.line, reason.text);
    }
}

static enum sg_status reader_rewind(struct sg_recording *recording, struct sg_error *error)
{
    struct reader *reader = (struct reader *)recording;
    for (size_t i = 0; i < reader->count; i++) {
        enum sg_status status = sg_recording_file_rewind(&reader->inputs[i].file, error);
        if (status != SG_OK)
            return status;
        reader->inputs[i].loaded = reader->inputs[i].ended = false;
    }
    return SG_OK;
}

static const char *reader_warning(struct sg_recording *recording)
{
    struct reader *reader = (struct reader *)recording;
    size_t length = 0;
    reader->warning[0] = '\0';
    for (size_t i = 0; i < reader->count; i++) {
        const char *warning = sg_recording_file_warning(&reader->inputs[i].file);
        if (!warning)
            continue;
        int added = snprintf(reader->warning + length, sizeof reader->warning - length, "%s%s", length ? "; " : "", warning);
        length += added > 0 ? (size_t)added : 0;
        if (length >= sizeof reader->warning)
            break;
    }
    return length ? reader->warning : NULL;
}

static void reader_free(struct sg_recording *recording)
{
    if (!recording)
        return;
    struct reader *reader = (struct reader *)recording;
    for (size_t i = 0; i < reader->count; i++)
        sg_recording_file_close(&reader->inputs[i].file);
    free(reader);
}

struct sg_recording *sg_recording_open(const char *const *files, size_t count, struct sg_error *error)
{
    if (count == 0 || count > SG_RECORDING_FILES_MAX) {
        sg_fail(error, SG_ERR_INVALID, "a recording is made of 1 to %d files, not %zu", SG_RECORDING_FILES_MAX, count);
        return NULL;
    }
    struct reader *reader = calloc(1, sizeof *reader + count * sizeof reader->inputs[0]);
    if (!reader) {
        sg_fail(error, SG_ERR_NOMEM, "no memory to open a recording");
        return NULL;
    }
    reader->base.next = reader_next;
    reader->base.rewind = reader_rewind;
    reader->base.free = reader_free;
    reader->base.warning = reader_warning;
    for (size_t i = 0; i < count; i++) {
        if (sg_recording_file_open(&reader->inputs[i].file, files[i], error) != SG_OK) {
            reader_free(&reader->base);
            return NULL;
        }
        reader->count = i + 1;
    }
    return &reader->base;
}

void sg_recording_progress(const struct sg_recording *recording, uint64_t *ret_read, uint64_t *ret_total)
{
    const struct reader *reader = (const struct reader *)recording;
    uint64_t read = 0, total = 0;
    for (size_t i = 0; i < reader->count; i++) {
        read += sg_recording_file_read_bytes(&reader->inputs[i].file);
        total += reader->inputs[i].file.size;
    }
    *ret_read = read < total ? read : total;
    *ret_total = total;
}

enum sg_status sg_recording_span(const char *const *files, size_t count, const atomic_bool *cancelled, int64_t *ret_first_us, int64_t *ret_last_us,
                                 struct sg_error *error)
{
    int64_t first_us = INT64_MAX, last_us = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        struct recording_file file;
        struct recording_record record;
        enum sg_status status = sg_recording_file_open(&file, files[i], error);
        while (status == SG_OK && !(cancelled && atomic_load(cancelled))) {
            status = sg_recording_file_next(&file, &record, error);
            if (status != SG_OK)
                break;
            first_us = record.recv_us < first_us ? record.recv_us : first_us;
            last_us = record.recv_us > last_us ? record.recv_us : last_us;
        }
        sg_recording_file_close(&file);
        if (cancelled && atomic_load(cancelled))
            return SG_ERR_CANCELLED;
        if (status != SG_OK && status != SG_ERR_END)
            return status;
    }
    if (first_us > last_us)
        return SG_ERR_NOT_FOUND;
    *ret_first_us = first_us;
    *ret_last_us = last_us;
    return SG_OK;
}

/* What the messages of a recording without a header are about. */
struct census {
    char symbols[DESCRIBE_SYMBOLS][SG_SYMBOL_BUF];
    unsigned symbol_count;
    unsigned trades, tickers, books;
    bool futures;
};

static void count_object(struct census *census, const cJSON *object)
{
    const char *symbol = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "s"));
    const char *event = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "e"));
    if (!symbol || !symbol[0] || strlen(symbol) >= SG_SYMBOL_BUF)
        return;
    if (!event && cJSON_HasObjectItem(object, "u") && cJSON_HasObjectItem(object, "b") && cJSON_HasObjectItem(object, "a"))
        event = "bookTicker"; /* the spot form has no name of its own */
    if (!event)
        return;
    if (strcmp(event, "trade") == 0 || strcmp(event, "aggTrade") == 0)
        census->trades++;
    else if (strcmp(event, "24hrMiniTicker") == 0)
        census->tickers++;
    else if (strcmp(event, "bookTicker") == 0)
        census->books++;
    else
        return;
    /* Only the futures market stamps its book tickers and says what kind of order a trade came from. */
    if ((strcmp(event, "bookTicker") == 0 && cJSON_HasObjectItem(object, "E")) || cJSON_HasObjectItem(object, "X"))
        census->futures = true;
    for (unsigned i = 0; i < census->symbol_count; i++)
        if (strcmp(census->symbols[i], symbol) == 0)
            return;
    if (census->symbol_count < DESCRIBE_SYMBOLS)
        snprintf(census->symbols[census->symbol_count++], SG_SYMBOL_BUF, "%s", symbol);
}

static void count_message(struct census *census, const char *text, size_t length)
{
    cJSON *json = cJSON_ParseWithLength(text, length);
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(json, "data");
    const cJSON *payload = data ? data : json;
    if (cJSON_IsArray(payload)) {
        const cJSON *item;
        cJSON_ArrayForEach(item, payload) count_object(census, item);
    } else if (cJSON_IsObject(payload)) {
        count_object(census, payload);
    }
    cJSON_Delete(json);
}

static int compare_symbols(const void *left, const void *right)
{
    return strcmp(left, right);
}

/* Looks at the beginning of one file. */
static enum sg_status describe_file(const char *path, struct census *census, struct sg_recording_info *info, struct sg_error *error)
{
    struct recording_file file;
    struct recording_record record;
    enum sg_status status = sg_recording_file_open(&file, path, error);
    if (status != SG_OK)
        return status;
    for (unsigned i = 0; i < DESCRIBE_MESSAGES; i++) {
        status = sg_recording_file_next(&file, &record, error);
        if (status != SG_OK || file.has_header)
            break;
        if (record.kind == RECORD_MESSAGE)
            count_message(census, record.message.text, record.message.length);
    }
    if (file.has_header) {
        info->has_header = info->has_legs = info->has_stream = true;
        memcpy(info->legs, file.legs, sizeof info->legs);
        info->stream = file.stream;
        status = SG_OK; /* what comes after the header is the reader's to judge */
    }
    sg_recording_file_close(&file);
    return status == SG_ERR_END ? SG_OK : status;
}

enum sg_status sg_recording_describe(const char *const *files, size_t count, struct sg_recording_info *ret_info, struct sg_error *error)
{
    struct sg_recording_info info = {0};
    struct census *census = calloc(1, sizeof *census);
    if (!census)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to look at a recording");
    enum sg_status status = SG_OK;
    for (size_t i = 0; i < count && status == SG_OK; i++)
        status = describe_file(files[i], census, &info, error);
    if (status == SG_OK && !info.has_header) {
        qsort(census->symbols, census->symbol_count, sizeof census->symbols[0], compare_symbols);
        info.symbol_count = census->symbol_count;
        info.has_legs = census->symbol_count >= SG_LEG_COUNT;
        for (unsigned leg = 0; leg < SG_LEG_COUNT && leg < census->symbol_count; leg++) {
            memcpy(info.legs[leg].symbol, census->symbols[leg], SG_SYMBOL_BUF);
            info.legs[leg].market = census->futures ? SG_MARKET_USDM : SG_MARKET_SPOT;
        }
        info.has_stream = census->trades + census->tickers + census->books > 0;
        /* Trades say the most, then tickers: a capture with several kinds is read by the best of them. */
        info.stream = census->trades ? SG_STREAM_TRADE : census->tickers ? SG_STREAM_TICKER : SG_STREAM_BOOK;
    }
    free(census);
    if (status == SG_OK)
        *ret_info = info;
    return status;
}
