/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* A folder for one test program, as cmocka's group fixtures: made before its tests, removed with all that is in it after them. */

extern char folder[32]; /* "/tmp/sg-test-XXXXXX"; valid between the two */
int make_folder(void **state);
int remove_folder(void **state);
