/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bad messages made of good ones. They are sent in addition to the good ones, so that a client that refuses them and nothing
 * else ends with exactly the right data. */
#include <string.h>

#include "hub_private.h"

/* The value of `"key":` in flat text: [*from, *to). False: no such key. */
static bool find_value(const char *text, size_t length, const char *key, size_t *from, size_t *to)
{
    const size_t key_length = strlen(key);
    const char *at = memmem(text, length, key, key_length);
    if (!at)
        return false;
    size_t begin = (size_t)(at - text) + key_length, end = begin;
    if (begin < length && text[begin] == '"') {
        end++;
        while (end < length && text[end] != '"')
            end++;
        end++;
    } else {
        while (end < length && text[end] != ',' && text[end] != '}')
            end++;
    }
    if (end > length)
        return false;
    *from = begin;
    *to = end;
    return true;
}

static bool replace(const char *text, size_t length, const char *const *keys, const char *value, struct sg_buffer *out)
{
    size_t from, to;
    for (; *keys; keys++) {
        if (!find_value(text, length, *keys, &from, &to))
            continue;
        sg_buffer_append(out, text, from);
        sg_buffer_append_text(out, value);
        sg_buffer_append(out, text + to, length - to);
        return true;
    }
    return false;
}

/* The price of whatever message this is: trade, ticker, book. */
static const char *const price_keys[] = {"\"p\":", "\"c\":", "\"b\":", NULL};
static const char *const time_keys[] = {"\"T\":", "\"E\":", NULL};
static const char *const id_keys[] = {"\"a\":", "\"t\":", "\"u\":", NULL};
static const char *const symbol_keys[] = {"\"s\":", NULL};
static const char *const quantity_keys[] = {"\"q\":", "\"v\":", "\"B\":", NULL};

static bool malformed(uint64_t turn, const char *text, size_t length, struct sg_buffer *out)
{
    switch (turn % 8) {
    case 0: sg_buffer_append(out, text, length / 2); return length > 1;
    case 1:
        sg_buffer_append(out, text, length);
        sg_buffer_append_text(out, "}}]");
        return true;
    case 2: sg_buffer_append_text(out, "<html><body>502 Bad Gateway</body></html>"); return true;
    case 3: sg_buffer_append_text(out, "{\"e\":\"trade\",,}"); return true;
    case 4: sg_buffer_append_text(out, "not json at all"); return true;
    case 5:
        for (int i = 0; i < 5000; i++)
            sg_buffer_append(out, "[", 1);
        return true;
    case 6: sg_buffer_append(out, "{\"a\":\0\"b\"}", 11); return true;
    default: sg_buffer_append_text(out, "\""); return true;
    }
}

static bool wrong_types(uint64_t turn, const char *text, size_t length, struct sg_buffer *out)
{
    switch (turn % 10) {
    case 0: return replace(text, length, price_keys, "12345.67", out);
    case 1: return replace(text, length, time_keys, "\"yesterday\"", out);
    case 2: return replace(text, length, id_keys, "\"7\"", out);
    case 3: return replace(text, length, symbol_keys, "42", out);
    case 4: return replace(text, length, price_keys, "null", out);
    case 5: return replace(text, length, quantity_keys, "[\"1\"]", out);
    case 6: return replace(text, length, time_keys, "-1", out);
    case 7: return replace(text, length, price_keys, "{}", out);
    case 8: sg_buffer_append_text(out, "[]"); return true;
    default: sg_buffer_append_text(out, "7"); return true;
    }
}

static bool bad_prices(uint64_t turn, const char *text, size_t length, struct sg_buffer *out)
{
    static const char *const prices[] = {"\"NaN\"",  "\"-1.00000000\"", "\"0.00000000\"", "\"1e400\"", "\"Infinity\"",
                                         "\"\"",     "\"12,5\"",        "\"0x1p3\"",      "\"-0.0\"",  "\"99999999999999999999999999999999.0\"",
                                         "\" 1.0\"", "\"1.0abc\"",      "\"nan(1)\"",     "\"1e-400\""};
    return replace(text, length, price_keys, prices[turn % (sizeof prices / sizeof prices[0])], out);
}

bool sg_ex_corrupt(enum sg_ex_fault fault, uint64_t turn, const char *text, size_t length, struct sg_buffer *out)
{
    switch (fault) {
    case EX_FAULT_MALFORMED: return malformed(turn, text, length, out);
    case EX_FAULT_WRONG_TYPES: return wrong_types(turn, text, length, out);
    case EX_FAULT_BAD_PRICES: return bad_prices(turn, text, length, out);
    case EX_FAULT_BAD_UTF8: return replace(text, length, symbol_keys, "\"BTC\xff\xfeUSDT\"", out);
    default: return false;
    }
}
