/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* The numbers' texts moved to the engine, because `render` writes the same words as the window: use these, and stat_text.h. */
#include "spreadglass/engine/number_text.h"
#include "spreadglass/engine/stat_text.h"
