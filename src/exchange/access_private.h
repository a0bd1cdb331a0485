/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* What clients ask and send, as the exchange saw it: the other end's account of a client's manners. The exchange's thread only.
 *
 * One JSON object a line, each with "t" (monotonic microseconds, of the arrival) and "conn" (number of the connection):
 *   {"t":…,"conn":1,"request":"/api/v3/time?…","status":200}      status 101: a WebSocket from here on; 0: not answered
 *   {"t":…,"conn":1,"sent":"text"|"ping"|"pong"}                   what counts against a client's five messages a second
 *   {"t":…,"conn":1,"closed":1008}                                 for more than that */
#include <stdio.h>
#include "server_private.h"

/* NULL file: nothing is written. */
void sg_ex_access_request(FILE *file, const struct sg_ex_conn *conn, const char *target, int status);
void sg_ex_access_sent(FILE *file, const struct sg_ex_conn *conn, unsigned opcode);
void sg_ex_access_closed(FILE *file, const struct sg_ex_conn *conn, unsigned code);
/* The target of a request as it was written, less its escapes; cut to `size`. */
void sg_ex_access_target(const struct sg_ex_request *request, char *buffer, size_t size);
