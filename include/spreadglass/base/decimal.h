/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Decimal text to numbers and back, without the locale. The only place where text becomes a number.
 *
 * Grammar accepted: `-? digits [. digits] [(e|E) [+-]? digits]`, the whole input, nothing before or after it. No
 * leading '+', no leading or trailing point, no inf/nan/hex. Length at most SG_DECIMAL_MAX characters.
 * All functions: any thread, no allocation, no state. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"

#define SG_DECIMAL_MAX 64 /* longest text accepted */
#define SG_DECIMAL_BUF 48 /* enough for any text written here, NUL included */

/* Quantities are counted in units of 1e-8, in 128 bits: 64 bits overflow on 24 h volumes of micro-priced symbols. */
typedef __int128 sg_qty;
#define SG_QTY_ONE ((sg_qty)100000000)

/* Nearest double (round half to even). SG_ERR_PARSE: not of the grammar; SG_ERR_RANGE: overflows a double. */
enum sg_status sg_decimal_to_double(const char *text, size_t length, double *ret_value);
/* The same without an exponent: a price on the wire is plain, and "1e5" there is damage (SG_ERR_PARSE). */
enum sg_status sg_decimal_plain_to_double(const char *text, size_t length, double *ret_value);

/* Exact number of 1e-8 units. No exponent accepted. SG_ERR_RANGE: non-zero digits beyond the 8th decimal, or more
 * than 27 digits before the point. */
enum sg_status sg_decimal_to_qty(const char *text, size_t length, sg_qty *ret_value);

/* Whole text is a decimal integer in [min, max]. */
enum sg_status sg_decimal_to_int64(const char *text, size_t length, int64_t min, int64_t max, int64_t *ret_value);

/* Shortest text (at most 17 significant digits) that reads back to the same double, with a point. Non-finite values
 * give "null", because they never stand for a number in our outputs. Returns the length. */
size_t sg_decimal_from_double(double value, char buffer[static SG_DECIMAL_BUF]);

/* Fixed number of decimals (0..12), round half to even of the binary value; "-0.00" is written "0.00". `value` must be finite. */
size_t sg_decimal_from_double_fixed(double value, int decimals, char buffer[static SG_DECIMAL_BUF]);

/* With how many decimals a number of size 1 or less (R-squared, a correlation) is written, so that one that is not 1 never looks like it: `decimals`,
 * else SG_DECIMAL_PART_MOST; -1: not even those do, and it is "beyond" SG_DECIMAL_PART_EDGE. */
#define SG_DECIMAL_PART_MOST 4
#define SG_DECIMAL_PART_EDGE "0.9999"
int sg_decimal_part_digits(double value, int decimals);

/* So many significant digits (1..17) and a power of ten: "1.517e-10", "2.4e24". `value` must be finite. */
size_t sg_decimal_from_double_scientific(double value, int digits, char buffer[static SG_DECIMAL_BUF]);

/* Exact decimal text of a quantity, trailing zeros dropped ("0.5", "12", "0"). */
size_t sg_decimal_from_qty(sg_qty value, char buffer[static SG_DECIMAL_BUF]);

/* Nearest double of a quantity. */
double sg_qty_to_double(sg_qty value);
