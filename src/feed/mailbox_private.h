/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
/* Work that blocks (name lookup, REST) is done by a detached helper thread, and its result is posted back to the feed thread. A helper may
 * outlive the source that asked (getaddrinfo cannot be interrupted, and stop may not wait for it): the mailbox is counted, and once
 * it is closed what arrives is thrown away.
 *
 * A job is a structure that begins with `struct sg_job`. run: helper thread; must look at `sg_job_cancelled` where it waits.
 * done: the feed thread, from sg_mailbox_deliver. destroy: whichever thread is last. */
#include <stdatomic.h>
#include <stdbool.h>
#include "spreadglass/base/status.h"

struct sg_mailbox;

struct sg_job {
    void (*run)(struct sg_job *job);
    void (*done)(struct sg_job *job, void *owner);
    void (*destroy)(struct sg_job *job);
    struct sg_mailbox *mailbox;
    struct sg_job *next;
};

/* `wake` is called with the mailbox's lock held after a result was posted; it is never called after sg_mailbox_close. */
struct sg_mailbox *sg_mailbox_new(void (*wake)(void *context), void *context);
/* Closes: no more wakes, waiting results destroyed, running jobs told to end. Drops the owner's reference. NULL is fine. */
void sg_mailbox_close(struct sg_mailbox *mailbox);
/* Starts `job` on a thread of its own; takes it over, also on failure (then it has been destroyed). */
enum sg_status sg_mailbox_start(struct sg_mailbox *mailbox, struct sg_job *job);
/* Hands every waiting result to its `done`, then destroys it. */
void sg_mailbox_deliver(struct sg_mailbox *mailbox, void *owner);
bool sg_job_cancelled(const struct sg_job *job);
/* The same as a flag, valid as long as the job. */
const atomic_bool *sg_job_cancel_flag(const struct sg_job *job);
