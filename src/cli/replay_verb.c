/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `spreadglass replay FILE`: `watch` on a recording, as fast as it goes unless --speed says otherwise. */
#include <stdio.h>

#include "spreadglass/cli/live.h"
#include "verbs_private.h"

int sg_verb_replay(const struct sg_options *options)
{
    if (options->file_count != 1 || options->replay != NULL) {
        fprintf(stderr, "spreadglass replay: it needs one recording: spreadglass replay FILE\ntry: spreadglass replay --help\n");
        return SG_EXIT_USAGE;
    }
    struct sg_options watched = *options;
    watched.replay = options->files[0];
    watched.file_count = 0;
    if (!options->speed_given)
        watched.speed = 0.0;
    return sg_verb_watch_as("replay", &watched);
}
