/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The verbs. Each prints its own failures and returns an exit status. */
#include "spreadglass/cli/options.h"

int sg_verb_watch(const struct sg_options *options);
/* The same under another verb's name, which its complaints bear. */
int sg_verb_watch_as(const char *verb, const struct sg_options *options);
int sg_verb_analyze(const struct sg_options *options);
int sg_verb_render(const struct sg_options *options);
int sg_verb_exchange(const struct sg_options *options);
int sg_verb_record(const struct sg_options *options);
int sg_verb_replay(const struct sg_options *options);
int sg_verb_doctor(const struct sg_options *options);
int sg_verb_import(const struct sg_options *options);
int sg_verb_export(const struct sg_options *options);
