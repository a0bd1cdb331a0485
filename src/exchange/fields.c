/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recorded JSON text, looked at and patched as text: a parse and a print would not give the same bytes back. */
#include <string.h>

#include "player_private.h"

#define MS_MIN INT64_C(1483228800000) /* 2017-01-01: earlier there was no such exchange */
#define MS_MAX INT64_C(4102444800000) /* 2100-01-01 */

static size_t skip_space(const char *text, size_t length, size_t at)
{
    while (at < length && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r'))
        at++;
    return at;
}

/* After the string that begins at `at`; length when it does not end. */
static size_t skip_string(const char *text, size_t length, size_t at)
{
    for (at++; at < length; at++) {
        if (text[at] == '\\')
            at++;
        else if (text[at] == '"')
            return at + 1;
    }
    return length;
}

/* After the value that begins at `at`. */
static size_t skip_value(const char *text, size_t length, size_t at)
{
    size_t depth = 0;
    while (at < length) {
        const char c = text[at];
        if (c == '"') {
            at = skip_string(text, length, at);
        } else if (c == '{' || c == '[') {
            depth++;
            at++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return at;
            depth--;
            at++;
        } else if (c == ',' && depth == 0) {
            return at;
        } else {
            at++;
            continue;
        }
        if (depth == 0 && (c == '"' || c == '}' || c == ']'))
            return at;
    }
    return length;
}

size_t sg_ex_fields(const char *text, size_t length, struct sg_ex_field *fields, size_t capacity)
{
    size_t count = 0;
    size_t at = skip_space(text, length, 0);
    if (at == length || text[at] != '{')
        return 0;
    at++;
    while (count < capacity) {
        at = skip_space(text, length, at);
        if (at >= length || text[at] != '"')
            break;
        const size_t key = at + 1;
        at = skip_string(text, length, at);
        const size_t key_end = at - 1;
        at = skip_space(text, length, at);
        if (at >= length || text[at] != ':')
            break;
        at = skip_space(text, length, at + 1);
        const size_t value = at;
        at = skip_value(text, length, at);
        size_t value_end = at;
        while (value_end > value && (text[value_end - 1] == ' ' || text[value_end - 1] == '\t'))
            value_end--;
        fields[count++] = (struct sg_ex_field){{text + key, key_end - key}, {text + value, value_end - value}};
        at = skip_space(text, length, at);
        if (at >= length || text[at] != ',')
            break;
        at++;
    }
    return count;
}

struct sg_ex_slice sg_ex_field_value(const struct sg_ex_field *fields, size_t count, const char *key, bool unquoted)
{
    for (size_t i = 0; i < count; i++) {
        if (fields[i].key.length != strlen(key) || memcmp(fields[i].key.text, key, fields[i].key.length) != 0)
            continue;
        struct sg_ex_slice value = fields[i].value;
        if (unquoted && value.length >= 2 && value.text[0] == '"')
            value = (struct sg_ex_slice){value.text + 1, value.length - 2};
        return value;
    }
    return (struct sg_ex_slice){"", 0};
}

/* What the integers of one-letter keys mean depends on the kind of message. */
struct meaning {
    const char *event; /* value of "e"; NULL: the rest */
    const char *times, *trade_ids, *aggregate_ids, *update_ids;
};

static const struct meaning meanings[] = {
    {"trade", "ET", "t", "", ""},        {"aggTrade", "ET", "fl", "a", ""}, {"kline", "EtT", "fL", "", ""},    {"24hrTicker", "EOC", "FL", "", ""},
    {"1hTicker", "EOC", "FL", "", ""},   {"4hTicker", "EOC", "FL", "", ""}, {"1dTicker", "EOC", "FL", "", ""}, {"depthUpdate", "ET", "", "", "Uu"},
    {"referencePrice", "t", "", "", ""}, {NULL, "ET", "", "", "u"},
};

static const struct meaning *meaning_of(const char *text, size_t length)
{
    static const char key[] = "\"e\":\"";
    const char *at = memmem(text, length, key, sizeof key - 1);
    const size_t last = sizeof meanings / sizeof meanings[0] - 1;
    for (size_t i = 0; at && i < last; i++) {
        const size_t n = strlen(meanings[i].event), from = (size_t)(at - text) + sizeof key - 1;
        if (from + n < length && memcmp(text + from, meanings[i].event, n) == 0 && text[from + n] == '"')
            return &meanings[i];
    }
    return &meanings[last];
}

static bool patch(char key, const char *digits, size_t length, const struct meaning *meaning, const struct sg_ex_rewrite *rule, struct sg_buffer *out)
{
    int64_t value;
    if (sg_decimal_to_int64(digits, length, 0, INT64_MAX / 2000, &value) != SG_OK)
        return false;
    if (strchr(meaning->times, key)) {
        const bool in_ms = value >= MS_MIN && value < MS_MAX;
        const bool in_us = value >= MS_MIN * 1000 && value < MS_MAX * 1000;
        if (!in_ms && !in_us)
            return false;
        const int64_t time_us = (in_ms ? value * 1000 : value) + rule->shift_us;
        sg_buffer_append_int64(out, in_ms && !rule->to_microseconds ? time_us / 1000 : time_us);
        return true;
    }
    const int64_t add = strchr(meaning->trade_ids, key)       ? rule->trade_ids
                        : strchr(meaning->aggregate_ids, key) ? rule->aggregate_ids
                        : strchr(meaning->update_ids, key)    ? rule->update_ids
                                                              : 0;
    if (!add)
        return false;
    sg_buffer_append_int64(out, value + add);
    return true;
}

void sg_ex_rewrite(const char *text, size_t length, const struct sg_ex_rewrite *rule, struct sg_buffer *out)
{
    const struct meaning *meaning = meaning_of(text, length);
    size_t copied = 0;
    for (size_t at = 0; at < length;) {
        if (text[at] != '"') {
            at++;
            continue;
        }
        const size_t begin = at;
        at = skip_string(text, length, at);
        size_t value = skip_space(text, length, at);
        if (at - begin != 3 || value >= length || text[value] != ':')
            continue;
        value = skip_space(text, length, value + 1);
        size_t end = value;
        while (end < length && text[end] >= '0' && text[end] <= '9')
            end++;
        at = value;
        if (end == value)
            continue;
        sg_buffer_append(out, text + copied, value - copied);
        copied = value;
        if (patch(text[begin + 1], text + value, end - value, meaning, rule, out))
            copied = end;
        at = end;
    }
    sg_buffer_append(out, text + copied, length - copied);
}
