/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One place by two names: another path, a link, a name whose file is not there yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spreadglass/base/place.h"
#include "test_folder.h"

static void in_folder(const char *name, char path[static 96])
{
    snprintf(path, 96, "%s/%s", folder, name);
}

static void make(const char *name)
{
    char path[96];
    in_folder(name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
}

static void names_of_a_file(void **state)
{
    (void)state;
    char one[96], other[96];
    make("kept");
    make("another");
    in_folder("kept", one);
    in_folder("./kept", other);
    assert_true(sg_same_place(one, other));
    in_folder("another", other); /* as empty as the first */
    assert_false(sg_same_place(one, other));
    in_folder("symbolic", other);
    assert_int_equal(symlink("kept", other), 0);
    assert_true(sg_same_place(one, other));
    in_folder("hard", other);
    assert_int_equal(link(one, other), 0);
    assert_true(sg_same_place(one, other));
    in_folder("missing", other);
    assert_false(sg_same_place(one, other));
    assert_false(sg_same_place(other, one));
}

static void names_of_what_is_not_there_yet(void **state)
{
    (void)state;
    char one[96], other[96], place[96];
    in_folder("folder", place);
    assert_int_equal(mkdir(place, 0700), 0);
    in_folder("alias", place);
    assert_int_equal(symlink("folder", place), 0);
    in_folder("folder/new", one);
    in_folder("alias/new", other);
    assert_true(sg_same_place(one, other));
    in_folder("alias/./new/", other);
    assert_true(sg_same_place(one, other));
    in_folder("alias/newer", other);
    assert_false(sg_same_place(one, other));
    in_folder("nowhere/new", one);
    in_folder("nowhere/new", other);
    assert_true(sg_same_place(one, other));
    in_folder("elsewhere/new", other);
    assert_false(sg_same_place(one, other));
}

static void relative_paths_are_from_here(void **state)
{
    (void)state;
    char whole[96], before[512];
    assert_non_null(getcwd(before, sizeof before));
    make("here");
    in_folder("here", whole);
    assert_int_equal(chdir(folder), 0);
    bool same = sg_same_place("here", whole), also_new = sg_same_place("later", "./later");
    assert_int_equal(chdir(before), 0);
    assert_true(same);
    assert_true(also_new);
    assert_false(sg_same_place("here", whole));
}

static void what_cannot_be_read_says_what_to_do(void **state)
{
    (void)state;
    char text[256], before[512], expected[300];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    size_t length = sg_unreadable_text("nothing.csv", ENOENT, text, sizeof text);
    assert_int_equal(chdir(before), 0);
    snprintf(expected, sizeof expected, "No such file or directory: check the name; it is looked for from %s", folder);
    assert_string_equal(text, expected);
    assert_int_equal(length, strlen(expected));
    sg_unreadable_text("/nowhere/nothing.csv", ENOENT, text, sizeof text);
    assert_string_equal(text, "No such file or directory: check the name");
    sg_unreadable_text("a.csv", EACCES, text, sizeof text);
    assert_string_equal(text, "Permission denied: let yourself read it (chmod u+r, or u+rx for its folder)");
    sg_unreadable_text("a.csv", EIO, text, sizeof text);
    assert_string_equal(text, strerror(EIO));
    assert_int_equal(sg_unreadable_text("a.csv", ENOENT, text, 8), 7);
    assert_string_equal(text, "No such");
    assert_int_equal(sg_unreadable_text("a.csv", ENOENT, text, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_a_file),
        cmocka_unit_test(names_of_what_is_not_there_yet),
        cmocka_unit_test(relative_paths_are_from_here),
        cmocka_unit_test(what_cannot_be_read_says_what_to_do),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
