/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Two series that share no time: which times they have, what keeps them apart, and what to do about it. */
#include <stddef.h>
#include "spreadglass/market/bar.h"

/* Neither is empty; ascending in time. One sentence into `text`. */
void sg_no_common_text(const struct sg_bar *a, size_t count_a, const struct sg_bar *b, size_t count_b, int64_t interval_us, char *text, size_t size);
