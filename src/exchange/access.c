/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "access_private.h"

#include <string.h>

static void write_line(FILE *file, struct sg_buffer *line)
{
    sg_buffer_append_text(line, "}\n");
    if (!line->overflowed)
        fwrite(line->data, 1, line->length, file);
    sg_buffer_free(line);
}

static void begin_line(struct sg_buffer *line, const struct sg_ex_conn *conn)
{
    sg_buffer_init(line, 4096);
    sg_buffer_append_text(line, "{\"t\":");
    sg_buffer_append_int64(line, conn->server->now_us);
    sg_buffer_append_text(line, ",\"conn\":");
    sg_buffer_append_int64(line, (int64_t)conn->number);
}

void sg_ex_access_request(FILE *file, const struct sg_ex_conn *conn, const char *target, int status)
{
    struct sg_buffer line;
    if (!file)
        return;
    begin_line(&line, conn);
    sg_buffer_append_text(&line, ",\"request\":");
    sg_buffer_append_json_string(&line, target, strlen(target));
    sg_buffer_append_text(&line, ",\"status\":");
    sg_buffer_append_int64(&line, status);
    write_line(file, &line);
}

void sg_ex_access_sent(FILE *file, const struct sg_ex_conn *conn, unsigned opcode)
{
    struct sg_buffer line;
    if (!file)
        return;
    begin_line(&line, conn);
    sg_buffer_append_text(&line, ",\"sent\":\"");
    sg_buffer_append_text(&line, opcode == EX_OP_PING ? "ping" : opcode == EX_OP_PONG ? "pong" : "text");
    sg_buffer_append_text(&line, "\"");
    write_line(file, &line);
}

void sg_ex_access_closed(FILE *file, const struct sg_ex_conn *conn, unsigned code)
{
    struct sg_buffer line;
    if (!file)
        return;
    begin_line(&line, conn);
    sg_buffer_append_text(&line, ",\"closed\":");
    sg_buffer_append_int64(&line, code);
    write_line(file, &line);
}

void sg_ex_access_target(const struct sg_ex_request *request, char *buffer, size_t size)
{
    snprintf(buffer, size, "%s%s%s", request->path, request->query[0] ? "?" : "", request->query);
}
