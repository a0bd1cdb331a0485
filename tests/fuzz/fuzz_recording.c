/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a recording: read twice with the same result, times that never go back, ticks that make sense. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "spreadglass/feed/recording_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t read_all(struct sg_recording *recording)
{
    struct sg_recorded_message message;
    struct sg_error error = {0};
    uint64_t sum = 1469598103934665603u;
    int64_t last = 0;
    enum sg_status status;
    while ((status = recording->next(recording, &message, &error)) == SG_OK) {
        if (message.recv_us < last)
            abort();
        last = message.recv_us;
        for (size_t i = 0; i < message.length; i++)
            sum = (sum ^ (unsigned char)message.text[i]) * 1099511628211u;
        sum ^= (uint64_t)message.recv_us;
    }
    if (status != SG_ERR_END && error.text[0] == '\0')
        abort();
    (void)recording->warning(recording);
    return sum ^ (uint64_t)status;
}

static void read_ticks(const char *const *files)
{
    struct sg_tick_stream_request request = {.files = files, .file_count = 1, .legs = {{.symbol = "BTCUSDT"}, {.symbol = "ETHUSDT"}}, .stream = -1};
    struct sg_tick_stream *stream = sg_tick_stream_open_recording(&request, NULL);
    if (!stream)
        return;
    enum sg_tick_stream_item item;
    struct sg_tick tick;
    struct sg_feed_event event;
    /* A hole of a century gives many signs of life: enough of them is enough. */
    for (int i = 0; i < 100000 && stream->next(stream, &item, &tick, &event, NULL) == SG_OK; i++)
        if (item == SG_ITEM_TICK && !(tick.price > 0 && tick.leg < SG_LEG_COUNT && tick.quantity >= 0))
            abort();
    stream->free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int descriptor = memfd_create("recording", MFD_CLOEXEC);
    if (descriptor < 0 || write(descriptor, data, size) != (ssize_t)size)
        abort();
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    const char *files[] = {path};
    struct sg_error error = {0};
    struct sg_recording *recording = sg_recording_open(files, 1, &error);
    if (recording) {
        uint64_t sum = read_all(recording);
        if (recording->rewind(recording, NULL) != SG_OK || read_all(recording) != sum)
            abort();
        recording->free(recording);
        read_ticks(files);
    } else if (error.text[0] == '\0') {
        abort();
    }
    close(descriptor);
    return 0;
}
