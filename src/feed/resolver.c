/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names to addresses on a helper thread, and the race between several of them. */
#include "resolver_private.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "spreadglass/base/clock.h"

#define ADDRESSES_MAX 8
#define STAGGER_US INT64_C(250000)
#define RACE_US INT64_C(5000000)

/* IPv6 and IPv4 alternate, each in the resolver's order, the first one as it says. */
static size_t interleave(const struct addrinfo *list, const struct addrinfo *order[static ADDRESSES_MAX])
{
    size_t count = 0;
    int family = list->ai_family;
    const struct addrinfo *next[2] = {list, list}; /* same family as the first; the other */
    for (unsigned turn = 0; count < ADDRESSES_MAX && (next[0] || next[1]); turn ^= 1u) {
        const struct addrinfo **at = &next[turn];
        while (*at && ((*at)->ai_family == family) != (turn == 0))
            *at = (*at)->ai_next;
        if (*at) {
            order[count++] = *at;
            *at = (*at)->ai_next;
        }
    }
    return count;
}

static bool numeric(const struct addrinfo *address, char buffer[static SG_ADDRESS_BUF])
{
    return getnameinfo(address->ai_addr, address->ai_addrlen, buffer, SG_ADDRESS_BUF, NULL, 0, NI_NUMERICHOST) == 0;
}

/* The address that accepts a connection first, or -1 with the last errno. */
static int race(const struct sg_job *job, const struct addrinfo *const *order, size_t count, int *ret_errno)
{
    struct pollfd fds[ADDRESSES_MAX];
    const struct sg_clock *clock = sg_clock_system();
    int64_t start = sg_clock_mono(clock), now = start;
    size_t started = 0, open = 0;
    int winner = -1;
    *ret_errno = ETIMEDOUT;
    for (size_t i = 0; i < count; i++)
        fds[i].fd = -1;
    while (winner < 0 && now - start < RACE_US && !sg_job_cancelled(job)) {
        while (started < count && (open == 0 || now - start >= (int64_t)started * STAGGER_US)) {
            const struct addrinfo *address = order[started];
            int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
            if (fd >= 0 && connect(fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
                *ret_errno = errno;
                close(fd);
                fd = -1;
            }
            fds[started].fd = fd;
            fds[started].events = POLLOUT;
            open += fd >= 0;
            started++;
        }
        if (open == 0 && started == count)
            break;
        if (poll(fds, started, 50) < 0 && errno != EINTR)
            break;
        for (size_t i = 0; i < started && winner < 0; i++) {
            if (fds[i].fd < 0 || !(fds[i].revents & (POLLOUT | POLLERR | POLLHUP)))
                continue;
            int error = 0;
            socklen_t size = sizeof error;
            if (getsockopt(fds[i].fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0) {
                winner = (int)i;
            } else {
                *ret_errno = error;
                close(fds[i].fd);
                fds[i].fd = -1;
                open--;
            }
        }
        now = sg_clock_mono(clock);
    }
    for (size_t i = 0; i < started; i++)
        if (fds[i].fd >= 0)
            close(fds[i].fd);
    return winner;
}

static void resolve(struct sg_job *job)
{
    struct sg_resolution *question = (struct sg_resolution *)job;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *list = NULL;
    char service[16];
    snprintf(service, sizeof service, "%d", question->port);
    int failed = getaddrinfo(question->host, service, &hints, &list);
    if (failed == EAI_NONAME || failed == EAI_BADFLAGS || failed == EAI_ADDRFAMILY || failed == EAI_NODATA) {
        hints.ai_flags = 0; /* a machine with nothing but loopback has no "configured" family */
        failed = getaddrinfo(question->host, service, &hints, &list);
    }
    if (failed) {
        question->failure = SG_FAILURE_NAME;
        snprintf(question->detail, sizeof question->detail, "the name %.120s could not be looked up: %s", question->host,
                 failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
        return;
    }
    const struct addrinfo *order[ADDRESSES_MAX];
    size_t count = interleave(list, order);
    int chosen = 0, reason = 0;
    if (count > 1)
        chosen = race(job, order, count, &reason);
    if (chosen >= 0 && numeric(order[chosen], question->address)) {
        question->resolved = true;
    } else {
        question->failure = reason == ECONNREFUSED ? SG_FAILURE_REFUSED : reason == ETIMEDOUT ? SG_FAILURE_TIMEOUT : SG_FAILURE_UNREACHABLE;
        snprintf(question->detail, sizeof question->detail, "none of the %zu addresses of %.120s answers: %s", count, question->host, strerror(reason));
    }
    freeaddrinfo(list);
}

static void destroy(struct sg_job *job)
{
    free(job);
}

struct sg_resolution *sg_resolution_new(const char *host, int port, unsigned tag)
{
    struct sg_resolution *question = calloc(1, sizeof *question);
    if (!question)
        return NULL;
    question->job.run = resolve;
    question->job.destroy = destroy;
    snprintf(question->host, sizeof question->host, "%s", host);
    question->port = port;
    question->tag = tag;
    return question;
}
