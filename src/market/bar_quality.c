/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spreadglass/market/bar_quality.h"
#include <stddef.h>
#include <string.h>

enum sg_bar_quality sg_bar_quality(uint32_t flags)
{
    static const struct {
        uint32_t flag;
        enum sg_bar_quality quality;
    } worst_first[] = {
        {SG_BAR_PROVISIONAL, SG_QUALITY_FORMING}, {SG_BAR_INCOMPLETE, SG_QUALITY_INCOMPLETE},
        {SG_BAR_UNSETTLED, SG_QUALITY_UNSETTLED}, {SG_BAR_VOLUME_ESTIMATED | SG_BAR_NO_VOLUME, SG_QUALITY_ESTIMATED},
        {SG_BAR_REPAIRED, SG_QUALITY_REPAIRED},
    };
    for (size_t i = 0; i < sizeof worst_first / sizeof *worst_first; i++)
        if (flags & worst_first[i].flag)
            return worst_first[i].quality;
    return SG_QUALITY_EXACT;
}

const char *sg_bar_quality_name(enum sg_bar_quality quality)
{
    static const char *const names[SG_QUALITY_COUNT] = {
        [SG_QUALITY_FORMING] = "forming",     [SG_QUALITY_INCOMPLETE] = "incomplete", [SG_QUALITY_ESTIMATED] = "estimated",
        [SG_QUALITY_UNSETTLED] = "unsettled", [SG_QUALITY_REPAIRED] = "repaired",     [SG_QUALITY_EXACT] = "exact",
    };
    size_t index = (size_t)quality;
    return index < SG_QUALITY_COUNT ? names[index] : "unknown";
}

bool sg_bar_quality_flags(const char *name, size_t length, uint32_t *ret_flags)
{
    static const uint32_t flags[SG_QUALITY_COUNT] = {[SG_QUALITY_INCOMPLETE] = SG_BAR_INCOMPLETE,
                                                     [SG_QUALITY_UNSETTLED] = SG_BAR_UNSETTLED,
                                                     [SG_QUALITY_ESTIMATED] = SG_BAR_VOLUME_ESTIMATED,
                                                     [SG_QUALITY_REPAIRED] = SG_BAR_REPAIRED};
    for (int i = SG_QUALITY_INCOMPLETE; i < SG_QUALITY_COUNT; i++) {
        const char *known = sg_bar_quality_name((enum sg_bar_quality)i);
        if (strlen(known) == length && memcmp(known, name, length) == 0) {
            *ret_flags = flags[i];
            return true;
        }
    }
    return false;
}

bool sg_bar_is_better(uint32_t flags, uint32_t trades, uint32_t flags_there, uint32_t trades_there)
{
    enum sg_bar_quality quality = sg_bar_quality(flags), there = sg_bar_quality(flags_there);
    return quality != there ? quality > there : trades >= trades_there;
}
