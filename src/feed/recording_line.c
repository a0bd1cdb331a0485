/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forms of a line of a recording. Times are read from digits directly: no floating point touches them. */
#include "recording_line_private.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define US_MIN INT64_C(946684800000000)  /* 2000-01-01 */
#define US_MAX INT64_C(4102444800000000) /* 2100-01-01 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool starts_with(const char *text, size_t length, const char *prefix)
{
    size_t size = strlen(prefix);
    return length >= size && memcmp(text, prefix, size) == 0;
}

/* Digits at the beginning of `text`; at most 19, so that no int64 overflows. Returns how many there are. */
static size_t read_digits(const char *text, size_t length, int64_t *ret_value)
{
    int64_t value = 0;
    size_t count = 0;
    while (count < length && is_digit(text[count])) {
        if (count == 19 || value > (INT64_MAX - 9) / 10)
            return 0;
        value = value * 10 + (text[count] - '0');
        count++;
    }
    *ret_value = value;
    return count;
}

bool sg_recording_form_recognise(const char *bytes, size_t length, enum recording_form *ret_form)
{
    size_t skip = 0;
    while (skip < length && (bytes[skip] == '\n' || bytes[skip] == '\r' || bytes[skip] == ' '))
        skip++;
    bytes += skip;
    length -= skip;
    if (length == 0)
        return false;
    /* A file that broke off within its first line is still what its beginning says. */
    static const char header[] = "{\"spreadglass\":";
    size_t compared = length < sizeof header - 1 ? length : sizeof header - 1;
    if (length >= 2 && memcmp(bytes, header, compared) == 0) {
        *ret_form = FORM_OWN;
        return true;
    }
    int64_t value;
    if (starts_with(bytes, length, "{\"t\":")) {
        size_t count = read_digits(bytes + 5, length - 5, &value);
        const char *rest = bytes + 5 + count;
        size_t left = length - 5 - count;
        if (count > 0 && (starts_with(rest, left, ",\"m\":") || starts_with(rest, left, ",\"leg\":") || starts_with(rest, left, ",\"event\":") ||
                          starts_with(rest, left, ",\"alive\":") || starts_with(rest, left, ",\"history\":") || starts_with(rest, left, ",\"end\":"))) {
            *ret_form = FORM_OWN;
            return true;
        }
    }
    if (starts_with(bytes, length, "ws://") || starts_with(bytes, length, "wss://")) {
        *ret_form = FORM_SECONDS;
        return true;
    }
    size_t count = read_digits(bytes, length, &value);
    if (count >= 18 && count < length && bytes[count] == ' ' && value / 1000 >= US_MIN && value / 1000 < US_MAX) {
        *ret_form = FORM_NANOSECONDS;
        return true;
    }
    if (count >= 9 && count <= 10 && count < length && (bytes[count] == '.' || bytes[count] == ':')) {
        size_t at = count;
        if (bytes[at] == '.')
            for (at++; at < length && is_digit(bytes[at]); at++) {
            }
        if (at + 1 < length && bytes[at] == ':' && bytes[at + 1] == ' ') {
            *ret_form = FORM_SECONDS;
            return true;
        }
    }
    if (bytes[0] == '{') {
        *ret_form = FORM_PLAIN;
        return true;
    }
    if (bytes[0] == '[' && length > 1 && bytes[1] == '{') {
        *ret_form = FORM_PLAIN;
        return true;
    }
    return false;
}

bool sg_recording_event_time(const char *text, size_t length, int64_t *ret_us)
{
    const char *end = text + length;
    for (const char *at = text; at < end;) {
        const char *found = memmem(at, (size_t)(end - at), "\"E\":", 4);
        if (!found)
            return false;
        int64_t value;
        size_t count = read_digits(found + 4, (size_t)(end - found - 4), &value);
        /* Digits that touch the end of the piece may go on behind it. */
        if (count > 0 && found + 4 + count < end) {
            int64_t time_us = value >= INT64_C(100000000000000) ? value : value <= INT64_MAX / 1000 ? value * 1000 : 0;
            if (time_us >= US_MIN && time_us < US_MAX) {
                *ret_us = time_us;
                return true;
            }
        }
        at = found + 4;
    }
    return false;
}

const char *sg_recording_event_name(enum sg_feed_event_code code)
{
    return code == SG_EVENT_CLOCK         ? "clock"
           : code == SG_EVENT_MAINTENANCE ? "maintenance"
           : code == SG_EVENT_RECOVERED   ? "recovered"
                                          : sg_feed_event_name(code);
}

/* The code of an event's name as it stands in a recording. */
static bool event_code(const char *name, enum sg_feed_event_code *ret_code)
{
    for (int code = 0; code < SG_EVENT_COUNT; code++)
        if (strcmp(name, sg_recording_event_name((enum sg_feed_event_code)code)) == 0) {
            *ret_code = (enum sg_feed_event_code)code;
            return true;
        }
    *ret_code = strcmp(name, sg_recording_event_name(SG_EVENT_CLOCK)) == 0 ? SG_EVENT_CLOCK : SG_EVENT_MAINTENANCE;
    return strcmp(name, sg_recording_event_name(*ret_code)) == 0;
}

void sg_recording_clock_text(struct sg_feed_event *event)
{
    if (event->clock_us > 0)
        snprintf(event->detail, sizeof event->detail, "%" PRId64, event->clock_us);
    else
        snprintf(event->detail, sizeof event->detail, "%s", event->clock_us == SG_CLOCK_AWAITED ? "awaited" : "unknown");
}

/* The other way round; false: it says none of what it can say. */
static bool read_clock_event(struct sg_feed_event *event)
{
    size_t length = strlen(event->detail);
    if (strcmp(event->detail, "awaited") == 0)
        event->clock_us = SG_CLOCK_AWAITED;
    else if (strcmp(event->detail, "unknown") == 0)
        event->clock_us = SG_CLOCK_UNKNOWN;
    else
        return length > 0 && read_digits(event->detail, length, &event->clock_us) == length && event->clock_us >= US_MIN && event->clock_us < US_MAX;
    return true;
}

static bool is_json(const char *text, size_t length)
{
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(text, length, &end, 0);
    bool whole = json != NULL;
    for (; whole && end < text + length; end++)
        whole = *end == ' ' || *end == '\t' || *end == '\r' || *end == '\0';
    cJSON_Delete(json);
    return whole;
}

static enum line_kind bad(const char **ret_reason, const char *reason)
{
    *ret_reason = reason;
    return LINE_BAD;
}

static enum line_kind take_message(const char *text, size_t length, struct recording_record *ret_record, const char **ret_reason)
{
    if (length == 0 || (text[0] != '{' && text[0] != '['))
        return bad(ret_reason, "the time is not followed by a JSON message");
    ret_record->kind = RECORD_MESSAGE;
    ret_record->message.text = text;
    ret_record->message.length = length;
    return LINE_RECORD;
}

static enum line_kind parse_header(const char *text, size_t length, struct recording_header *ret_header, const char **ret_reason)
{
    cJSON *json = cJSON_ParseWithLength(text, length);
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(json, "spreadglass");
    const char *market = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "market"));
    const char *pair = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "pair"));
    const char *stream = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "stream"));
    enum line_kind kind = LINE_HEADER;
    enum sg_market which = SG_MARKET_SPOT;
    if (!cJSON_IsNumber(version) || !market || !pair || !stream)
        kind = bad(ret_reason, "the header line of the recording is damaged");
    else if (version->valueint < 1 || version->valueint > 3 || version->valuedouble != version->valueint)
        kind = bad(ret_reason, "a recording of a later version of this program: this one reads versions 1 to 3");
    else if (sg_market_parse(market, &which) != SG_OK || sg_stream_parse(stream, &ret_header->stream) != SG_OK ||
             sg_pair_parse(pair, which, ret_header->legs, NULL) != SG_OK)
        kind = bad(ret_reason, "the header line names a market, pair or stream that does not exist");
    cJSON_Delete(json);
    return kind;
}

static enum line_kind parse_event(const char *text, size_t length, struct recording_record *ret_record, const char **ret_reason)
{
    cJSON *json = cJSON_ParseWithLength(text, length);
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "event"));
    const cJSON *leg = cJSON_GetObjectItemCaseSensitive(json, "leg");
    const char *detail = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "detail"));
    enum line_kind kind = LINE_RECORD;
    memset(&ret_record->event, 0, sizeof ret_record->event);
    ret_record->kind = RECORD_EVENT;
    if (!name || !event_code(name, &ret_record->event.code))
        kind = bad(ret_reason, "an event without a name that is known");
    else if (leg && (!cJSON_IsNumber(leg) || leg->valueint < -1 || leg->valueint >= SG_LEG_COUNT || leg->valuedouble != leg->valueint))
        kind = bad(ret_reason, "an event whose leg is not -1, 0 or 1");
    else {
        ret_record->event.leg = leg ? leg->valueint : -1;
        if (detail) {
            size_t size = strnlen(detail, sizeof ret_record->event.detail - 1);
            /* Not in the middle of a UTF-8 character. */
            while (size > 0 && detail[size] != '\0' && ((unsigned char)detail[size] & 0xc0) == 0x80)
                size--;
            memcpy(ret_record->event.detail, detail, size);
        }
        if (ret_record->event.code == SG_EVENT_CLOCK && !read_clock_event(&ret_record->event))
            kind = bad(ret_reason, "a clock that shows no time between the years 2000 and 2100");
    }
    cJSON_Delete(json);
    return kind;
}

static enum line_kind parse_own(const char *text, size_t length, int64_t *recv_us, struct recording_record *ret_record, struct recording_header *ret_header,
                                const char **ret_reason)
{
    if (starts_with(text, length, "{\"spreadglass\":"))
        return parse_header(text, length, ret_header, ret_reason);
    if (!starts_with(text, length, "{\"t\":"))
        return bad(ret_reason, "not a line of a recording: expected {\"t\":TIME,…}");
    int64_t time_us;
    size_t count = read_digits(text + 5, length - 5, &time_us);
    const char *rest = text + 5 + count;
    size_t left = length - 5 - count;
    if (count == 0 || time_us < US_MIN || time_us >= US_MAX)
        return bad(ret_reason, "the receive time is not a number of microseconds since 1970 between the years 2000 and 2100");
    *recv_us = time_us;
    if (starts_with(rest, left, ",\"event\":"))
        return parse_event(text, length, ret_record, ret_reason);
    if (left == 11 && starts_with(rest, left, ",\"alive\":1}")) {
        ret_record->kind = RECORD_ALIVE;
        return LINE_RECORD;
    }
    if (left == 9 && starts_with(rest, left, ",\"end\":1}")) {
        ret_record->kind = RECORD_END;
        return LINE_RECORD;
    }
    if (starts_with(rest, left, ",\"history\":")) {
        ret_record->kind = RECORD_HISTORY;
        ret_record->message.text = text;
        ret_record->message.length = length;
        return LINE_RECORD;
    }
    static const char leg[] = ",\"leg\":";
    const size_t named = sizeof leg; /* and its digit */
    if (left > named && starts_with(rest, left, leg) && (rest[named - 1] == '0' || rest[named - 1] == '1')) {
        ret_record->message.leg_number = 1u + (unsigned)(rest[named - 1] - '0');
        rest += named;
        left -= named;
    }
    if (!starts_with(rest, left, ",\"m\":") || left < 6 || rest[left - 1] != '}')
        return bad(ret_reason, "not a line of a recording: expected {\"t\":TIME,\"m\":MESSAGE}");
    ret_record->kind = RECORD_MESSAGE;
    ret_record->message.text = rest + 5;
    ret_record->message.length = left - 6;
    return LINE_RECORD;
}

static enum line_kind parse_nanoseconds(const char *text, size_t length, int64_t *recv_us, struct recording_record *ret_record, const char **ret_reason)
{
    int64_t value;
    size_t count = read_digits(text, length, &value);
    if (count == 0 || count >= length || text[count] != ' ')
        return bad(ret_reason, "expected `<nanoseconds> <json>`");
    if (value / 1000 < US_MIN || value / 1000 >= US_MAX)
        return bad(ret_reason, "the receive time is not a number of nanoseconds since 1970 between the years 2000 and 2100");
    *recv_us = value / 1000;
    return take_message(text + count + 1, length - count - 1, ret_record, ret_reason);
}

static enum line_kind parse_seconds(const char *text, size_t length, int64_t *recv_us, struct recording_record *ret_record, const char **ret_reason)
{
    if (starts_with(text, length, "ws://") || starts_with(text, length, "wss://"))
        return LINE_SKIP;
    int64_t seconds;
    size_t at = read_digits(text, length, &seconds);
    if (at == 0 || seconds > US_MAX / 1000000)
        return bad(ret_reason, "expected `<seconds>: <json>`");
    int64_t micros = 0, unit = 100000;
    if (at < length && text[at] == '.')
        for (at++; at < length && is_digit(text[at]); at++, unit /= 10)
            micros += (text[at] - '0') * unit;
    if (at + 2 > length || text[at] != ':' || text[at + 1] != ' ')
        return bad(ret_reason, "expected `<seconds>: <json>`");
    int64_t time_us = seconds * 1000000 + micros;
    if (time_us < US_MIN || time_us >= US_MAX)
        return bad(ret_reason, "the receive time is not between the years 2000 and 2100");
    *recv_us = time_us;
    return take_message(text + at + 2, length - at - 2, ret_record, ret_reason);
}

static enum line_kind parse_plain(const char *text, size_t length, int64_t *recv_us, struct recording_record *ret_record, const char **ret_reason)
{
    if (text[0] != '{' && !(text[0] == '[' && length > 1 && text[1] == '{'))
        return bad(ret_reason, "expected a JSON message");
    char last = text[length - 1];
    if (last != '}' && last != ']')
        return bad(ret_reason, "the JSON message does not end on its line");
    /* Messages may arrive out of the order in which they were sent: the receive time stands still then. */
    int64_t time_us;
    if (sg_recording_event_time(text, length, &time_us) && time_us > *recv_us)
        *recv_us = time_us;
    return take_message(text, length, ret_record, ret_reason);
}

enum line_kind sg_recording_line_parse(enum recording_form form, const char *text, size_t length, int64_t *recv_us, struct recording_record *ret_record,
                                       struct recording_header *ret_header, const char **ret_reason)
{
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        length--;
    if (length == 0)
        return LINE_SKIP;
    ret_record->message.leg_number = 0;
    switch (form) {
    case FORM_OWN: return parse_own(text, length, recv_us, ret_record, ret_header, ret_reason);
    case FORM_NANOSECONDS: return parse_nanoseconds(text, length, recv_us, ret_record, ret_reason);
    case FORM_SECONDS: return parse_seconds(text, length, recv_us, ret_record, ret_reason);
    case FORM_PLAIN: break;
    }
    return parse_plain(text, length, recv_us, ret_record, ret_reason);
}

bool sg_recording_line_is_whole(enum recording_form form, const char *text, size_t length)
{
    size_t at = 0;
    if (form == FORM_NANOSECONDS || form == FORM_SECONDS) {
        if (starts_with(text, length, "ws://") || starts_with(text, length, "wss://"))
            return true;
        while (at < length && text[at] != ' ')
            at++;
    }
    while (at < length && text[at] == ' ')
        at++;
    return at < length && is_json(text + at, length - at);
}
