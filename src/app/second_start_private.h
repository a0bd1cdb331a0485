/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "app_private.h"

/* Carries out the command line of a second start. Returns that process's exit status. Main thread of the first. */
int sg_app_second_start(struct sg_app *app, GApplicationCommandLine *line);
