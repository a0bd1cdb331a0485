/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What a file is, by its first bytes (already unpacked). */
#include <stddef.h>

enum sniffed { SNIFF_CSV, SNIFF_KLINES_JSON, SNIFF_RECORDING, SNIFF_REFUSED };

/* For SNIFF_REFUSED *ret_reason says what it is instead, and what to do. */
enum sniffed sg_sniff(const char *bytes, size_t length, const char **ret_reason);
