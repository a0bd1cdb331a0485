/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Where the ticks of an axis go, and what a value or a time says there. Pure functions; any thread (local time reads TZ). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ticks of a value axis are whole multiples of 1, 2 or 5 times a power of ten. */
struct sg_value_ticks {
    double first;    /* index of the lowest tick: a whole number */
    double mantissa; /* 1, 2 or 5 */
    int exponent;    /* step = mantissa * 10^exponent */
    int count;       /* 0: the range is empty, not finite, or too narrow for a double */
    int decimals;    /* that tell neighbouring ticks apart, 0..12; a step below 1e-12 wants a unit: sg_value_unit */
};

#define SG_VALUE_TICKS_MAX 64

/* Ticks inside [low, high] drawn over `pixels`, at least `gap` pixels apart. */
struct sg_value_ticks sg_value_ticks(double low, double high, double pixels, double gap);
double sg_value_tick(const struct sg_value_ticks *ticks, int index); /* the index-th from below, free of accumulated error */
double sg_value_step(const struct sg_value_ticks *ticks);

#define SG_VALUE_BUF 96
/* "65 599.24", "−0.33": U+2212 as the minus, thin spaces (U+2009) between groups of three, no sign on what rounds to zero; `plus`: "+" on
 * positive values. Not finite: "–". Magnitudes from 1e15 up are written in full precision with an exponent. Returns the length in bytes. */
size_t sg_value_format(double value, int decimals, bool plus, char buffer[static SG_VALUE_BUF]);
/* Decimals that show a price of this size with about six significant digits: 2 from 100 up, at most 8, or 12 where
 * eight would leave fewer than four digits. */
int sg_value_decimals(double magnitude);

/* Numbers too long for the place they stand in are counted in millions ("1.022417B", "−190.2M") or written with an exponent ("1.022e−8").
 * The power of ten that numbers up to this magnitude are counted in: 6, 9, 12 for M, B, T; any other for an exponent; 0: as they are, from
 * a thousandth up to below a million. */
int sg_value_unit(double magnitude);
/* value / 10^unit with `decimals` (0..12) and the unit's sign; zero is "0". With unit 0 the same as sg_value_format. Returns the length in bytes. */
size_t sg_value_format_unit(double value, int unit, int decimals, bool plus, char buffer[static SG_VALUE_BUF]);

enum sg_time_weight { SG_TIME_SECOND, SG_TIME_MINUTE, SG_TIME_HOUR, SG_TIME_DAY, SG_TIME_MONTH, SG_TIME_YEAR };

struct sg_time_tick {
    int64_t time_us;            /* UTC */
    enum sg_time_weight weight; /* of the boundary it falls on */
    bool bold;                  /* a heavier boundary than its neighbours: a day among hours, a month among days */
    char label[24];             /* "22:00", "22:00:15", "11 Nov", "Nov", "2026" */
};

#define SG_TIME_TICKS_MAX 128

/* Ticks in [from_us, to_us], at most `max`, ascending: multiples of 1, 5, 15, 30 s; 1, 5, 15, 30 min; 1, 3, 6, 12 h; days; months; years,
 * never closer than `gap` pixels nor than one bar. Boundaries are those of local time unless `utc`. */
size_t sg_time_ticks(int64_t from_us, int64_t to_us, int64_t interval_us, double pixels, double gap, bool utc, size_t max, struct sg_time_tick ticks[]);
/* "11 Nov 01:57", with seconds when bars are shorter than a minute, without a time of day from one day up, with the year when `year`. */
size_t sg_time_label(int64_t time_us, int64_t interval_us, bool utc, bool year, char buffer[static 48]);
