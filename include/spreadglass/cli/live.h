/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* From options to a session's configuration, and the one built-in exchange of the process. Main thread. */
#include "spreadglass/base/status.h"
#include "spreadglass/cli/options.h"
#include "spreadglass/engine/session.h"
#include "spreadglass/exchange/exchange.h"

/* Starts the built-in exchange when it does not run yet and tells its endpoints. sg_demo_stop at exit. */
enum sg_status sg_demo_start(uint64_t seed, struct sg_exchange_info *ret_info, struct sg_error *error);
void sg_demo_stop(void);

/* The session that the options ask for. With --demo the built-in exchange is started. Strings are borrowed from `options`
 * and from the demo. */
enum sg_status sg_live_config(const struct sg_options *options, struct sg_session_config *ret_config, struct sg_error *error);

/* Opens the database that a live session of these options keeps its bars in and enters it in `config`; NULL when none is to be kept: a replay,
 * the demo, --no-store, --record (what is played again must not depend on what else was kept), or --endpoint without --data-dir (another market's bars
 * do not belong among Binance's). One that cannot be opened now is opened all the same: it is tried again while the session runs, what it is to keep
 * waits, and the session says so. NULL with `reason` only for want of memory. Closed by the caller after the session, which fails when it could never
 * be opened. */
struct sg_database *sg_live_store(const struct sg_options *options, struct sg_session_config *config, struct sg_error *reason);

/* The path of that database. Free with g_free. */
char *sg_live_store_file(const struct sg_options *options);

/* One line on standard error: "spreadglass VERB: text". Returns SG_EXIT_WORLD. */
int sg_verb_failed(const char *verb, const char *text);
