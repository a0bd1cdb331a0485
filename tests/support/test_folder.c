/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char folder[32];

int make_folder(void **state)
{
    (void)state;
    memcpy(folder, "/tmp/sg-test-XXXXXX", sizeof "/tmp/sg-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

int remove_folder(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}
