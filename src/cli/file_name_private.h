/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a file's name says of whose data it holds. */
#include <stdbool.h>
#include <stddef.h>

/* "EWA" of "…/EWA.csv.gz", "BTCUSDT" of "BTCUSDT-1h-2023-06.zip", "AAA-USDT" of "AAA-USDT.csv": what a leg is called when nobody said.
 * Only what an exchange's archive writes behind the symbol is cut: two symbols never become one. `whole`: not even that. */
void sg_name_of_file(const char *file, bool whole, char *symbol, size_t size);
/* The same, when it can be a symbol: capitals, digits, and - _ . between them. False: it cannot. */
bool sg_symbol_of_file(const char *file, char *symbol, size_t size);
