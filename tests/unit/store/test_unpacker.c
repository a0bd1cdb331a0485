/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archives as libarchive's own writer makes them: read to the byte, and refused when they are cut, changed, hostile or unclear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <archive.h>
#include <archive_entry.h>
#include "../../../src/store/input_private.h"
#include "test_folder.h"

struct form {
    const char *name;
    int (*set_format)(struct archive *);
    int (*add_filter)(struct archive *);
    bool checked; /* every byte is under a checksum */
};

static const struct form forms[] = {
    {"zip", archive_write_set_format_zip, NULL, true},
    {"7z", archive_write_set_format_7zip, NULL, true},
    {"tar", archive_write_set_format_pax_restricted, NULL, false},
    {"tar.gz", archive_write_set_format_pax_restricted, archive_write_add_filter_gzip, true},
    {"tar.xz", archive_write_set_format_ustar, archive_write_add_filter_xz, true},
    {"tar.zst", archive_write_set_format_gnutar, archive_write_add_filter_zstd, false},
    {"gz", archive_write_set_format_raw, archive_write_add_filter_gzip, true},
    {"xz", archive_write_set_format_raw, archive_write_add_filter_xz, true},
    {"zst", archive_write_set_format_raw, archive_write_add_filter_zstd, false}, /* libarchive writes none */
    {"bz2", archive_write_set_format_raw, archive_write_add_filter_bzip2, true},
    {"lz4", archive_write_set_format_raw, archive_write_add_filter_lz4, true},
};

struct member {
    const char *name;
    const char *text;
    size_t length;
};

static const char *path_of(const char *name)
{
    static char path[160];
    snprintf(path, sizeof path, "%s/packed.%s", folder, name);
    return path;
}

static const char *pack(const struct form *form, const struct member *members, size_t count)
{
    const char *path = path_of(form->name);
    struct archive *archive = archive_write_new();
    assert_int_equal(form->set_format(archive), ARCHIVE_OK);
    if (form->add_filter)
        assert_int_equal(form->add_filter(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        bool folder_itself = members[i].name[strlen(members[i].name) - 1] == '/';
        archive_entry_set_pathname(entry, members[i].name);
        archive_entry_set_filetype(entry, folder_itself ? AE_IFDIR : AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        if (!folder_itself)
            archive_entry_set_size(entry, (la_int64_t)members[i].length);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, members[i].text, members[i].length), members[i].length);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    return path;
}

/* All that the file says; NULL with the reason when it is refused. */
static char *read_all(const char *path, size_t *ret_length, struct sg_error *error)
{
    struct series_input *input = malloc(sizeof *input);
    char *text = NULL;
    size_t length = 0, room = 0, count = 1;
    *error = (struct sg_error){0};
    enum sg_status status = sg_input_open(input, path, error);
    bool open = status == SG_OK;
    while (status == SG_OK && count > 0) {
        if (room - length < 70000)
            text = realloc(text, room = 2 * room + 70000);
        assert_non_null(text);
        status = sg_input_read(input, text + length, 70000, &count, error);
        length += status == SG_OK ? count : 0;
    }
    if (open)
        sg_input_close(input);
    free(input);
    if (status != SG_OK) {
        free(text);
        return NULL;
    }
    *ret_length = length;
    return text;
}

static void expect_refused(const char *path, enum sg_status status, const char *reason)
{
    struct sg_error error;
    size_t length;
    char *text = read_all(path, &length, &error);
    if (text || !strstr(error.text, reason))
        print_message("%s: expected \"%s\" in \"%s\"\n", path, reason, error.text);
    assert_null(text);
    assert_non_null(strstr(error.text, reason));
    assert_int_equal(error.status, status);
}

/* Numbers that do not pack away to nothing: a changed byte must change something. */
static char *table(size_t lines, size_t *ret_length)
{
    char *text = malloc(lines * 64);
    size_t length = 0;
    uint32_t seed = 1;
    assert_non_null(text);
    for (size_t i = 0; i < lines; i++) {
        seed = seed * 1664525u + 1013904223u;
        length += (size_t)snprintf(text + length, 64, "%zu,%u.%u\n", 1700000000 + i * 60, seed >> 16, seed & 0xffff);
    }
    *ret_length = length;
    return text;
}

static void every_form_is_read_to_the_byte(void **state)
{
    (void)state;
    size_t length, got;
    char *text = table(4000, &length);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct member one = {"BTCUSDT-1m.csv", text, length};
        struct sg_error error;
        char *read = read_all(pack(&forms[i], &one, 1), &got, &error);
        if (!read)
            print_message("%s: %s\n", forms[i].name, error.text);
        assert_non_null(read);
        assert_int_equal(got, length);
        assert_memory_equal(read, text, length);
        free(read);
    }
    free(text);
}

static void write_bytes(const char *path, const unsigned char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Neither half a table nor a wrong number: what is cut or changed is refused, or reads as it was. */
static void what_is_cut_or_changed_is_refused(void **state)
{
    (void)state;
    size_t length, got;
    char *text = table(150, &length);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct member one = {"BTCUSDT-1m.csv", text, length};
        static unsigned char bytes[64 << 10];
        const char *path = pack(&forms[i], &one, 1);
        FILE *file = fopen(path, "rb");
        size_t size = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        assert_in_range(size, 1, sizeof bytes - 1);
        struct sg_error error;
        /* Shorter than what tells it it is a file of another kind; a tar ends with blocks of zeros that say nothing. */
        for (size_t cut = strcmp(forms[i].name, "tar") == 0 ? 512 : 10; cut < size; cut += size / 20 + 1) {
            write_bytes(path, bytes, cut);
            char *read = read_all(path, &got, &error);
            if (read && (got != length || memcmp(read, text, length) != 0 || strncmp(forms[i].name, "tar", 3) != 0))
                fail_msg("%s: cut at %zu of %zu and read", forms[i].name, cut, size);
            free(read);
        }
        for (size_t at = 0; forms[i].checked && at < size; at += size / 40 + 1) {
            bytes[at] ^= 0x20;
            write_bytes(path, bytes, size);
            bytes[at] ^= 0x20;
            char *read = read_all(path, &got, &error);
            if (read && got == length && memcmp(read, text, length) == 0) {
                free(read); /* a name or a date: the table is as it was */
                continue;
            }
            if (read && at >= 10) /* as above */
                fail_msg("%s: byte %zu of %zu changed and read", forms[i].name, at, size);
            free(read);
        }
    }
    free(text);
}

static void the_table_among_other_files(void **state)
{
    (void)state;
    struct member members[] = {{"folder/", "", 0},
                               {"folder/readme.md", "hello", 5},
                               {"__MACOSX/x.csv", "junk", 4},
                               {"folder/a.CSV", "1,2\n", 4},
                               {"a.CSV.CHECKSUM", "0123456789", 10}};
    struct member two[] = {{"a.csv", "1,2\n", 4}, {"b.csv", "3,4\n", 4}};
    struct member workbook[] = {{"[Content_Types].xml", "<x/>", 4}, {"xl/workbook.xml", "<x/>", 4}, {"xl/worksheets/sheet1.xml", "<x/>", 4}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (forms[i].set_format == archive_write_set_format_raw)
            continue;
        struct sg_error error;
        size_t got;
        char *read = read_all(pack(&forms[i], members, 5), &got, &error);
        if (!read)
            print_message("%s: %s\n", forms[i].name, error.text);
        assert_non_null(read);
        assert_int_equal(got, 4);
        assert_memory_equal(read, "1,2\n", 4);
        free(read);
        expect_refused(pack(&forms[i], two, 2), SG_ERR_PARSE, "holds 2 data files (b.csv among them)");
        expect_refused(pack(&forms[i], members, 1), SG_ERR_PARSE, "holds no data file");
        expect_refused(pack(&forms[i], workbook, 3), SG_ERR_UNSUPPORTED, "an Excel workbook");
    }
}

/* A few kilobytes that would unpack to more than anybody meant. */
static void what_unpacks_without_end_is_refused(void **state)
{
    (void)state;
    size_t length = (size_t)SG_UNPACK_ALWAYS + (1u << 20);
    char *zeros = malloc(length);
    assert_non_null(zeros);
    memset(zeros, '1', length);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(forms[i].name, "xz") != 0 && strcmp(forms[i].name, "zip") != 0 && strcmp(forms[i].name, "tar.gz") != 0)
            continue;
        struct member one[] = {{"a.csv", zeros, length}, {"b.md", "x", 1}};
        expect_refused(pack(&forms[i], one, forms[i].set_format == archive_write_set_format_raw ? 1 : 2), SG_ERR_RANGE, "unpacks to more than 250 times");
    }
    free(zeros);
    /* As much as may always come out, and a table that packs well. */
    size_t lines = 400000, text_length = 0, got;
    char *text = malloc(lines * 32);
    for (size_t n = 0; n < lines; n++)
        text_length += (size_t)snprintf(text + text_length, 32, "%zu,1.00000000,1\n", 1700000000 + n);
    struct member good = {"quiet.csv", text, text_length};
    struct sg_error error;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, "xz") == 0) {
            char *read = read_all(pack(&forms[i], &good, 1), &got, &error);
            assert_non_null(read);
            assert_int_equal(got, text_length);
            free(read);
        }
    free(text);
}

static void what_only_begins_alike(void **state)
{
    (void)state;
    assert_int_equal(sg_packing_of("BZhang,close\n1,2\n", 17), SG_PACKING_NONE);
    assert_int_equal(sg_packing_of("PK,close\n", 9), SG_PACKING_NONE);
    assert_int_equal(sg_packing_of("", 0), SG_PACKING_NONE);
    assert_int_equal(sg_packing_of("PK\5\6", 4), SG_PACKING_ZIP);
    assert_int_equal(sg_packing_of("PK\5\6", 3), SG_PACKING_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_read_to_the_byte), cmocka_unit_test(what_is_cut_or_changed_is_refused),
        cmocka_unit_test(the_table_among_other_files),    cmocka_unit_test(what_unpacks_without_end_is_refused),
        cmocka_unit_test(what_only_begins_alike),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
