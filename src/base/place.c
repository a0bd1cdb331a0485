/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/base/place.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

size_t sg_unreadable_text(const char *path, int reason, char *buffer, size_t size)
{
    char *here = reason == ENOENT && path[0] != '/' ? getcwd(NULL, 0) : NULL;
    int length;

    if (size == 0) {
        free(here);
        return 0;
    }
    if (reason == ENOENT) {
        length = snprintf(buffer, size, "%s: check the name%s%.160s", strerror(reason), here ? "; it is looked for from " : "", here ? here : "");
    } else if (reason == EACCES) {
        length = snprintf(buffer, size, "%s: let yourself read it (chmod u+r, or u+rx for its folder)", strerror(reason));
    } else {
        length = snprintf(buffer, size, "%s", strerror(reason));
    }
    free(here);
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}
