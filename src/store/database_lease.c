/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who keeps which instrument: a byte of a lock file each. Locks of open file descriptions (OFD) decide, because two databases of one process count as two;
 * a lock of the process on another byte tells its id to who finds it taken. Both go with the process, however it ends. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "database_private.h"

#define KEY_BITS ((UINT64_C(1) << 61) - 1)
#define PROCESS_BYTES ((off_t)(INT64_C(1) << 61)) /* the bytes that tell the process lie so much further on */

struct lease {
    off_t key;
    size_t count;
};

/* FNV-1a of market and symbol: a byte of its own for each, of more than there are grains of sand. */
static off_t key_of(const struct sg_instrument *instrument)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    char name[SG_LEG_BUF];
    snprintf(name, sizeof name, "%s:%s", sg_market_name(instrument->market), instrument->symbol);
    for (const char *at = name; *at; at++)
        hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
    return (off_t)(hash & KEY_BITS);
}

static bool set_lock(int file, int command, off_t at, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
    return fcntl(file, command, &lock) == 0;
}

static int open_lease_file(const struct sg_database *database, int flags)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s-lease", database->file) >= sizeof path)
        return -1;
    return open(path, flags | O_CLOEXEC, 0600);
}

static int64_t holder_of(int file, off_t key)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = key + PROCESS_BYTES, .l_len = 1};
    return fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0 ? (int64_t)lock.l_pid : 0;
}

static struct lease *find(struct sg_database *database, off_t key)
{
    for (size_t i = 0; i < database->lease_count; i++)
        if (database->leases[i].key == key)
            return &database->leases[i];
    return NULL;
}

/* Locked. */
static enum sg_lease take(struct sg_database *database, off_t key, int64_t *ret_holder)
{
    struct lease *held = find(database, key);
    if (held) {
        held->count++;
        return SG_LEASE_HELD;
    }
    if (database->lease_file < 0)
        database->lease_file = open_lease_file(database, O_RDWR | O_CREAT);
    struct lease *grown = database->lease_file < 0 ? NULL : realloc(database->leases, (database->lease_count + 1) * sizeof *grown);
    if (!grown)
        return SG_LEASE_UNKNOWN;
    database->leases = grown;
    if (!set_lock(database->lease_file, F_OFD_SETLK, key, F_WRLCK)) {
        if (errno != EAGAIN && errno != EACCES)
            return SG_LEASE_UNKNOWN;
        *ret_holder = holder_of(database->lease_file, key);
        return SG_LEASE_OTHERS;
    }
    (void)set_lock(database->lease_file, F_SETLK, key + PROCESS_BYTES, F_WRLCK); /* only tells who */
    database->leases[database->lease_count++] = (struct lease){key, 1};
    return SG_LEASE_HELD;
}

enum sg_lease sg_database_lease(struct sg_database *database, const struct sg_instrument *instrument, int64_t *ret_holder)
{
    *ret_holder = 0;
    pthread_mutex_lock(&database->lease_lock);
    enum sg_lease lease = take(database, key_of(instrument), ret_holder);
    pthread_mutex_unlock(&database->lease_lock);
    return lease;
}

void sg_database_give_back(struct sg_database *database, const struct sg_instrument *instrument)
{
    pthread_mutex_lock(&database->lease_lock);
    struct lease *held = find(database, key_of(instrument));
    if (held && --held->count == 0) {
        (void)set_lock(database->lease_file, F_SETLK, held->key + PROCESS_BYTES, F_UNLCK);
        (void)set_lock(database->lease_file, F_OFD_SETLK, held->key, F_UNLCK);
        *held = database->leases[--database->lease_count];
    }
    pthread_mutex_unlock(&database->lease_lock);
}

bool sg_database_is_held(struct sg_database *database, const struct sg_instrument *instrument, int64_t *ret_holder)
{
    off_t key = key_of(instrument);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = key, .l_len = 1};
    pthread_mutex_lock(&database->lease_lock);
    if (database->lease_file < 0) /* not made when it is not there: then nobody ever held one */
        database->lease_file = open_lease_file(database, O_RDWR);
    bool held = database->lease_file >= 0 && fcntl(database->lease_file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    *ret_holder = held ? holder_of(database->lease_file, key) : 0;
    pthread_mutex_unlock(&database->lease_lock);
    return held;
}

void sg_database_free_leases(struct sg_database *database)
{
    if (database->lease_file >= 0)
        close(database->lease_file); /* and with it all its locks */
    free(database->leases);
}
