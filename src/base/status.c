/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/base/status.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [SG_OK] = "ok",
    [SG_ERR_NOMEM] = "nomem",
    [SG_ERR_INVALID] = "invalid",
    [SG_ERR_PARSE] = "parse",
    [SG_ERR_RANGE] = "range",
    [SG_ERR_NOT_FOUND] = "not-found",
    [SG_ERR_EXISTS] = "exists",
    [SG_ERR_IO] = "io",
    [SG_ERR_NETWORK] = "network",
    [SG_ERR_TLS] = "tls",
    [SG_ERR_TIMEOUT] = "timeout",
    [SG_ERR_PROTOCOL] = "protocol",
    [SG_ERR_REFUSED] = "refused",
    [SG_ERR_UNSUPPORTED] = "unsupported",
    [SG_ERR_UNDEFINED] = "undefined",
    [SG_ERR_CANCELLED] = "cancelled",
    [SG_ERR_END] = "end",
};

const char *sg_status_name(enum sg_status status)
{
    size_t index = (size_t)status;

    return index < sizeof names / sizeof *names && names[index] ? names[index] : "unknown";
}

/* Drops the trailing bytes of a character that the cut at the end of the record left incomplete. */
static void trim_partial_utf8(char *text)
{
    size_t length = strlen(text);
    size_t lead = length;
    size_t need;

    while (lead > 0 && length - lead < 4 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80) {
        lead--;
    }
    if (lead == 0) {
        return;
    }
    lead--;
    if (((unsigned char)text[lead] & 0xE0) == 0xC0) {
        need = 2;
    } else if (((unsigned char)text[lead] & 0xF0) == 0xE0) {
        need = 3;
    } else if (((unsigned char)text[lead] & 0xF8) == 0xF0) {
        need = 4;
    } else {
        return;
    }
    if (length - lead < need) {
        text[lead] = '\0';
    }
}

enum sg_status sg_fail(struct sg_error *error, enum sg_status status, const char *format, ...)
{
    if (error) {
        char text[sizeof error->text]; /* the arguments may point into the record itself */
        va_list arguments;
        int written;

        va_start(arguments, format);
        written = vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        if (written < 0) {
            text[0] = '\0';
        } else if ((size_t)written >= sizeof text) {
            trim_partial_utf8(text);
        }
        memcpy(error->text, text, sizeof text);
        error->status = status;
    }
    return status;
}
