/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Helper threads and the way their results come back. */
#include "mailbox_private.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct sg_mailbox {
    pthread_mutex_t lock;        /* {mailbox}: wake, results */
    void (*wake)(void *context); /* NULL once closed */
    void *context;
    struct sg_job *first, **last; /* results, in the order of their arrival */
    atomic_bool closed;
    atomic_uint references;
};

struct sg_mailbox *sg_mailbox_new(void (*wake)(void *context), void *context)
{
    struct sg_mailbox *mailbox = calloc(1, sizeof *mailbox);
    if (!mailbox)
        return NULL;
    pthread_mutex_init(&mailbox->lock, NULL);
    mailbox->wake = wake;
    mailbox->context = context;
    mailbox->last = &mailbox->first;
    atomic_init(&mailbox->closed, false);
    atomic_init(&mailbox->references, 1u);
    return mailbox;
}

static struct sg_job *take_results(struct sg_mailbox *mailbox)
{
    struct sg_job *first = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
    return first;
}

static void drop(struct sg_mailbox *mailbox)
{
    if (atomic_fetch_sub(&mailbox->references, 1u) != 1)
        return;
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

void sg_mailbox_close(struct sg_mailbox *mailbox)
{
    if (!mailbox)
        return;
    atomic_store(&mailbox->closed, true);
    pthread_mutex_lock(&mailbox->lock);
    mailbox->wake = NULL;
    struct sg_job *job = take_results(mailbox);
    pthread_mutex_unlock(&mailbox->lock);
    while (job) {
        struct sg_job *next = job->next;
        job->destroy(job);
        job = next;
    }
    drop(mailbox);
}

static void *helper(void *data)
{
    struct sg_job *job = data;
    struct sg_mailbox *mailbox = job->mailbox;
    (void)pthread_setname_np(pthread_self(), "feed-helper"); /* or it would have the name of the thread that started it */
    job->run(job);
    pthread_mutex_lock(&mailbox->lock);
    bool open = mailbox->wake != NULL;
    if (open) {
        *mailbox->last = job;
        mailbox->last = &job->next;
        mailbox->wake(mailbox->context);
    }
    pthread_mutex_unlock(&mailbox->lock);
    if (!open)
        job->destroy(job);
    drop(mailbox);
    return NULL;
}

enum sg_status sg_mailbox_start(struct sg_mailbox *mailbox, struct sg_job *job)
{
    pthread_attr_t attributes;
    pthread_t thread;
    job->mailbox = mailbox;
    job->next = NULL;
    atomic_fetch_add(&mailbox->references, 1u);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    /* Signals are the main thread's. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&thread, &attributes, helper, job);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (!failed)
        return SG_OK;
    job->destroy(job);
    drop(mailbox);
    return SG_ERR_NOMEM;
}

void sg_mailbox_deliver(struct sg_mailbox *mailbox, void *owner)
{
    pthread_mutex_lock(&mailbox->lock);
    struct sg_job *job = take_results(mailbox);
    pthread_mutex_unlock(&mailbox->lock);
    while (job) {
        struct sg_job *next = job->next;
        job->done(job, owner);
        job->destroy(job);
        job = next;
    }
}

bool sg_job_cancelled(const struct sg_job *job)
{
    return atomic_load(&job->mailbox->closed);
}

const atomic_bool *sg_job_cancel_flag(const struct sg_job *job)
{
    return &job->mailbox->closed;
}
