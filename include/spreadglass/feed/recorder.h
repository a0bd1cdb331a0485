/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Writes what a source receives to a file that sg_recording_open reads: raw messages, events of the connection, signs of life. The form
 * stands in recording_reader.h.
 *
 * The file is good at every moment: a crash, a kill or a full disk at any byte leaves a prefix that reads, at most the last
 * `flush_us` short. Plain: whole lines are written and the rest waits in memory. Gzip: the same, with a flush point in the
 * compressed stream. Calls to write never wait for the disk longer than write(2) itself does.
 * Rotation: when the file on disk reaches `rotate_bytes` the next one is begun, FILE.1, FILE.2, … before the ending
 * (x.ndjson.gz, x.1.ndjson.gz, …), each with a header line of its own; played together they are one recording.
 *
 * Threads: the write functions, and `rotate` within them, on one thread (the source's); start and stop on main while that thread
 * does not run or is stopped; the status on any thread (its own mutex). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spreadglass/base/status.h"
#include "spreadglass/market/history_answer.h"
#include "spreadglass/market/instrument.h"
#include "spreadglass/market/tick.h"

struct sg_recorder;

struct sg_recorder_config {
    const char *file; /* gzip when the name ends in ".gz"; must not exist yet */
    struct sg_instrument legs[SG_LEG_COUNT];
    enum sg_stream stream;
    int64_t flush_us;      /* receive time between two flushes to the file; 0: 1 s */
    uint64_t rotate_bytes; /* of one file on disk; 0: 1 GiB */
    bool
        with_history; /* a session with its answers about the past: the header says version 2 (3 where the stream carries no time, or both legs are one symbol) */
    unsigned keep_files; /* oldest files beyond this many are removed; 0: none is */
};

struct sg_recorder_status {
    uint64_t messages, events; /* written (or waiting for the next flush) */
    uint64_t bytes;            /* in files, as they lie on disk */
    uint64_t lost;             /* messages and events that could not be written */
    unsigned files;
    enum sg_status status; /* SG_OK; else writing ended for good (disk full, …), and `detail` says why */
    char detail[256];
    char file[512]; /* being written */
};

/* NULL with error: the file exists, cannot be created, … The header line is on disk when it returns. */
struct sg_recorder *sg_recorder_start(const struct sg_recorder_config *config, struct sg_error *error);
/* One message as it was received, JSON text; `leg` is the one that its connection carries, -1: both, told apart by their symbols; a line end within it (which JSON allows between tokens only) becomes a space. */
void sg_recorder_message(struct sg_recorder *recorder, int64_t recv_us, int leg, const char *text, size_t length);
void sg_recorder_event(struct sg_recorder *recorder, const struct sg_feed_event *event);
/* `count` ticks of the messages of late did not reach the session: its bars have a gap there, which these messages can fill. with_history only: what
 * no session reads cannot be missed. */
void sg_recorder_dropped(struct sg_recorder *recorder, int64_t recv_us, int leg, uint64_t count);
/* What the exchange's REST interface said about the past, at its place. */
void sg_recorder_history(struct sg_recorder *recorder, int64_t recv_us, const struct sg_history_answer *answer);
/* The source stops here, on purpose: with_history only, where a replay is to end exactly as the session did. */
void sg_recorder_end(struct sg_recorder *recorder, int64_t recv_us);
/* To be called often (many times a second) while the source runs: it flushes what waits, and writes a sign of life when nothing else
 * was written for a second of receive time. */
void sg_recorder_beat(struct sg_recorder *recorder, int64_t recv_us);
void sg_recorder_status(struct sg_recorder *recorder, struct sg_recorder_status *ret_status);
/* Writes what waits, closes the file, frees. SG_ERR_IO when not everything could be written. NULL is fine. */
enum sg_status sg_recorder_stop(struct sg_recorder *recorder, struct sg_error *error);
