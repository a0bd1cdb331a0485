/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Under the time axis while a recording is played: play and pause, a bar forward and back, how fast, where, and what time it is there. Not there
 * otherwise. One for the window; main thread. */
#include <gtk/gtk.h>
#include "window_private.h"

/* `window` outlives it. */
GtkWidget *sg_replay_bar_new(SgWindow *window);
/* Shows where the replay is; hides it where there is none. */
void sg_replay_bar_update(GtkWidget *bar);
/* The actions win.replay-play, win.replay-forward and win.replay-back, and the keys Space, . and , for them: wherever nobody is typing. Once. */
void sg_replay_bar_add_actions(SgWindow *window);
