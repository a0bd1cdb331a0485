/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/base/place.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *joined(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);

    if (path) {
        snprintf(path, size, "%s/%s", folder, name);
    }
    return path;
}

/* Links followed, as far as the path exists. */
static char *real_path(const char *path)
{
    char *whole = realpath(path, NULL), *for_folder, *for_name, *parent, *folder;

    if (whole) {
        return whole;
    }
    for_folder = strdup(path); /* both functions may write into what they are given */
    for_name = strdup(path);
    if (for_folder && for_name) {
        parent = dirname(for_folder);
        folder = realpath(parent, NULL);
        whole = joined(folder ? folder : parent, basename(for_name));
        free(folder);
    }
    free(for_folder);
    free(for_name);
    return whole;
}

bool sg_same_place(const char *one, const char *other)
{
    struct stat a, b;
    bool there = stat(one, &a) == 0, also = stat(other, &b) == 0, same;
    char *path_a, *path_b;

    if (there && also) {
        return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    }
    if (there != also) {
        return false;
    }
    path_a = real_path(one);
    path_b = real_path(other);
    same = path_a && path_b && strcmp(path_a, path_b) == 0;
    free(path_a);
    free(path_b);
    return same;
}
