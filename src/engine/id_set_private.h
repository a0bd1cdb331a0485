/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A set of trade ids as runs: ascending, apart, bounded (at the ceiling the oldest run is forgotten, and its ids are counted). One owner. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/history_answer.h"

#define SG_ID_SET_MAXIMUM 16384u

struct sg_id_set {
    struct sg_id_run *runs;
    size_t length, capacity;
    uint64_t forgotten;
};

void sg_id_set_free(struct sg_id_set *set); /* leaves it empty */
/* SG_ERR_NOMEM: nothing has changed. first <= last. */
enum sg_status sg_id_set_add(struct sg_id_set *set, int64_t first, int64_t last);
/* SG_ERR_NOMEM: there was no room to cut a run in two; then nothing has changed. */
enum sg_status sg_id_set_remove(struct sg_id_set *set, int64_t first, int64_t last);
bool sg_id_set_has(const struct sg_id_set *set, int64_t id, int64_t *ret_until); /* up to *ret_until the answer is the same */
