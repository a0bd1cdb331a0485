/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archives by libarchive: which of the files in one is the table, and its bytes. */
#include "unpacker_private.h"
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <zlib.h>

#define BLOCK (128u << 10)
#define MEMBERS_MAX 100000u
#define TAR_MAGIC_AT 257u

struct sg_unpacker {
    struct archive *archive;
    int descriptor; /* the caller's */
    gzFile gz;      /* a tar's bytes, in gzip or plain: zlib verifies the checksum, and libarchive does not */
    enum sg_packing packing;
    uint64_t size, produced;
    char member[128];
    char block[BLOCK]; /* of `gz` */
};

/* What is known of the data files of an archive after a look at all of its names. */
struct census {
    unsigned data, tables;
    bool workbook;
    uint64_t chosen, table; /* place of the last data file, and of the last table, among all members */
    char name[128];
};

static const struct {
    const char *bytes;
    size_t length;
    enum sg_packing packing;
} magics[] = {
    {"PK\3\4", 4, SG_PACKING_ZIP},
    {"PK\5\6", 4, SG_PACKING_ZIP},
    {"7z\xbc\xaf\x27\x1c", 6, SG_PACKING_7Z},
    {"\xfd\x37zXZ", 6, SG_PACKING_FILTER}, /* its last byte is a NUL */
    {"\x28\xb5\x2f\xfd", 4, SG_PACKING_FILTER},
    {"\x04\x22\x4d\x18", 4, SG_PACKING_FILTER},
};

enum sg_packing sg_packing_of(const void *bytes, size_t length)
{
    const char *text = bytes;
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (length >= magics[i].length && memcmp(bytes, magics[i].bytes, magics[i].length) == 0)
            return magics[i].packing;
    /* "BZh", the size of a block, and the first digits of pi that begin each block: three letters alone could begin a text. */
    if (length >= 10 && memcmp(text, "BZh", 3) == 0 && text[3] >= '1' && text[3] <= '9' && memcmp(text + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0)
        return SG_PACKING_FILTER;
    if (length >= TAR_MAGIC_AT + 5 && memcmp(text + TAR_MAGIC_AT, "ustar", 5) == 0)
        return SG_PACKING_TAR;
    return SG_PACKING_NONE;
}

static const char *kind_of(enum sg_packing packing)
{
    static const char *const names[] = {[SG_PACKING_NONE] = "file",
                                        [SG_PACKING_ZIP] = "zip archive",
                                        [SG_PACKING_7Z] = "7z archive",
                                        [SG_PACKING_TAR] = "tar archive",
                                        [SG_PACKING_FILTER] = "packed file"};
    return names[packing];
}

static enum sg_status damaged(struct sg_unpacker *unpacker, struct sg_error *error)
{
    const char *text = archive_error_string(unpacker->archive);
    if (archive_errno(unpacker->archive) == ENOMEM)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to unpack the %s", kind_of(unpacker->packing));
    if (text && strstr(text, "nsupported"))
        return sg_fail(error, SG_ERR_UNSUPPORTED, "the %s is packed by a method that is not supported (%s): unpack it first", kind_of(unpacker->packing), text);
    return sg_fail(error, SG_ERR_PARSE, "the %s is damaged or cut off%s%s%s", kind_of(unpacker->packing), text ? " (" : "", text ? text : "", text ? ")" : "");
}

static enum sg_status nothing_in(const struct sg_unpacker *unpacker, struct sg_error *error)
{
    return sg_fail(error, SG_ERR_PARSE, "the %s holds no data file", kind_of(unpacker->packing));
}

static la_ssize_t read_gzip(struct archive *archive, void *context, const void **ret_bytes)
{
    struct sg_unpacker *unpacker = context;
    int count = gzread(unpacker->gz, unpacker->block, BLOCK), code = Z_OK;
    const char *text = count > 0 ? "" : gzerror(unpacker->gz, &code);
    if (count < 0 || code != Z_OK) {
        archive_set_error(archive, code == Z_ERRNO ? errno : EINVAL, "gzip: %s", code == Z_BUF_ERROR ? "the data break off" : text);
        return -1;
    }
    *ret_bytes = unpacker->block;
    return count;
}

/* A tar from its beginning. The descriptor is shared with the caller, and its place in the file too. */
static enum sg_status begin_tar(struct sg_unpacker *unpacker, struct sg_error *error)
{
    if (!unpacker->gz) {
        int other = dup(unpacker->descriptor);
        unpacker->gz = other >= 0 ? gzdopen(other, "rb") : NULL;
        if (!unpacker->gz && other >= 0)
            close(other);
    } else if (gzrewind(unpacker->gz) != 0) {
        return sg_fail(error, SG_ERR_IO, "the tar archive cannot be read again from its beginning");
    }
    if (!unpacker->gz)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to unpack the tar archive");
    archive_read_support_format_tar(unpacker->archive);
    return archive_read_open(unpacker->archive, unpacker, NULL, read_gzip, NULL) == ARCHIVE_OK ? SG_OK : damaged(unpacker, error);
}

static enum sg_status begin(struct sg_unpacker *unpacker, struct sg_error *error)
{
    archive_read_free(unpacker->archive);
    unpacker->produced = 0;
    unpacker->archive = archive_read_new();
    if (!unpacker->archive || lseek(unpacker->descriptor, 0, SEEK_SET) != 0)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to unpack the %s", kind_of(unpacker->packing));
    struct archive *archive = unpacker->archive;
    switch (unpacker->packing) {
    case SG_PACKING_ZIP: archive_read_support_format_zip_seekable(archive); break; /* without its directory an archive is cut off */
    case SG_PACKING_7Z: archive_read_support_format_7zip(archive); break;
    case SG_PACKING_FILTER:
        archive_read_support_filter_xz(archive);
        archive_read_support_filter_zstd(archive);
        archive_read_support_filter_bzip2(archive);
        archive_read_support_filter_lz4(archive);
        archive_read_support_format_raw(archive);
        archive_read_support_format_tar(archive);
        break;
    case SG_PACKING_TAR: return begin_tar(unpacker, error);
    case SG_PACKING_NONE: break;
    }
    if (archive_read_open_fd(archive, unpacker->descriptor, BLOCK) == ARCHIVE_OK)
        return SG_OK;
    char first[4] = "";
    bool empty = unpacker->packing == SG_PACKING_ZIP && pread(unpacker->descriptor, first, 4, 0) == 4 && memcmp(first, "PK\5\6", 4) == 0;
    return empty ? nothing_in(unpacker, error) : damaged(unpacker, error); /* libarchive takes an empty directory for none */
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
    return has_ending(name, ".csv") || has_ending(name, ".json") || has_ending(name, ".txt") || has_ending(name, ".tsv");
}

/* The end of the name, which says more than its beginning, fit to be printed. */
static void copy_name(struct archive_entry *entry, char *name, size_t size)
{
    const char *whole = archive_entry_pathname_utf8(entry);
    if (!whole)
        whole = archive_entry_pathname(entry);
    size_t length = whole ? strlen(whole) : 0, kept = length < size - 1 ? length : size - 1;
    memcpy(name, whole ? whole + (length - kept) : "", kept);
    name[kept] = '\0';
    for (size_t i = 0; i < kept; i++)
        if ((unsigned char)name[i] < 0x20)
            name[i] = '?';
}

static bool too_much(const struct sg_unpacker *unpacker, uint64_t produced)
{
    return produced > SG_UNPACK_ALWAYS && produced / SG_UNPACK_RATIO > unpacker->size;
}

static enum sg_status bomb(const struct sg_unpacker *unpacker, struct sg_error *error)
{
    return sg_fail(error, SG_ERR_RANGE, "the %s unpacks to more than %u times its size, which no table does; if it is meant, unpack it first",
                   kind_of(unpacker->packing), (unsigned)SG_UNPACK_RATIO);
}

/* Passes over a member. Where that means unpacking it, it is done piece by piece, so that it ends in time. */
static enum sg_status pass_over(struct sg_unpacker *unpacker, struct sg_error *error)
{
    if (unpacker->packing == SG_PACKING_ZIP || unpacker->packing == SG_PACKING_7Z)
        return archive_read_data_skip(unpacker->archive) == ARCHIVE_OK ? SG_OK : damaged(unpacker, error);
    const void *block;
    size_t size;
    la_int64_t offset;
    int code;
    while ((code = archive_read_data_block(unpacker->archive, &block, &size, &offset)) == ARCHIVE_OK) {
        unpacker->produced += size;
        if (too_much(unpacker, unpacker->produced))
            return bomb(unpacker, error);
    }
    return code == ARCHIVE_EOF ? SG_OK : damaged(unpacker, error);
}

static enum sg_status take_census(struct sg_unpacker *unpacker, struct census *census, struct sg_error *error)
{
    struct archive_entry *entry;
    int code;
    enum sg_status status = SG_OK;
    for (uint64_t place = 0; status == SG_OK; place++) {
        code = archive_read_next_header(unpacker->archive, &entry);
        if (code == ARCHIVE_EOF)
            return SG_OK;
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
            return damaged(unpacker, error);
        if (place == MEMBERS_MAX)
            return sg_fail(error, SG_ERR_UNSUPPORTED, "the %s holds too many files: unpack it and name one", kind_of(unpacker->packing));
        char name[sizeof census->name];
        copy_name(entry, name, sizeof name);
        if (archive_entry_filetype(entry) == AE_IFREG && is_data(name)) {
            census->data++;
            census->chosen = place;
            memcpy(census->name, name, sizeof name);
            if (looks_like_table(name)) {
                census->tables++;
                census->table = place;
            }
        }
        census->workbook = census->workbook || has_ending(name, "xl/workbook.xml");
        status = pass_over(unpacker, error);
    }
    return status;
}

/* The one data file; of several, the one that is a table by its name. */
static enum sg_status choose(struct sg_unpacker *unpacker, uint64_t *ret_place, struct sg_error *error)
{
    struct census census = {0};
    enum sg_status status = take_census(unpacker, &census, error);
    if (status != SG_OK)
        return status;
    if (census.workbook)
        return sg_fail(error, SG_ERR_UNSUPPORTED, "it is an Excel workbook: save the sheet as CSV");
    if (census.data == 0)
        return nothing_in(unpacker, error);
    if (census.data > 1 && census.tables != 1)
        return sg_fail(error, SG_ERR_PARSE, "the %s holds %u data files (%s among them): unpack it and name one", kind_of(unpacker->packing), census.data,
                       census.name);
    *ret_place = census.data == 1 ? census.chosen : census.table;
    return SG_OK;
}

/* To the member at this place; what stands before it is passed over. */
static enum sg_status go_to(struct sg_unpacker *unpacker, uint64_t place, struct sg_error *error)
{
    struct archive_entry *entry;
    for (uint64_t at = 0;; at++) {
        int code = archive_read_next_header(unpacker->archive, &entry);
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
            return damaged(unpacker, error);
        if (at == place)
            break;
        enum sg_status status = pass_over(unpacker, error);
        if (status != SG_OK)
            return status;
    }
    copy_name(entry, unpacker->member, sizeof unpacker->member);
    unpacker->produced = 0;
    if (archive_entry_is_encrypted(entry))
        return sg_fail(error, SG_ERR_UNSUPPORTED, "%s in the %s is encrypted: unpack it first", unpacker->member, kind_of(unpacker->packing));
    return SG_OK;
}

/* A file that is packed alone has one nameless member, which need not be looked for. */
static enum sg_status is_alone(struct sg_unpacker *unpacker, bool *ret_alone, struct sg_error *error)
{
    struct archive_entry *entry;
    *ret_alone = false;
    if (unpacker->packing != SG_PACKING_FILTER)
        return SG_OK;
    int code = archive_read_next_header(unpacker->archive, &entry);
    if (code == ARCHIVE_EOF)
        return sg_fail(error, SG_ERR_PARSE, "the packed file holds nothing");
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
        return damaged(unpacker, error);
    if (archive_filter_count(unpacker->archive) < 2) /* its first bytes were enough for us and are too few for the unpacker */
        return sg_fail(error, SG_ERR_PARSE, "the packed file is damaged or cut off at its beginning");
    *ret_alone = archive_format(unpacker->archive) == ARCHIVE_FORMAT_RAW;
    return *ret_alone ? SG_OK : begin(unpacker, error);
}

enum sg_status sg_unpacker_open(struct sg_unpacker **ret_unpacker, int descriptor, uint64_t size, enum sg_packing packing, struct sg_error *error)
{
    struct sg_unpacker *unpacker = calloc(1, sizeof *unpacker);
    if (!unpacker)
        return sg_fail(error, SG_ERR_NOMEM, "no memory to unpack the %s", kind_of(packing));
    unpacker->descriptor = descriptor;
    unpacker->size = size;
    unpacker->packing = packing;
    bool alone = false;
    uint64_t place = 0;
    enum sg_status status = begin(unpacker, error);
    if (status == SG_OK)
        status = is_alone(unpacker, &alone, error);
    if (status == SG_OK && !alone) {
        status = choose(unpacker, &place, error);
        if (status == SG_OK)
            status = begin(unpacker, error);
        if (status == SG_OK)
            status = go_to(unpacker, place, error);
    }
    if (status != SG_OK) {
        sg_unpacker_close(unpacker);
        return status;
    }
    *ret_unpacker = unpacker;
    return SG_OK;
}

enum sg_status sg_unpacker_read(struct sg_unpacker *unpacker, char *buffer, size_t capacity, size_t *ret_count, struct sg_error *error)
{
    *ret_count = 0;
    la_ssize_t count = archive_read_data(unpacker->archive, buffer, capacity);
    if (count < 0) /* a warning too: a wrong checksum is one */
        return damaged(unpacker, error);
    unpacker->produced += (uint64_t)count;
    if (too_much(unpacker, unpacker->produced))
        return bomb(unpacker, error);
    *ret_count = (size_t)count;
    return SG_OK;
}

void sg_unpacker_close(struct sg_unpacker *unpacker)
{
    if (!unpacker)
        return;
    archive_read_free(unpacker->archive);
    if (unpacker->gz)
        gzclose_r(unpacker->gz);
    free(unpacker);
}
