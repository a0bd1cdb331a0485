/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store_place_private.h"

#include <errno.h>
#include <glib.h>

char *sg_store_path(const struct sg_options *options)
{
    if (options->data_dir != NULL)
        return g_build_filename(options->data_dir, SG_STORE_FILE, NULL);
    return g_build_filename(g_get_user_data_dir(), "spreadglass", SG_STORE_FILE, NULL);
}

struct sg_database *sg_store_open(const struct sg_options *options, bool existing, struct sg_error *error)
{
    char *path = sg_store_path(options), *folder = g_path_get_dirname(path);
    struct sg_database *database = NULL;
    struct sg_error reason = {0};
    if (!existing && g_mkdir_with_parents(folder, 0700) != 0) {
        sg_fail(error, SG_ERR_IO, "the folder %s cannot be made: %s: name another with --data-dir", folder, g_strerror(errno));
        goto out;
    }
    database = sg_database_open(&(struct sg_database_config){.file = path, .existing = existing}, &reason);
    if (database == NULL && reason.status == SG_ERR_NOT_FOUND)
        sg_fail(error, reason.status, "there is no database yet at %s: `spreadglass import` or a live session begins one; --data-dir names another folder",
                path);
    else if (database == NULL)
        sg_fail(error, reason.status, "%s", reason.text);
out:
    g_free(folder);
    g_free(path);
    return database;
}
