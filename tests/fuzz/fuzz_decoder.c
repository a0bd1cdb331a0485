/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes into the decoder: no crash, and every tick that comes out keeps its promises. The first byte chooses the stream. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spreadglass/feed/decoder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct sg_decoder decoder = {.stream = (enum sg_stream)(data[0] % 3), .microseconds = (data[0] & 0x40) != 0};
    struct sg_tick ticks[4];
    struct sg_decoded decoded;
    snprintf(decoder.legs[0].symbol, SG_SYMBOL_BUF, "BTCUSDT");
    snprintf(decoder.legs[1].symbol, SG_SYMBOL_BUF, "ETHUSDT");
    sg_decoder_message(&decoder, (const char *)data + 1, size - 1, 1, ticks, 4, &decoded);
    if (decoded.tick_count > 4 || memchr(decoded.detail, 0, sizeof decoded.detail) == NULL)
        abort();
    if (decoded.kind != SG_MESSAGE_TICKS && decoded.tick_count)
        abort();
    for (size_t i = 0; i < decoded.tick_count; i++)
        if (!isfinite(ticks[i].price) || !(ticks[i].price > 0) || ticks[i].quantity < 0 || ticks[i].leg > 1 || ticks[i].id < -1 || ticks[i].time_us < 0)
            abort();
    return 0;
}
