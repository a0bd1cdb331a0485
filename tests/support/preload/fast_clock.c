/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For LD_PRELOAD: time goes SG_FAST_CLOCK times as fast. SG_FAST_FROM is the real time, in microseconds since 1970, from which on it does, so that several
 * processes have one clock. Waits are as much shorter. What the kernel times by itself (a socket's own timeouts) is as it was. The file named by SG_FAST_JUMP,
 * if any, holds an int64 in the machine's byte order, microseconds by which all clocks are ahead of that; it may grow at any time. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS INT64_C(1000000000)

static int64_t factor = 1, from_ns, mono_from_ns;
static const volatile int64_t *jump;

static int64_t real_ns(clockid_t id)
{
    struct timespec now;
    syscall(SYS_clock_gettime, id, &now);
    return (int64_t)now.tv_sec * NS + now.tv_nsec;
}

static int64_t number(const char *digits)
{
    int64_t value = 0;
    for (; *digits >= '0' && *digits <= '9'; digits++)
        value = value * 10 + (*digits - '0');
    return value;
}

static void map_jump(const char *file)
{
    int descriptor = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0)
        return;
    void *map = mmap(NULL, sizeof *jump, PROT_READ, MAP_SHARED, descriptor, 0);
    if (map != MAP_FAILED)
        jump = map;
    close(descriptor);
}

static int64_t ahead_ns(void)
{
    return jump ? *jump * 1000 : 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *fast = getenv("SG_FAST_CLOCK"), *from = getenv("SG_FAST_FROM");
    if (!fast || !from)
        return;
    factor = number(fast);
    from_ns = number(from) * 1000;
    map_jump(getenv("SG_FAST_JUMP"));
    mono_from_ns = real_ns(CLOCK_MONOTONIC) - (real_ns(CLOCK_REALTIME) - from_ns);
}

static int64_t base_of(clockid_t id)
{
    return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE ? from_ns : mono_from_ns;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    if (id == CLOCK_PROCESS_CPUTIME_ID || id == CLOCK_THREAD_CPUTIME_ID)
        return (int)syscall(SYS_clock_gettime, id, now);
    int64_t base = base_of(id), fast = base + (real_ns(id) - base) * factor + ahead_ns();
    now->tv_sec = (time_t)(fast / NS);
    now->tv_nsec = (long)(fast % NS);
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *ret_now)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (ret_now)
        *ret_now = exact.tv_sec;
    return exact.tv_sec;
}

/* Milliseconds are coarse: what is left of one is waited for as a whole. */
static int shorter(int timeout)
{
    return timeout <= 0 ? timeout : (int)((timeout + factor - 1) / factor);
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    struct timespec wait = {shorter(timeout) / 1000, shorter(timeout) % 1000 * 1000000L};
    return (int)syscall(SYS_ppoll, fds, count, timeout < 0 ? NULL : &wait, NULL, (size_t)8);
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    struct timespec wait;
    if (timeout) {
        int64_t ns = ((int64_t)timeout->tv_sec * NS + timeout->tv_nsec) / factor;
        wait = (struct timespec){(time_t)(ns / NS), (long)(ns % NS)};
    }
    return (int)syscall(SYS_ppoll, fds, count, timeout ? &wait : NULL, mask, (size_t)8);
}

int epoll_wait(int epoll, struct epoll_event *events, int maximum, int timeout)
{
    return (int)syscall(SYS_epoll_pwait, epoll, events, maximum, shorter(timeout), NULL, (size_t)8);
}

int nanosleep(const struct timespec *time, struct timespec *rest)
{
    int64_t ns = ((int64_t)time->tv_sec * NS + time->tv_nsec) / factor;
    struct timespec wait = {(time_t)(ns / NS), (long)(ns % NS)};
    return (int)syscall(SYS_nanosleep, &wait, rest);
}

int usleep(useconds_t us)
{
    struct timespec wait = {us / 1000000, (long)(us % 1000000) * 1000};
    return nanosleep(&wait, NULL);
}

/* The deadline is of one of the two clocks, which are decades apart. */
int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t id, const struct timespec *until);

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex, const struct timespec *restrict until)
{
    clockid_t id = until->tv_sec > 1000000000 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    int64_t base = base_of(id), fast = (int64_t)until->tv_sec * NS + until->tv_nsec, real = base + (fast - ahead_ns() - base) / factor;
    struct timespec wait = {(time_t)(real / NS), (long)(real % NS)};
    return pthread_cond_clockwait(cond, mutex, id, &wait);
}
