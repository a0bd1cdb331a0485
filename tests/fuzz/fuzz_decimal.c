/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a decimal. What the parser accepts must be of the grammar (checked here by other means), mean what the C library
 * says it means, and survive writing and reading; what it refuses must not be of the grammar. The exact quantity must agree with
 * the double. */
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spreadglass/base/decimal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth) {
        abort();
    }
}

/* A state machine over the grammar of decimal.h. */
static bool is_of_grammar(const char *text, size_t length, bool *ret_exponent)
{
    enum { BEGIN, SIGN, INTEGER, POINT, FRACTION, E, E_SIGN, EXPONENT } at = BEGIN;

    *ret_exponent = false;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool digit = c >= '0' && c <= '9';

        if (at == BEGIN && c == '-') {
            at = SIGN;
        } else if (digit && (at == BEGIN || at == SIGN || at == INTEGER)) {
            at = INTEGER;
        } else if (c == '.' && at == INTEGER) {
            at = POINT;
        } else if (digit && (at == POINT || at == FRACTION)) {
            at = FRACTION;
        } else if ((c == 'e' || c == 'E') && (at == INTEGER || at == FRACTION)) {
            at = E;
            *ret_exponent = true;
        } else if ((c == '+' || c == '-') && at == E) {
            at = E_SIGN;
        } else if (digit && (at == E || at == E_SIGN || at == EXPONENT)) {
            at = EXPONENT;
        } else {
            return false;
        }
    }
    return length <= SG_DECIMAL_MAX && (at == INTEGER || at == FRACTION || at == EXPONENT);
}

static void check_quantity(const char *text, size_t length, bool exponent, double value)
{
    char out[SG_DECIMAL_BUF];
    sg_qty quantity;
    sg_qty back;
    enum sg_status status = sg_decimal_to_qty(text, length, &quantity);

    if (exponent) {
        require(status == SG_ERR_PARSE);
        return;
    }
    require(status == SG_OK || status == SG_ERR_RANGE);
    if (status == SG_OK) {
        require(sg_qty_to_double(quantity) == value);
        require(sg_decimal_to_qty(out, sg_decimal_from_qty(quantity, out), &back) == SG_OK && back == quantity);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static locale_t plain;
    char *text = malloc(size + 1); /* on the heap and no longer than the input: reading past it is seen */
    char out[SG_DECIMAL_BUF];
    double value;
    double back;
    int64_t whole;
    bool exponent;
    bool good;
    enum sg_status status;

    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (!plain) {
        plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    }
    good = is_of_grammar(text, size, &exponent);
    status = sg_decimal_to_double(text, size, &value);
    require(status == SG_OK ? good : status == SG_ERR_RANGE ? good : status == SG_ERR_PARSE && !good);
    if (good) {
        double expected = strtod_l(text, NULL, plain); /* the oracle */

        require(isfinite(expected) == (status == SG_OK));
        if (status == SG_OK) {
            require(memcmp(&expected, &value, sizeof value) == 0);
            require(sg_decimal_to_double(out, sg_decimal_from_double(value, out), &back) == SG_OK && back == value);
            require(strlen(out) < SG_DECIMAL_BUF);
            for (int decimals = 0; decimals <= 12; decimals += 4) {
                require(sg_decimal_from_double_fixed(value, decimals, out) < SG_DECIMAL_BUF);
            }
            check_quantity(text, size, exponent, value);
        }
    }
    if (sg_decimal_to_int64(text, size, -1000000, 1000000, &whole) == SG_OK) {
        require(good && status == SG_OK && (double)whole == value);
    }
    free(text);
    return 0;
}
