/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that appear whole or not at all; what stands there keeps its rights, its links, and, when it is a device, its life. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spreadglass/base/replacement.h"

static char folder[64];

static const char *in_folder(const char *name)
{
    static char path[4][256];
    static unsigned next;
    char *place = path[next++ % 4];

    snprintf(place, sizeof path[0], "%s/%s", folder, name);
    return place;
}

static size_t entries(void)
{
    DIR *dir = opendir(folder);
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir)) {
        count++;
    }
    closedir(dir);
    return count - 2; /* itself and its parent */
}

static void put(const char *file, const char *text)
{
    struct sg_replacement r;

    assert_int_equal(sg_replacement_begin(&r, file, NULL), SG_OK);
    assert_int_equal(sg_replacement_write(&r, text, strlen(text), NULL), SG_OK);
    assert_int_equal(sg_replacement_commit(&r, NULL), SG_OK);
    assert_int_equal(r.descriptor, -1);
    sg_replacement_abandon(&r); /* nothing happens */
}

static void assert_content(const char *file, const char *text)
{
    char got[64] = "";
    FILE *stream = fopen(file, "r");

    assert_non_null(stream);
    assert_int_equal(fread(got, 1, sizeof got - 1, stream), strlen(text));
    fclose(stream);
    assert_string_equal(got, text);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/sg-replacement-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"a", "b", "link", "pipe", "sub"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        remove(in_folder(names[i]));
    }
    return rmdir(folder);
}

static void test_whole_or_not_at_all(void **state)
{
    struct sg_replacement r;

    (void)state;
    put(in_folder("a"), "one");
    assert_content(in_folder("a"), "one");
    assert_int_equal(sg_replacement_begin(&r, in_folder("a"), NULL), SG_OK);
    assert_int_equal(sg_replacement_write(&r, "half", 4, NULL), SG_OK);
    assert_content(in_folder("a"), "one"); /* until it is complete */
    assert_int_equal(entries(), 2);
    sg_replacement_abandon(&r);
    assert_content(in_folder("a"), "one");
    assert_int_equal(entries(), 1);
    put(in_folder("a"), "two");
    assert_content(in_folder("a"), "two");
    assert_int_equal(entries(), 1);
}

static void test_rights_and_links(void **state)
{
    struct stat what;
    mode_t mask = umask(027);

    (void)state;
    put(in_folder("a"), "new");
    assert_int_equal(stat(in_folder("a"), &what), 0);
    assert_int_equal(what.st_mode & 0777, 0640); /* what any new file gets */
    assert_int_equal(chmod(in_folder("a"), 0604), 0);
    assert_int_equal(symlink("a", in_folder("link")), 0);
    put(in_folder("link"), "through");
    assert_int_equal(lstat(in_folder("link"), &what), 0);
    assert_true(S_ISLNK(what.st_mode));
    assert_content(in_folder("a"), "through");
    assert_int_equal(stat(in_folder("a"), &what), 0);
    assert_int_equal(what.st_mode & 0777, 0604); /* its own */
    umask(mask);
}

static void test_what_is_no_file_stays_what_it_is(void **state)
{
    struct stat what;
    char got[8] = "";
    int reader;

    (void)state;
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    reader = open(in_folder("pipe"), O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    put(in_folder("pipe"), "stream");
    assert_int_equal(read(reader, got, 6), 6);
    assert_string_equal(got, "stream");
    close(reader);
    assert_int_equal(lstat(in_folder("pipe"), &what), 0);
    assert_true(S_ISFIFO(what.st_mode));
    assert_int_equal(sg_replacement_check(in_folder("pipe"), NULL), SG_OK); /* without a reader, and without waiting for one */
    put("/dev/null", "nothing");
    assert_int_equal(stat("/dev/null", &what), 0);
    assert_true(S_ISCHR(what.st_mode));
}

static void test_errors(void **state)
{
    struct sg_replacement r;
    struct sg_error error = {0};

    (void)state;
    assert_int_equal(mkdir(in_folder("sub"), 0700), 0);
    assert_int_equal(sg_replacement_begin(&r, in_folder("sub"), &error), SG_ERR_IO);
    assert_non_null(strstr(error.text, strerror(EISDIR)));
    assert_int_equal(r.descriptor, -1);
    assert_int_equal(sg_replacement_begin(&r, in_folder("missing/a"), &error), SG_ERR_IO);
    assert_non_null(strstr(error.text, "missing/a"));
    assert_int_equal(sg_replacement_check(in_folder("missing/a"), &error), SG_ERR_IO);
    assert_int_equal(sg_replacement_check(in_folder("a"), &error), SG_OK);
    assert_int_equal(entries(), 1); /* sub */
    if (access("/dev/full", W_OK) == 0) {
        assert_int_equal(sg_replacement_begin(&r, "/dev/full", &error), SG_OK);
        assert_int_equal(sg_replacement_write(&r, "x", 1, &error), SG_ERR_IO);
        assert_non_null(strstr(error.text, strerror(ENOSPC)));
        sg_replacement_abandon(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whole_or_not_at_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rights_and_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_file_stays_what_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
