/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zip: the directory at the end of the file, then one member. Field layout: PKWARE APPNOTE 6.3, sections 4.3 and 4.5.3. */
#include "zip_private.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define END_SIZE 22u
#define END64_SIZE 56u
#define LOCATOR64_SIZE 20u
#define ENTRY_SIZE 46u
#define LOCAL_SIZE 30u
#define COMMENT_MAX 65535u
#define DIRECTORY_MAX ((uint64_t)16 << 20)

struct member {
    uint16_t flags, method;
    uint32_t crc;
    uint64_t packed, unpacked, offset;
    char name[128];
};

struct directory {
    uint64_t offset, size, entries;
};

static uint32_t get16(const unsigned char *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t get32(const unsigned char *at)
{
    return get16(at) | get16(at + 2) << 16;
}

static uint64_t get64(const unsigned char *at)
{
    return (uint64_t)get32(at) | (uint64_t)get32(at + 4) << 32;
}

static bool read_at(int descriptor, uint64_t offset, void *buffer, size_t length)
{
    unsigned char *at = buffer;
    while (length > 0) {
        ssize_t count = pread(descriptor, at, length, (off_t)offset);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        at += count;
        offset += (uint64_t)count;
        length -= (size_t)count;
    }
    return true;
}

static enum sg_status damaged(struct sg_error *error, const char *what)
{
    return sg_fail(error, SG_ERR_PARSE, "the zip archive is damaged or cut off: %s", what);
}

/* Where the directory is, by the record at the end of the file (and its 64 bit form when the fields overflow). */
static enum sg_status find_directory(int descriptor, uint64_t size, struct directory *ret, struct sg_error *error)
{
    if (size < END_SIZE)
        return damaged(error, "it is too short");
    size_t length = size < END_SIZE + COMMENT_MAX ? (size_t)size : END_SIZE + COMMENT_MAX;
    unsigned char *tail = malloc(length);
    if (!tail)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to read a zip archive");
    bool found = false;
    uint64_t end_offset = 0;
    if (read_at(descriptor, size - length, tail, length))
        for (size_t at = length - END_SIZE + 1; at-- > 0 && !found;) {
            if (get32(tail + at) != 0x06054b50u || at + END_SIZE + get16(tail + at + 20) > length)
                continue;
            found = true;
            end_offset = size - length + at;
            *ret = (struct directory){.offset = get32(tail + at + 16), .size = get32(tail + at + 12), .entries = get16(tail + at + 10)};
        }
    free(tail);
    if (!found)
        return damaged(error, "its directory is not there");
    if (ret->offset == 0xffffffffu || ret->size == 0xffffffffu || ret->entries == 0xffffu) {
        unsigned char locator[LOCATOR64_SIZE], end[END64_SIZE];
        if (end_offset < LOCATOR64_SIZE || !read_at(descriptor, end_offset - LOCATOR64_SIZE, locator, sizeof locator) || get32(locator) != 0x07064b50u ||
            get64(locator + 8) > size || size - get64(locator + 8) < END64_SIZE || !read_at(descriptor, get64(locator + 8), end, sizeof end) ||
            get32(end) != 0x06064b50u)
            return damaged(error, "its 64 bit directory is not there");
        *ret = (struct directory){.offset = get64(end + 48), .size = get64(end + 40), .entries = get64(end + 32)};
    }
    if (ret->offset > size || ret->size > size - ret->offset)
        return damaged(error, "its directory lies outside of the file");
    if (ret->size > DIRECTORY_MAX)
        return sg_fail(error, SG_ERR_UNSUPPORTED, "the zip archive holds too many files: unpack it and name one");
    return SG_OK;
}

/* The 64 bit values of a directory entry stand in an extra field, in this order, each only when its 32 bit field is full. */
static bool read_extra64(struct member *member, const unsigned char *extra, size_t length)
{
    while (length >= 4) {
        size_t id = get16(extra), size = get16(extra + 2);
        if (size > length - 4)
            return false;
        const unsigned char *at = extra + 4;
        size_t left = size;
        uint64_t *fields[] = {&member->unpacked, &member->packed, &member->offset};
        for (size_t i = 0; id == 1 && i < 3; i++) {
            if (*fields[i] != 0xffffffffu)
                continue;
            if (left < 8)
                return false;
            *fields[i] = get64(at);
            at += 8;
            left -= 8;
        }
        extra += 4 + size;
        length -= 4 + size;
    }
    return true;
}

static bool has_ending(const char *name, const char *ending)
{
    size_t length = strlen(name), size = strlen(ending);
    return length >= size && strcasecmp(name + length - size, ending) == 0;
}

static bool is_data(const char *name)
{
    return name[0] && !has_ending(name, "/") && !has_ending(name, ".CHECKSUM") && !strstr(name, "__MACOSX/") && !strstr(name, ".DS_Store");
}

static bool looks_like_table(const char *name)
{
    return has_ending(name, ".csv") || has_ending(name, ".json") || has_ending(name, ".txt");
}

/* The one data file; of several, the one that is a table by its name. */
static enum sg_status choose_member(const unsigned char *bytes, uint64_t length, uint64_t entries, struct member *ret_member, struct sg_error *error)
{
    struct member chosen = {0}, table = {0};
    unsigned data = 0, tables = 0;
    for (uint64_t i = 0; i < entries; i++) {
        if (length < ENTRY_SIZE || get32(bytes) != 0x02014b50u)
            return damaged(error, "an entry of its directory makes no sense");
        size_t name = get16(bytes + 28), extra = get16(bytes + 30), comment = get16(bytes + 32);
        size_t whole = ENTRY_SIZE + name + extra + comment;
        if (whole > length)
            return damaged(error, "an entry of its directory is cut off");
        struct member member = {.flags = (uint16_t)get16(bytes + 8),
                                .method = (uint16_t)get16(bytes + 10),
                                .crc = get32(bytes + 16),
                                .packed = get32(bytes + 20),
                                .unpacked = get32(bytes + 24),
                                .offset = get32(bytes + 42)};
        size_t kept = name < sizeof member.name - 1 ? name : sizeof member.name - 1;
        memcpy(member.name, bytes + ENTRY_SIZE + (name - kept), kept);
        for (size_t c = 0; c < kept; c++)
            if ((unsigned char)member.name[c] < 0x20)
                member.name[c] = '?';
        if (!read_extra64(&member, bytes + ENTRY_SIZE + name, extra))
            return damaged(error, "an extra field of its directory makes no sense");
        if (is_data(member.name)) {
            chosen = member;
            data++;
            if (looks_like_table(member.name)) {
                table = member;
                tables++;
            }
        }
        bytes += whole;
        length -= whole;
    }
    if (data == 0)
        return sg_fail(error, SG_ERR_PARSE, "the zip archive holds no data file");
    if (data > 1 && tables != 1)
        return sg_fail(error, SG_ERR_PARSE, "the zip archive holds %u data files (%s among them): unpack it and name one", data, chosen.name);
    *ret_member = data == 1 ? chosen : table;
    return SG_OK;
}

static enum sg_status start_member(struct zip_stream *stream, const struct member *member, uint64_t size, struct sg_error *error)
{
    if (member->flags & 1u)
        return sg_fail(error, SG_ERR_UNSUPPORTED, "%s in the zip archive is encrypted: unpack it first", member->name);
    if (member->method != 0 && member->method != 8)
        return sg_fail(error, SG_ERR_UNSUPPORTED, "%s in the zip archive is packed by a method that is not supported (%u): unpack it first", member->name,
                       (unsigned)member->method);
    unsigned char local[LOCAL_SIZE];
    if (member->offset > size || size - member->offset < LOCAL_SIZE || !read_at(stream->descriptor, member->offset, local, sizeof local) ||
        get32(local) != 0x04034b50u)
        return damaged(error, "its data file is not where the directory says");
    uint64_t begin = member->offset + LOCAL_SIZE + get16(local + 26) + get16(local + 28);
    if (begin > size || member->packed > size - begin)
        return damaged(error, "its data file lies outside of the archive");
    stream->offset = begin;
    stream->remaining = member->packed;
    stream->expected = member->unpacked;
    stream->expected_crc = member->crc;
    stream->deflated = member->method == 8;
    stream->crc = (uint32_t)crc32(0, NULL, 0);
    snprintf(stream->member, sizeof stream->member, "%s", member->name);
    if (stream->deflated && inflateInit2(&stream->inflate, -MAX_WBITS) != Z_OK)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to unpack a zip archive");
    stream->inflating = stream->deflated;
    return SG_OK;
}

enum sg_status sg_zip_open(struct zip_stream *stream, int descriptor, uint64_t size, struct sg_error *error)
{
    memset(stream, 0, sizeof *stream);
    stream->descriptor = descriptor;
    struct directory directory = {0};
    enum sg_status status = find_directory(descriptor, size, &directory, error);
    if (status != SG_OK)
        return status;
    unsigned char *bytes = malloc(directory.size ? (size_t)directory.size : 1);
    if (!bytes)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to read a zip archive");
    struct member member = {0};
    if (read_at(descriptor, directory.offset, bytes, (size_t)directory.size))
        status = choose_member(bytes, directory.size, directory.entries, &member, error);
    else
        status = damaged(error, "its directory cannot be read");
    free(bytes);
    return status == SG_OK ? start_member(stream, &member, size, error) : status;
}

static enum sg_status fill(struct zip_stream *stream, unsigned char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error)
{
    size_t wanted = stream->remaining < capacity ? (size_t)stream->remaining : capacity;
    if (wanted > 0 && !read_at(stream->descriptor, stream->offset, buffer, wanted))
        return damaged(error, "its data cannot be read");
    stream->offset += wanted;
    stream->remaining -= wanted;
    *ret_count = wanted;
    return SG_OK;
}

static enum sg_status finish(struct zip_stream *stream, struct sg_error *error)
{
    stream->ended = true;
    if (stream->produced != stream->expected)
        return damaged(error, "its data file has another length than the directory says");
    if (stream->crc != stream->expected_crc)
        return damaged(error, "the checksum of its data file is wrong");
    return SG_OK;
}

static enum sg_status unpack(struct zip_stream *stream, char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error)
{
    z_stream *inflater = &stream->inflate;
    inflater->next_out = (unsigned char *)buffer;
    inflater->avail_out = capacity > (1u << 20) ? 1u << 20 : (unsigned)capacity;
    unsigned room = inflater->avail_out;
    while (inflater->avail_out == room && !stream->ended) {
        if (inflater->avail_in == 0) {
            size_t count = 0;
            enum sg_status status = fill(stream, stream->buffer, sizeof stream->buffer, &count, error);
            if (status != SG_OK)
                return status;
            inflater->next_in = stream->buffer;
            inflater->avail_in = (unsigned)count;
        }
        bool starved = inflater->avail_in == 0;
        int code = inflate(inflater, Z_NO_FLUSH);
        if (code == Z_STREAM_END)
            stream->ended = true;
        else if (code != Z_OK && !(code == Z_BUF_ERROR && !starved))
            return damaged(error, code == Z_BUF_ERROR ? "its data file ends early" : "its data file cannot be unpacked");
    }
    *ret_count = room - inflater->avail_out;
    return SG_OK;
}

enum sg_status sg_zip_read(struct zip_stream *stream, char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error)
{
    *ret_count = 0;
    if (stream->ended)
        return SG_OK;
    size_t count = 0;
    enum sg_status status = stream->deflated ? unpack(stream, buffer, capacity, &count, error) : fill(stream, (unsigned char *)buffer, capacity, &count, error);
    if (status != SG_OK)
        return status;
    stream->crc = (uint32_t)crc32(stream->crc, (const unsigned char *)buffer, (unsigned)count);
    stream->produced += count;
    if (stream->ended || count == 0 || (!stream->deflated && stream->remaining == 0)) {
        status = finish(stream, error);
        if (status != SG_OK)
            return status;
    }
    *ret_count = count;
    return SG_OK;
}

void sg_zip_close(struct zip_stream *stream)
{
    if (stream->inflating)
        inflateEnd(&stream->inflate);
    stream->inflating = false;
}
