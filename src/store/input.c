/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening a data file by its first bytes, and reading it. */
#include "input_private.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "spreadglass/base/place.h"

static enum sg_status read_gzip(struct series_input *input, char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error)
{
    int count = gzread(input->gz, buffer, capacity > (1u << 20) ? 1u << 20 : (unsigned)capacity);
    int code = Z_OK;
    const char *text = count > 0 ? "" : gzerror(input->gz, &code);
    if (count <= 0 && code == Z_BUF_ERROR)
        return sg_fail(error, SG_ERR_PARSE, "the gzip data break off: the file is cut off");
    if (count < 0 || code < 0) {
        if (code == Z_ERRNO)
            return sg_fail(error, SG_ERR_IO, "%s", strerror(errno));
        return sg_fail(error, SG_ERR_PARSE, "the gzip data are damaged (%s)", text);
    }
    *ret_count = (size_t)count;
    return SG_OK;
}

static enum sg_status read_packed(struct series_input *input, char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error)
{
    return input->unpacker ? sg_unpacker_read(input->unpacker, buffer, capacity, ret_count, error) : read_gzip(input, buffer, capacity, ret_count, error);
}

/* The first bytes of what is in a gzip file; none when they cannot be read, which is told by whoever reads them in earnest. */
static size_t look_into_gzip(int descriptor, char *bytes, size_t capacity)
{
    int other = dup(descriptor);
    gzFile gz = other >= 0 ? gzdopen(other, "rb") : NULL;
    if (!gz && other >= 0)
        close(other);
    int count = gz ? gzread(gz, bytes, (unsigned)capacity) : 0;
    if (gz)
        gzclose_r(gz);
    return count > 0 ? (size_t)count : 0;
}

static enum sg_status open_packed(struct series_input *input, struct sg_error *error)
{
    char bytes[512];
    ssize_t count = pread(input->descriptor, bytes, sizeof bytes, 0);
    if (count < 0)
        return sg_fail(error, SG_ERR_IO, "%s", strerror(errno));
    size_t length = (size_t)count;
    enum sg_packing packing = sg_packing_of(bytes, length);
    if (length >= 2 && memcmp(bytes, "\x1f\x8b", 2) == 0) {
        length = look_into_gzip(input->descriptor, bytes, sizeof bytes);
        packing = sg_packing_of(bytes, length) == SG_PACKING_TAR ? SG_PACKING_TAR : SG_PACKING_NONE;
    }
    if (packing != SG_PACKING_NONE)
        return sg_unpacker_open(&input->unpacker, input->descriptor, input->size, packing, error);
    if (lseek(input->descriptor, 0, SEEK_SET) != 0 || !(input->gz = gzdopen(input->descriptor, "rb")))
        return sg_fail(error, SG_ERR_NOMEM, "no memory to open the file");
    gzbuffer(input->gz, 128u << 10);
    return SG_OK;
}

enum sg_status sg_input_open(struct series_input *input, const char *path, struct sg_error *error)
{
    memset(input, 0, offsetof(struct series_input, buffer));
    input->descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (input->descriptor < 0) {
        char why[256];
        sg_unreadable_text(path, errno, why, sizeof why);
        return sg_fail(error, SG_ERR_IO, "%s", why);
    }
    struct stat info;
    enum sg_status status = SG_OK;
    if (fstat(input->descriptor, &info) != 0)
        status = sg_fail(error, SG_ERR_IO, "%s", strerror(errno));
    else if (!S_ISREG(info.st_mode))
        status = sg_fail(error, SG_ERR_IO, S_ISDIR(info.st_mode) ? "it is a folder, not a file" : "it is not a regular file");
    else if (info.st_size == 0)
        status = sg_fail(error, SG_ERR_PARSE, "the file is empty");
    if (status == SG_OK) {
        input->size = (uint64_t)info.st_size;
        status = open_packed(input, error);
    }
    if (status != SG_OK)
        sg_input_close(input);
    return status;
}

void sg_input_close(struct series_input *input)
{
    sg_unpacker_close(input->unpacker);
    if (input->gz)
        gzclose_r(input->gz); /* closes the descriptor too */
    else if (input->descriptor >= 0)
        close(input->descriptor);
    input->gz = NULL;
    input->unpacker = NULL;
    input->descriptor = -1;
}

enum sg_status sg_input_peek(struct series_input *input, const char **ret_bytes, size_t *ret_length, struct sg_error *error)
{
    bool at_end = false;
    bool fresh = input->end == 0;
    while (fresh && input->end < sizeof input->buffer && !at_end) {
        size_t count = 0;
        enum sg_status status = read_packed(input, input->buffer + input->end, sizeof input->buffer - input->end, &count, &input->failure);
        if (status != SG_OK && input->end == 0)
            return sg_fail(error, status, "%s", input->failure.text);
        if (status != SG_OK)
            break;
        at_end = count == 0;
        input->end += count;
    }
    if (fresh && input->end >= 3 && memcmp(input->buffer, "\xef\xbb\xbf", 3) == 0)
        input->begin = 3;
    if (input->begin == input->end)
        return SG_ERR_END;
    *ret_bytes = input->buffer + input->begin;
    *ret_length = input->end - input->begin;
    return SG_OK;
}

enum sg_status sg_input_read(void *context, char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error)
{
    struct series_input *input = context;
    size_t ahead = input->end - input->begin;
    if (ahead == 0 && input->failure.status != SG_OK)
        return sg_fail(error, input->failure.status, "%s", input->failure.text);
    if (ahead == 0)
        return read_packed(input, buffer, capacity, ret_count, error);
    size_t count = ahead < capacity ? ahead : capacity;
    memcpy(buffer, input->buffer + input->begin, count);
    input->begin += count;
    *ret_count = count;
    return SG_OK;
}

uint64_t sg_input_position(const struct series_input *input)
{
    off_t offset = input->gz ? (off_t)gzoffset(input->gz) : input->unpacker ? lseek(input->descriptor, 0, SEEK_CUR) : 0;
    uint64_t position = offset > 0 ? (uint64_t)offset : 0;
    return position < input->size ? position : input->size;
}
