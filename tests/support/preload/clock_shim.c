/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For LD_PRELOAD: the machine's clock steps, or the machine sleeps, as a test says. The file named by SG_CLOCK_SHIM holds two int64 in
 * the machine's byte order, microseconds: what is added to CLOCK_REALTIME, and to CLOCK_BOOTTIME (a sleep moves both; CLOCK_MONOTONIC
 * stands still meanwhile). They may change at any time. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offsets;

__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv("SG_CLOCK_SHIM");
    int descriptor = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0)
        return;
    void *map = mmap(NULL, 2 * sizeof *offsets, PROT_READ, MAP_SHARED, descriptor, 0);
    if (map != MAP_FAILED)
        offsets = map;
    close(descriptor);
}

int clock_gettime(clockid_t id, struct timespec *now)
{
    if (syscall(SYS_clock_gettime, id, now) != 0)
        return -1;
    int64_t add = !offsets ? 0 : id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE ? offsets[0] : id == CLOCK_BOOTTIME ? offsets[1] : 0;
    int64_t sum = (int64_t)now->tv_sec * 1000000000 + now->tv_nsec + add * 1000;
    now->tv_sec = (time_t)(sum / 1000000000);
    now->tv_nsec = (long)(sum % 1000000000);
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec exact;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &exact) != 0)
        return -1;
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *ret_now)
{
    struct timespec exact;
    if (clock_gettime(CLOCK_REALTIME, &exact) != 0)
        return -1;
    if (ret_now)
        *ret_now = exact.tv_sec;
    return exact.tv_sec;
}
