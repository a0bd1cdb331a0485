/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/base/replacement.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TRIES 100

static enum sg_status failed(const char *file, int reason, struct sg_error *error)
{
    return sg_fail(error, SG_ERR_IO, "%s cannot be written: %s", file, strerror(reason));
}

static void release(struct sg_replacement *replacement)
{
    free(replacement->file);
    free(replacement->place);
    free(replacement->beside);
    *replacement = (struct sg_replacement){.descriptor = -1};
}

/* Created by open and not by mkstemp: so the system gives it the rights of a new file, and nobody must read the mask of rights,
 * which can only be read by changing it for all threads. */
static int create_beside(struct sg_replacement *replacement, mode_t rights)
{
    static _Atomic unsigned count;
    size_t size = strlen(replacement->place) + 32;

    replacement->beside = malloc(size);
    for (int i = 0; replacement->beside && i < TRIES; i++) {
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        snprintf(replacement->beside, size, "%s.%08x", replacement->place, (unsigned)now.tv_nsec * 2654435761U ^ (unsigned)getpid() << 8 ^ count++);
        replacement->descriptor = open(replacement->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, rights);
        if (replacement->descriptor >= 0 || errno != EEXIST) {
            break;
        }
    }
    return replacement->beside ? replacement->descriptor : -1;
}

enum sg_status sg_replacement_begin(struct sg_replacement *replacement, const char *file, struct sg_error *error)
{
    struct stat there;
    bool exists = stat(file, &there) == 0;
    bool own = exists && S_ISREG(there.st_mode);
    int reason;

    *replacement = (struct sg_replacement){.descriptor = -1};
    if (exists && S_ISDIR(there.st_mode)) {
        return failed(file, EISDIR, error);
    }
    replacement->file = strdup(file);
    replacement->place = own ? realpath(file, NULL) : strdup(file);
    if (!replacement->file || !replacement->place) {
        reason = errno;
        release(replacement);
        return reason == ENOMEM ? sg_fail(error, SG_ERR_NOMEM, "%s: no memory", file) : failed(file, reason, error);
    }
    if (exists && !own) {
        replacement->descriptor = open(file, O_WRONLY | O_CLOEXEC);
    } else if (create_beside(replacement, own ? there.st_mode & 0777 : 0666) >= 0 && own) {
        (void)fchmod(replacement->descriptor, there.st_mode & 0777); /* the mask may have taken some; no harm where that is not allowed */
    }
    if (replacement->descriptor < 0) {
        reason = errno;
        release(replacement);
        return failed(file, reason, error);
    }
    return SG_OK;
}

enum sg_status sg_replacement_write(struct sg_replacement *replacement, const void *bytes, size_t length, struct sg_error *error)
{
    const char *next = bytes;

    while (length > 0) {
        ssize_t count = write(replacement->descriptor, next, length);

        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return failed(replacement->file, count < 0 ? errno : EIO, error);
        }
        next += count;
        length -= (size_t)count;
    }
    return SG_OK;
}

enum sg_status sg_replacement_commit(struct sg_replacement *replacement, struct sg_error *error)
{
    enum sg_status status = SG_OK;
    bool good;
    int reason;

    /* A device or a pipe has no disk to be on, and says so. */
    good = !replacement->beside || fsync(replacement->descriptor) == 0;
    reason = errno;
    if (close(replacement->descriptor) != 0 && good) {
        good = false;
        reason = errno;
    }
    if (good && replacement->beside && rename(replacement->beside, replacement->place) != 0) {
        good = false;
        reason = errno;
    }
    if (!good) {
        status = failed(replacement->file, reason, error);
        if (replacement->beside) {
            unlink(replacement->beside);
        }
    }
    release(replacement);
    return status;
}

void sg_replacement_abandon(struct sg_replacement *replacement)
{
    if (replacement->descriptor < 0) {
        return;
    }
    close(replacement->descriptor);
    if (replacement->beside) {
        unlink(replacement->beside);
    }
    release(replacement);
}

enum sg_status sg_replacement_check(const char *file, struct sg_error *error)
{
    struct sg_replacement replacement;
    struct stat there;

    if (stat(file, &there) == 0 && !S_ISREG(there.st_mode) && !S_ISDIR(there.st_mode)) {
        return access(file, W_OK) == 0 ? SG_OK : failed(file, errno, error); /* opening a pipe would wait for its reader */
    }
    if (sg_replacement_begin(&replacement, file, error) != SG_OK) {
        return SG_ERR_IO;
    }
    sg_replacement_abandon(&replacement);
    return SG_OK;
}
