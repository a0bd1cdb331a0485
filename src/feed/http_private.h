/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* One HTTPS exchange with everything limited: time, body, protocols, roots. Blocking; helper and pool threads only. A fetcher keeps its
 * connection between the pages of one job. */
#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoint_private.h"
#include "spreadglass/base/buffer.h"
#include "spreadglass/feed/rest.h"

struct sg_fetcher;

/* NULL with error: bad URL, unreadable roots, a proxy in the environment. Strings of `config` are copied. */
struct sg_fetcher *sg_fetcher_new(const struct sg_rest_config *config, struct sg_error *error);
void sg_fetcher_free(struct sg_fetcher *fetcher);
/* GET <API root><path_and_query>. The body must be one JSON document of at most `body_limit` bytes; the caller deletes *ret_root. `info` may be
 * NULL and is filled on failure too, as far as it is known. */
enum sg_status sg_fetcher_get(struct sg_fetcher *fetcher, const char *path_and_query, size_t body_limit, cJSON **ret_root, struct sg_rest_reply_info *info,
                              struct sg_error *error);
