/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What `doctor` says about the database. Makes nothing where there is none. Main thread. */
#include <stdbool.h>
#include "spreadglass/cli/options.h"

struct sg_store_finding {
    bool failed, warning;
    char detail[4096];  /* of as many instruments as fit */
    const char *remedy; /* static; NULL when nothing is to be done */
};

/* Where every trade id was when a live session last looked. */
void sg_doctor_ids(const struct sg_options *options, struct sg_store_finding *ret_finding);
void sg_doctor_store(const struct sg_options *options, struct sg_store_finding *ret_finding);
