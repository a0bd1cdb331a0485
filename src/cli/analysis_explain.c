/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `analyze --explain`: how every number was made. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analysis_report_private.h"
#include "spreadglass/base/buffer.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/engine/explain.h"

#define EXPLANATION_LIMIT (1 << 20)
#define CSV_CHUNK 65536

static void text_number(struct sg_buffer *text, const struct sg_explanation *e)
{
    sg_buffer_append_format(text, "%s = %s\n  formula     %s\n  parameters  %s\n  bars        %s\n", e->name, e->value_text, e->formula, e->parameters,
                            e->bars);
}

static void json_text(struct sg_buffer *text, const char *name, const char *value)
{
    sg_buffer_append_format(text, ",\"%s\":", name);
    sg_buffer_append_json_string(text, value, strlen(value));
}

static void json_number(struct sg_buffer *text, const struct sg_history *history, const struct sg_explanation *e)
{
    sg_buffer_append_format(text, "{\"number\":\"%s\",\"value\":", e->key);
    sg_buffer_append_double(text, e->value);
    if (isnan(e->value))
        json_text(text, "reason", e->value_text);
    json_text(text, "formula", e->formula);
    json_text(text, "parameters", e->parameters);
    sg_buffer_append_format(text, ",\"bars\":{\"set\":\"%s\",\"count\":%zu,\"no_longer_kept\":%" PRIu64 ",\"first\":", e->set, e->count, e->older);
    if (e->count == 0) {
        sg_buffer_append_text(text, "null,\"last\":null}}");
        return;
    }
    sg_buffer_append_int64(text, history->time_us[e->first] / SG_US_PER_MS);
    sg_buffer_append_text(text, ",\"last\":");
    sg_buffer_append_int64(text, history->time_us[e->first + e->count - 1] / SG_US_PER_MS);
    sg_buffer_append_text(text, "}}");
}

enum sg_status sg_analysis_write_explanation(const struct sg_analysis *analysis, enum sg_format format, FILE *stream)
{
    const struct sg_history *history = &analysis->offline.history;
    struct sg_pair_view view;
    struct sg_buffer text;
    enum sg_status status = SG_OK;
    sg_pair_view_of_offline(&analysis->offline, &analysis->params, analysis->legs, &view);
    sg_buffer_init(&text, EXPLANATION_LIMIT);
    if (format == SG_FORMAT_CSV) {
        size_t row = 0;
        do {
            status = sg_explain_sets_csv(&view, &row, CSV_CHUNK, &text);
            if (status == SG_OK)
                status = sg_analysis_flush(&text, stream);
        } while (status == SG_OK && row < history->length);
        sg_buffer_free(&text);
        return status;
    }
    if (format == SG_FORMAT_JSON)
        sg_buffer_append_text(&text, "[");
    else
        sg_buffer_append_format(&text, "%s  %s  %zu bars; a is the close of %s, b of %s\n", analysis->pair, analysis->interval, history->length,
                                analysis->legs[SG_LEG_A].symbol, analysis->legs[SG_LEG_B].symbol);
    for (int which = 0; which < SG_EXPLAIN_COUNT; which++) {
        struct sg_explanation e;
        sg_explain(&view, (enum sg_explained)which, &e);
        if (format == SG_FORMAT_JSON) {
            sg_buffer_append_text(&text, which > 0 ? ",\n " : "");
            json_number(&text, history, &e);
        } else {
            text_number(&text, &e);
        }
    }
    if (format == SG_FORMAT_JSON)
        sg_buffer_append_text(&text, "]\n");
    status = sg_analysis_flush(&text, stream);
    sg_buffer_free(&text);
    return status;
}
