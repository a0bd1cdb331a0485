/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Telling files by their first bytes: those that are read, and those that people mistake for them. */
#include "sniff_private.h"
#include <stdbool.h>
#include <string.h>
#include "unpacker_private.h"

struct magic {
    const char *bytes;
    size_t length;
    const char *reason;
};

static const struct magic strangers[] = {
    {"\x89PNG", 4, "it is a PNG picture, not data"},
    {"\xff\xd8\xff", 3, "it is a JPEG picture, not data"},
    {"GIF8", 4, "it is a GIF picture, not data"},
    {"%PDF", 4, "it is a PDF document, not data"},
    {"Rar!", 4, "it is a RAR archive: unpack it first"},
    {"PAR1", 4, "it is a Parquet file: write it as CSV first"},
    {"SQLite format 3", 15, "it is a SQLite database, not a data file"},
    {"\xd0\xcf\x11\xe0", 4, "it is an Excel workbook: save it as CSV first"},
    {"\x1f\x8b", 2, "it is packed twice: unpack it once first"},
    {"\xff\xfe", 2, "it is UTF-16 text: save it as UTF-8"},
    {"\xfe\xff", 2, "it is UTF-16 text: save it as UTF-8"},
    {"<", 1, "it is a web page or XML, not data"},
    {"\x7f"
     "ELF",
     4, "it is a program, not data"},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool begins_with(const char *bytes, size_t length, const char *text)
{
    size_t size = strlen(text);
    return length >= size && memcmp(bytes, text, size) == 0;
}

/* "<DATE>\t<TIME>\t<OPEN>…": the header of a trading terminal's export. */
static bool is_bracketed_header(const char *bytes, size_t length)
{
    return begins_with(bytes, length, "<DATE>") || begins_with(bytes, length, "<TICKER>") || begins_with(bytes, length, "<DTYYYYMMDD>");
}

/* `<digits>[.digits][:] {` or `[`: a receive time before a message. */
static bool is_timed_message(const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && is_digit(bytes[at]))
        at++;
    if (at == 0)
        return false;
    if (at < length && bytes[at] == '.')
        for (at++; at < length && is_digit(bytes[at]); at++) {
        }
    if (at < length && bytes[at] == ':')
        at++;
    return at + 1 < length && bytes[at] == ' ' && (bytes[at + 1] == '{' || bytes[at + 1] == '[');
}

enum sniffed sg_sniff(const char *bytes, size_t length, const char **ret_reason)
{
    if (sg_packing_of(bytes, length) != SG_PACKING_NONE) { /* at this place it was already unpacked once */
        *ret_reason = "it is packed twice: unpack it once first";
        return SNIFF_REFUSED;
    }
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        if (length >= strangers[i].length && memcmp(bytes, strangers[i].bytes, strangers[i].length) == 0 && !is_bracketed_header(bytes, length)) {
            *ret_reason = strangers[i].reason;
            return SNIFF_REFUSED;
        }
    size_t looked = length < 4096 ? length : 4096;
    if (memchr(bytes, '\0', looked)) {
        *ret_reason = "it is not text: neither CSV, nor JSON, nor a recording";
        return SNIFF_REFUSED;
    }
    size_t at = 0;
    while (at < length && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r' || bytes[at] == '\n'))
        at++;
    bytes += at;
    length -= at;
    if (length == 0) {
        *ret_reason = "there is nothing in it but white space";
        return SNIFF_REFUSED;
    }
    if (bytes[0] == '{' || begins_with(bytes, length, "ws://") || begins_with(bytes, length, "wss://") || is_timed_message(bytes, length))
        return SNIFF_RECORDING;
    if (bytes[0] == '[') {
        size_t next = 1;
        while (next < length && (bytes[next] == ' ' || bytes[next] == '\t' || bytes[next] == '\r' || bytes[next] == '\n'))
            next++;
        if (next < length && bytes[next] == '{' && next == 1)
            return SNIFF_RECORDING;
        if (next < length && bytes[next] != '[' && bytes[next] != ']') {
            *ret_reason = "it is a JSON array, but not one of klines ([[open time, open, high, low, close, volume, …], …])";
            return SNIFF_REFUSED;
        }
        return SNIFF_KLINES_JSON;
    }
    return SNIFF_CSV;
}
