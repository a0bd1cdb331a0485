/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What the REST files share. Any thread. */
#include <stddef.h>

#define SG_REST_BODY_LIMIT (8u << 20)

/* For a query: everything but letters, digits, '-', '_' and '.' as %XX. Cut at the buffer's end. */
void sg_rest_percent_encode(const char *text, char *buffer, size_t size);
