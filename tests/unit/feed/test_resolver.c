/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names to addresses: several of them race, and no lookup ever stops the feed's own thread. The lookup itself is replaced here: what a
 * name means, and how long it takes, is the test's to say. */
#include "hostile_harness.h"

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "../../../src/feed/resolver_private.h"

#define NAMES_MAX 3

static struct sockaddr_storage answers[NAMES_MAX]; /* what "race.test" means, in the resolver's order */
static size_t answer_count;
static atomic_bool held; /* "held.test" is not answered while this is set */
static atomic_int held_calls;
static char held_thread[32]; /* the name of the thread that asked for it */

/* One block for each, as freeaddrinfo wants it. */
static struct addrinfo *entry_of(const struct sockaddr_storage *address)
{
    struct addrinfo *entry = calloc(1, sizeof *entry + sizeof *address);
    socklen_t length = address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    assert_non_null(entry);
    memcpy(entry + 1, address, length);
    *entry = (struct addrinfo){.ai_family = address->ss_family, .ai_socktype = SOCK_STREAM, .ai_addrlen = length, .ai_addr = (struct sockaddr *)(entry + 1)};
    return entry;
}

int getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints, struct addrinfo **restrict ret_list)
{
    static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    if (name && strcmp(name, "race.test") == 0) {
        *ret_list = NULL;
        for (size_t i = answer_count; i-- > 0;) {
            struct addrinfo *entry = entry_of(&answers[i]);
            entry->ai_next = *ret_list;
            *ret_list = entry;
        }
        return answer_count ? 0 : EAI_NONAME;
    }
    if (name && strcmp(name, "held.test") == 0) {
        pthread_getname_np(pthread_self(), held_thread, sizeof held_thread);
        atomic_fetch_add(&held_calls, 1);
        while (atomic_load(&held))
            nap();
        return EAI_AGAIN;
    }
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    return real(name, service, hints, ret_list);
}

/* A socket on this machine's own address; 127.0.0.`last`, or ::1 when that is 0. Port 0: any. -1: there is no such address. */
static int bound(int last, int port, struct sockaddr_storage *ret_address)
{
    struct sockaddr_in *four = (struct sockaddr_in *)ret_address;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret_address;
    int family = last ? AF_INET : AF_INET6, one = 1;
    socklen_t length = last ? sizeof *four : sizeof *six;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    memset(ret_address, 0, sizeof *ret_address);
    if (last)
        *four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(0x7f000000u | (unsigned)last)};
    else
        *six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)ret_address, length) != 0 || getsockname(fd, (struct sockaddr *)ret_address, &length) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int open_listener(int last, struct sockaddr_storage *ret_address)
{
    int fd = bound(last, 0, ret_address);
    if (fd >= 0)
        assert_int_equal(listen(fd, 16), 0);
    return fd;
}

/* Nobody listens there. */
static void refusing(int last, struct sockaddr_storage *ret_address)
{
    int fd = bound(last, 0, ret_address);
    assert_true(fd >= 0);
    close(fd);
}

struct dead_end {
    int listener, waiting[8];
};

/* An address that neither answers nor refuses: its queue of connections is full and nobody takes one off. False: this kernel lets them all in. */
static bool silent(int last, struct dead_end *end, struct sockaddr_storage *ret_address)
{
    bool full = false;
    end->listener = bound(last, 0, ret_address);
    for (int i = 0; i < 8; i++)
        end->waiting[i] = -1;
    if (end->listener < 0)
        return false;
    assert_int_equal(listen(end->listener, 0), 0);
    for (int i = 0; i < 8 && !full; i++) {
        struct pollfd fd = {.fd = socket(ret_address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), .events = POLLOUT};
        (void)connect(fd.fd, (struct sockaddr *)ret_address, ret_address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
        end->waiting[i] = fd.fd;
        full = poll(&fd, 1, 300) == 0;
    }
    return full;
}

static void close_dead_end(struct dead_end *end)
{
    for (int i = 0; i < 8; i++)
        if (end->waiting[i] >= 0)
            close(end->waiting[i]);
    if (end->listener >= 0)
        close(end->listener);
}

static struct sg_resolution result;
static atomic_bool woken;

static void wake(void *context)
{
    (void)context;
    atomic_store(&woken, true);
}

static void done(struct sg_job *job, void *owner)
{
    (void)owner;
    result = *(struct sg_resolution *)job;
}

/* Looks "race.test" up. */
static void look_up(size_t count)
{
    struct sg_mailbox *mailbox = sg_mailbox_new(wake, NULL);
    struct sg_resolution *question = sg_resolution_new("race.test", 443, 7);
    int64_t deadline = mono() + 60 * SG_US_PER_S;
    assert_true(mailbox);
    assert_true(question);
    answer_count = count;
    memset(&result, 0, sizeof result);
    question->job.done = done;
    assert_int_equal(sg_mailbox_start(mailbox, &question->job), SG_OK);
    while (result.tag != 7) {
        assert_true(mono() < deadline);
        nap();
        sg_mailbox_deliver(mailbox, NULL);
    }
    assert_true(atomic_load(&woken));
    sg_mailbox_close(mailbox);
}

/* The address that the resolver puts first says nothing, or no: the other one is taken. */
static void test_the_one_that_answers_is_taken(void **state)
{
    (void)state;
    struct sockaddr_storage good, other;
    struct dead_end end;
    int listener = open_listener(1, &good);
    assert_true(listener >= 0);
    if (silent(2, &end, &other)) {
        answers[0] = other;
        answers[1] = good;
        look_up(2);
        assert_true(result.resolved);
        assert_string_equal(result.address, "127.0.0.1");
    }
    close_dead_end(&end);
    refusing(3, &answers[0]);
    answers[1] = good;
    look_up(2);
    assert_true(result.resolved);
    assert_string_equal(result.address, "127.0.0.1");
    answers[0] = good;
    look_up(1);
    assert_true(result.resolved);
    assert_string_equal(result.address, "127.0.0.1");
    close(listener);
}

/* IPv6 is there and leads nowhere, as on many a line; and the other way round. */
static void test_families_race(void **state)
{
    (void)state;
    struct sockaddr_storage four, six, dead;
    struct dead_end end;
    int listener = open_listener(0, &six), other = open_listener(1, &four);
    if (listener < 0) {
        print_message("SKIP: this machine has no ::1\n");
        close(other);
        return;
    }
    if (silent(0, &end, &dead)) {
        answers[0] = answers[1] = dead; /* IPv4 does not wait for all of IPv6 to have failed */
        answers[2] = four;
        look_up(3);
        assert_true(result.resolved);
        assert_string_equal(result.address, "127.0.0.1");
    }
    close_dead_end(&end);
    if (silent(2, &end, &dead)) {
        answers[0] = dead;
        answers[1] = six;
        look_up(2);
        assert_true(result.resolved);
        assert_string_equal(result.address, "::1");
    }
    close_dead_end(&end);
    close(listener);
    close(other);
}

static void test_none_answers(void **state)
{
    (void)state;
    refusing(1, &answers[0]);
    refusing(2, &answers[1]);
    look_up(2);
    assert_false(result.resolved);
    assert_int_equal(result.failure, SG_FAILURE_REFUSED);
    assert_non_null(strstr(result.detail, "none of the 2 addresses of race.test answers"));
    look_up(0);
    assert_false(result.resolved);
    assert_int_equal(result.failure, SG_FAILURE_NAME);
    assert_non_null(strstr(result.detail, "the name race.test could not be looked up"));
}

/* A name server that does not answer: the feed's thread goes on keeping time meanwhile, and can be stopped at once. */
static void test_lookup_stops_nobody(void **state)
{
    (void)state;
    static struct client client;
    struct hostile nobody = {.port = 9};
    struct sg_binance_config config = client_config(&client, &nobody);
    config.ws_url = "wss://held.test:9";
    atomic_store(&held, true);
    client_start(&client, &config);
    UNTIL(&client, 20, atomic_load(&held_calls) > 0 && client.watermark_us > 0);
    assert_string_not_equal(held_thread, "feed");
    for (int i = 0; i < 5; i++) {
        int64_t before = client.watermark_us;
        UNTIL(&client, 20, client.watermark_us > before);
    }
    assert_int_equal(client.status.state, SG_FEED_CONNECTING);
    client_stop(&client); /* asserts that it takes less than 2 s */
    atomic_store(&held, false);
    /* Its thread ends by itself; nobody waits for what it has found. */
    client_config(&client, &nobody);
    config.ws_url = "wss://held.test:9";
    client_start(&client, &config);
    UNTIL(&client, 20, client.status.state == SG_FEED_WAITING);
    assert_int_equal(client.status.failure, SG_FAILURE_NAME);
    assert_non_null(strstr(client.status.detail, "held.test"));
    client_stop(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_one_that_answers_is_taken),
        cmocka_unit_test(test_families_race),
        cmocka_unit_test(test_none_answers),
        cmocka_unit_test(test_lookup_stops_nobody),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, make_certs, remove_certs);
}
