/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The REST routes: /api/v3/… and their /fapi/v1/… twins. The exchange's thread only. */
#include "archive_private.h"
#include "faults_private.h"
#include "server_private.h"

struct sg_ex_rest {
    struct sg_ex_archive *archive;
    const struct sg_ex_faults *faults;
    int64_t start_us;         /* exchange time of the start */
    int64_t weight_minute_us; /* the minute that `weight` counts */
    int weight;
    uint64_t requests;
    struct sg_buffer body;
};

void sg_ex_rest_init(struct sg_ex_rest *rest, struct sg_ex_archive *archive, const struct sg_ex_faults *faults);
void sg_ex_rest_free(struct sg_ex_rest *rest);
void sg_ex_rest_handle(struct sg_ex_rest *rest, struct sg_ex_conn *conn, const struct sg_ex_request *request, int64_t now_us);
/* The answer of a fault or a refusal with this HTTP status; also for upgrades. */
void sg_ex_rest_refuse(struct sg_ex_conn *conn, const struct sg_ex_request *request, int status, int64_t retry_after_s, int64_t now_us);

/* Value of a query parameter, percent-decoded. 1: there; 0: absent; -1: too long. */
int sg_ex_query_value(const char *query, const char *key, char *value, size_t size);
