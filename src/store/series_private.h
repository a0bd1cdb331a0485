/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the readers of the three kinds of file share. */
#include "builder_private.h"
#include "input_private.h"

/* Recordings of one or both legs: bars from market's resampler. A leg without a symbol gets no bars. */
enum sg_status sg_series_from_recording(const char *const *files, size_t count, const struct sg_instrument legs[static SG_LEG_COUNT],
                                        const struct sg_series_config *config, struct sg_series ret_series[static SG_LEG_COUNT], struct sg_error *error);
/* Marks gaps and the grid on finished bars, and hands the list over to the series. */
void sg_series_finish(struct sg_series *series, struct bar_list *list, bool mark_gaps);
/* Whether the file is a recording by its first bytes. SG_ERR_*: it cannot be read, or is nothing that can. */
enum sg_status sg_series_is_recording(const char *file, bool *ret_is, struct sg_error *error);
size_t sg_series_ceiling(const struct sg_series_config *config);
