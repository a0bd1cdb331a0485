/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "file_name_private.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

/* "1m", "12h", "1mo", "trades", "aggTrades": what follows the symbol in the name of an exchange's archive. */
static bool is_archive_kind(const char *text, size_t length)
{
    size_t digits = strspn(text, "0123456789");
    if (digits > 0 && digits < length)
        return (length == digits + 1 && strchr("smhdwM", text[digits]) != NULL) || (length == digits + 2 && strncmp(text + digits, "mo", 2) == 0);
    return (length == 6 && strncmp(text, "trades", 6) == 0) || (length == 9 && strncmp(text, "aggTrades", 9) == 0);
}

/* The length without ".csv.gz" and the like. Of another ending nothing is known but that symbols (BRK.B) are written in capitals. */
static size_t without_endings(const char *name)
{
    static const char *const endings[] = {".gz",  ".tgz", ".zip", ".7z",   ".tar",    ".xz",    ".txz", ".zst",  ".bz2", ".lz4",
                                          ".csv", ".tsv", ".txt", ".json", ".ndjson", ".jsonl", ".dat", ".data", ".log"};
    size_t length = strlen(name), before;
    do {
        before = length;
        for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
            size_t size = strlen(endings[i]);
            if (length > size && g_ascii_strncasecmp(name + length - size, endings[i], size) == 0)
                length -= size;
        }
    } while (length < before);
    const char *dot = length == strlen(name) ? strrchr(name, '.') : NULL;
    for (const char *at = dot; at != NULL && *at != '\0'; at++)
        if (g_ascii_islower(*at))
            return (size_t)(dot - name) > 0 ? (size_t)(dot - name) : length;
    return length;
}

void sg_name_of_file(const char *file, bool whole, char *symbol, size_t size)
{
    const char *slash = strrchr(file, '/');
    const char *start = slash != NULL ? slash + 1 : file;
    size_t length = without_endings(start);
    for (const char *dash = whole ? NULL : memchr(start, '-', length); dash != NULL && dash > start;
         dash = memchr(dash + 1, '-', length - (size_t)(dash + 1 - start))) {
        size_t rest = length - (size_t)(dash + 1 - start);
        if (is_archive_kind(dash + 1, MIN(strcspn(dash + 1, "-."), rest))) {
            length = (size_t)(dash - start);
            break;
        }
    }
    snprintf(symbol, size, "%.*s", (int)length, start);
}

bool sg_symbol_of_file(const char *file, char *symbol, size_t size)
{
    sg_name_of_file(file, false, symbol, size);
    size_t length = strlen(symbol);
    bool good = length >= 1 && length + 1 < size;
    for (const char *at = symbol; *at != '\0' && good; at++)
        good = g_ascii_isupper(*at) || g_ascii_isdigit(*at) || strchr("_-.", *at) != NULL || (unsigned char)*at >= 0x80;
    return good;
}
