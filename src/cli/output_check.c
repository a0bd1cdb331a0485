/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output_check_private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spreadglass/base/place.h"
#include "store_place_private.h"

static bool is_database(const char *path)
{
    static const char magic[] = "SQLite format 3";
    char begin[sizeof magic];
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is = file >= 0 && read(file, begin, sizeof begin) == (ssize_t)sizeof begin && memcmp(begin, magic, sizeof begin) == 0;
    if (file >= 0)
        close(file);
    return is;
}

static enum sg_status check_store(const struct sg_options *options, const char *output, struct sg_error *error)
{
    static const char *const beside[] = {"", "-wal", "-shm", "-journal"};
    g_autofree char *store = sg_store_path(options);
    for (size_t i = 0; i < G_N_ELEMENTS(beside); i++) {
        g_autofree char *path = g_strconcat(store, beside[i], NULL);
        if (sg_same_place(output, path))
            return sg_fail(error, SG_ERR_EXISTS, "%s: this is the database of what is kept: name another file", output);
    }
    if (is_database(output))
        return sg_fail(error, SG_ERR_EXISTS, "%s: it is a database, and is not written over: name another file", output);
    return SG_OK;
}

static enum sg_status check_input(const char *output, const char *input, struct sg_error *error)
{
    if (input == NULL || !sg_same_place(output, input))
        return SG_OK;
    return sg_fail(error, SG_ERR_EXISTS, "%s: it is read in this run (%s): writing it would destroy it: name another file", output, input);
}

enum sg_status sg_output_check(const struct sg_options *options, const char *output, struct sg_error *error)
{
    struct stat info;
    bool there = stat(output, &info) == 0;
    if (there && !S_ISREG(info.st_mode)) /* a pipe or a terminal holds nothing; of a folder the writer says that it is one */
        return SG_OK;
    enum sg_status status = check_store(options, output, error);
    for (size_t i = 0; i < options->file_count && status == SG_OK; i++)
        status = check_input(output, options->files[i], error);
    for (size_t i = 0; i < options->recording_count && status == SG_OK; i++)
        status = check_input(output, options->recordings[i], error);
    const char *others[] = {options->replay, options->ca_file};
    for (size_t i = 0; i < G_N_ELEMENTS(others) && status == SG_OK; i++)
        status = check_input(output, others[i], error);
    if (status == SG_OK && there && !options->force)
        status = sg_fail(error, SG_ERR_EXISTS, "%s: the file exists already; name another one, or give --force to replace it", output);
    return status;
}

enum sg_status sg_recording_place(const struct sg_options *options, const char *output, struct sg_error *error)
{
    struct stat info;
    enum sg_status status = sg_output_check(options, output, error);
    if (status == SG_OK && options->force && stat(output, &info) == 0 && S_ISREG(info.st_mode) && unlink(output) != 0)
        status = sg_fail(error, SG_ERR_IO, "%s: it cannot be replaced: %s", output, g_strerror(errno));
    return status;
}
