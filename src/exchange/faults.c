/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "faults_private.h"

#include <string.h>

#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"
#include "spreadglass/base/rng.h"
#include "spreadglass/exchange/exchange.h"

enum unit { NONE, NUMBER, SECONDS, TEXT };

struct rule {
    enum unit unit;
    double preset, least, most; /* in the unit; preset < least: a value is required */
};

/* Three tables with one index: name and text go out to callers as plain arrays. */
static const char *const names[EX_FAULT_COUNT + 1] = {
    [EX_FAULT_CERT_EXPIRED] = "cert-expired",
    [EX_FAULT_CERT_NOT_YET_VALID] = "cert-not-yet-valid",
    [EX_FAULT_CERT_WRONG_HOST] = "cert-wrong-host",
    [EX_FAULT_CERT_UNKNOWN_CA] = "cert-unknown-ca",
    [EX_FAULT_CERT_SELF_SIGNED] = "cert-self-signed",
    [EX_FAULT_CERT_CLIENT_AUTH] = "cert-client-auth",
    [EX_FAULT_CERT_RSA_1024] = "cert-rsa-1024",
    [EX_FAULT_CERT_SHA1] = "cert-sha1",
    [EX_FAULT_CERT_LEAF_SIGNED] = "cert-leaf-signed",
    [EX_FAULT_CERT_WILDCARD] = "cert-wildcard",
    [EX_FAULT_CERT_CN_ONLY] = "cert-cn-only",
    [EX_FAULT_CERT_REVOKED] = "cert-revoked",
    [EX_FAULT_TLS10] = "tls10",
    [EX_FAULT_TLS11] = "tls11",
    [EX_FAULT_HANG] = "hang",
    [EX_FAULT_HANG_HTTP] = "hang-http",
    [EX_FAULT_HTTP] = "http",
    [EX_FAULT_HTTP_REST] = "http-rest",
    [EX_FAULT_HTTP_WS] = "http-ws",
    [EX_FAULT_RETRY_AFTER] = "retry-after",
    [EX_FAULT_REDIRECT] = "redirect",
    [EX_FAULT_BAD_ACCEPT] = "bad-accept",
    [EX_FAULT_EXTENSION] = "extension",
    [EX_FAULT_NO_ACK] = "no-ack",
    [EX_FAULT_REJECT] = "reject",
    [EX_FAULT_NESTED_ERRORS] = "nested-errors",
    [EX_FAULT_MUTE] = "mute",
    [EX_FAULT_CUT] = "cut",
    [EX_FAULT_SHUTDOWN] = "shutdown",
    [EX_FAULT_CLOSE_1008] = "close-1008",
    [EX_FAULT_MID_FRAME_CLOSE] = "mid-frame-close",
    [EX_FAULT_RST] = "rst",
    [EX_FAULT_HALF_OPEN] = "half-open",
    [EX_FAULT_SILENCE] = "silence",
    [EX_FAULT_SLOW] = "slow",
    [EX_FAULT_SPLIT] = "split",
    [EX_FAULT_FRAGMENT] = "fragment",
    [EX_FAULT_HUGE_MESSAGE] = "huge-message",
    [EX_FAULT_ENDLESS_FRAME] = "endless-frame",
    [EX_FAULT_MASKED] = "masked",
    [EX_FAULT_BINARY] = "binary",
    [EX_FAULT_HALF_OPEN_CUT] = "half-open-cut",
    [EX_FAULT_BAD_UTF8] = "bad-utf8",
    [EX_FAULT_NO_PING] = "no-ping",
    [EX_FAULT_HURRY] = "hurry",
    [EX_FAULT_QUEUE] = "queue",
    [EX_FAULT_CORK] = "cork",
    [EX_FAULT_MALFORMED] = "malformed",
    [EX_FAULT_WRONG_TYPES] = "wrong-types",
    [EX_FAULT_BAD_PRICES] = "bad-prices",
    [EX_FAULT_DUPLICATE] = "duplicate",
    [EX_FAULT_REORDER] = "reorder",
    [EX_FAULT_JITTER] = "jitter",
    [EX_FAULT_LATE] = "late",
    [EX_FAULT_ID_HOLE] = "id-hole",
    [EX_FAULT_TWIN_ID] = "twin-id",
    [EX_FAULT_ZERO_QUANTITY] = "zero-quantity",
    [EX_FAULT_MICROSECONDS] = "microseconds",
    [EX_FAULT_CLOCK] = "clock",
    [EX_FAULT_UTF8_SYMBOL] = "utf8-symbol",
    [EX_FAULT_QUIET] = "quiet",
    [EX_FAULT_BREAK] = "break",
    [EX_FAULT_MAINTENANCE] = "maintenance",
    [EX_FAULT_KLINE_HOLE] = "kline-hole",
    [EX_FAULT_REST_TRUNCATE] = "rest-truncate",
    [EX_FAULT_REST_GARBAGE] = "rest-garbage",
    [EX_FAULT_REST_LAG] = "rest-lag",
    [EX_FAULT_KLINE_LAG] = "kline-lag",
    [EX_FAULT_REST_HOLES] = "rest-holes",
    [EX_FAULT_NODE_BEHIND] = "node-behind",
    [EX_FAULT_ONLY_FIRST] = "only-first",
    [EX_FAULT_CHAOS] = "chaos",
    [EX_FAULT_CHAOS_REST] = "chaos-rest",
    [EX_FAULT_LOG] = "log",
    [EX_FAULT_ACCESS] = "access",
};

static const char *const texts[EX_FAULT_COUNT + 1] = {
    [EX_FAULT_CERT_EXPIRED] = "the certificate ended yesterday",
    [EX_FAULT_CERT_NOT_YET_VALID] = "the certificate begins tomorrow",
    [EX_FAULT_CERT_WRONG_HOST] = "the certificate is for another host",
    [EX_FAULT_CERT_UNKNOWN_CA] = "the certificate is signed by a CA that is not in the CA file",
    [EX_FAULT_CERT_SELF_SIGNED] = "the certificate is signed by itself",
    [EX_FAULT_CERT_CLIENT_AUTH] = "the certificate is for clients only",
    [EX_FAULT_CERT_RSA_1024] = "the certificate's key is RSA with 1024 bits",
    [EX_FAULT_CERT_SHA1] = "the certificate is signed with SHA-1",
    [EX_FAULT_CERT_LEAF_SIGNED] = "the certificate is signed by one that is no CA",
    [EX_FAULT_CERT_WILDCARD] = "the certificate is for * and *.localhost",
    [EX_FAULT_CERT_CN_ONLY] = "the certificate has no alternative names",
    [EX_FAULT_CERT_REVOKED] = "the certificate is revoked; the list is beside the CA file",
    [EX_FAULT_TLS10] = "TLS 1.0 and nothing newer",
    [EX_FAULT_TLS11] = "TLS 1.1 and nothing newer",
    [EX_FAULT_HANG] = "connections are accepted, then silence, before TLS",
    [EX_FAULT_HANG_HTTP] = "TLS succeeds, then no answer to any request",
    [EX_FAULT_HTTP] = "=CODE (451): every request is answered with this HTTP status",
    [EX_FAULT_HTTP_REST] = "=CODE (503): REST requests only",
    [EX_FAULT_HTTP_WS] = "=CODE (451): WebSocket upgrades only",
    [EX_FAULT_RETRY_AFTER] = "=SECONDS (5): a Retry-After header on those answers",
    [EX_FAULT_REDIRECT] = "every request is redirected to another host",
    [EX_FAULT_BAD_ACCEPT] = "the upgrade's Sec-WebSocket-Accept is wrong",
    [EX_FAULT_EXTENSION] = "the upgrade answers with an extension that nobody asked for",
    [EX_FAULT_NO_ACK] = "SUBSCRIBE is never acknowledged, the data comes",
    [EX_FAULT_REJECT] = "SUBSCRIBE is answered with an error",
    [EX_FAULT_NESTED_ERRORS] = "errors come as {\"error\":{…}} rather than flat",
    [EX_FAULT_MUTE] = "subscriptions are acknowledged, data never comes",
    [EX_FAULT_CUT] = "=SECONDS (20): every connection is closed at this age: the 24 h cut",
    [EX_FAULT_SHUTDOWN] = "=SECONDS (10): serverShutdown is announced at this age, the cut follows 5 s later",
    [EX_FAULT_CLOSE_1008] = "=SECONDS (5): every connection is closed with 1008 at this age",
    [EX_FAULT_MID_FRAME_CLOSE] = "=MESSAGES (5): after so many messages half a frame, then the connection closes",
    [EX_FAULT_RST] = "=MESSAGES (5): after so many messages half a frame, then a TCP reset",
    [EX_FAULT_HALF_OPEN] = "=SECONDS (10): at this age nothing more is sent or read, the connection stays open",
    [EX_FAULT_SILENCE] = "=SECONDS (10): at this age the connection's first stream goes silent, the others go on",
    [EX_FAULT_SLOW] = "=BYTES (200): at most so many bytes a second to each client",
    [EX_FAULT_SPLIT] = "=BYTES (1): every write, and TLS record, is this long",
    [EX_FAULT_FRAGMENT] = "=BYTES (16): every message comes in fragments of this size",
    [EX_FAULT_HUGE_MESSAGE] = "=MEGABYTES (70): one message of this size after the fifth",
    [EX_FAULT_ENDLESS_FRAME] = "a frame that announces 2^62 bytes after the fifth message",
    [EX_FAULT_MASKED] = "frames are masked, which a server must not do",
    [EX_FAULT_BINARY] = "every tenth message comes in a binary frame",
    [EX_FAULT_HALF_OPEN_CUT] = "=SECONDS (10): after so long nothing more comes; 4 s later the connection is reset",
    [EX_FAULT_BAD_UTF8] = "before every tenth message, one that is not UTF-8",
    [EX_FAULT_NO_PING] = "no PING is sent",
    [EX_FAULT_HURRY] = "=FACTOR (20): the 20 s between PINGs, the 60 s for a PONG and the 10 s of a client that takes nothing are so many times shorter",
    [EX_FAULT_QUEUE] = "=MEGABYTES (4): so much waits for one client before messages to it are left out",
    [EX_FAULT_CORK] = "messages that are due together leave in one packet, each in a TLS record of its own",
    [EX_FAULT_MALFORMED] = "=EVERY (4): before every n-th message, one that is not JSON",
    [EX_FAULT_WRONG_TYPES] = "=EVERY (4): before every n-th message, one with fields of wrong type or missing",
    [EX_FAULT_BAD_PRICES] = "=EVERY (4): before every n-th message, one with a price that is NaN, negative, zero or absurd",
    [EX_FAULT_DUPLICATE] = "=EVERY (10): every n-th message is sent twice",
    [EX_FAULT_REORDER] = "=EVERY (10): every n-th message changes place with the next",
    [EX_FAULT_JITTER] = "=MILLISECONDS (400): every message waits for up to so long, each for itself, so that the order changes",
    [EX_FAULT_LATE] = "=EVERY (40): every n-th message comes 3 s late",
    [EX_FAULT_ID_HOLE] = "=EVERY (50): every n-th message is lost",
    [EX_FAULT_TWIN_ID] = "=EVERY (5): every n-th aggregate of several trades comes as two, with one aggregate id and one time",
    [EX_FAULT_ZERO_QUANTITY] = "=EVERY (15): every n-th trade has quantity 0",
    [EX_FAULT_MICROSECONDS] = "times come in microseconds unasked",
    [EX_FAULT_CLOCK] = "=MILLISECONDS: the exchange's clock is off by this much",
    [EX_FAULT_UTF8_SYMBOL] = "the market has a symbol whose name is not ASCII",
    [EX_FAULT_QUIET] = "the market trades a hundred times less: bars without a trade",
    [EX_FAULT_BREAK] = "the second symbol has status BREAK and no data",
    [EX_FAULT_MAINTENANCE] = "=SECONDS (8): so long after the start the second symbol is suspended for 22 s: status BREAK, no data, no klines of that time",
    [EX_FAULT_KLINE_HOLE] = "=MINUTES (7): REST klines miss the bars of this time, 20 minutes before the start",
    [EX_FAULT_REST_TRUNCATE] = "REST bodies end in the middle",
    [EX_FAULT_REST_GARBAGE] = "REST bodies are not what was asked for",
    [EX_FAULT_REST_LAG] = "=SECONDS (5): REST answers of trades and klines are of the state so long ago, in rows and in content",
    [EX_FAULT_KLINE_LAG] = "=SECONDS (5): klines lack the trades of the latest so many seconds; the rows are there",
    [EX_FAULT_REST_HOLES] = "=EVERY (7): about every n-th trade is missing in an answer of aggTrades, in each answer others",
    [EX_FAULT_NODE_BEHIND] = "=SECONDS (20): every second REST answer comes from a node that is so far behind",
    [EX_FAULT_ONLY_FIRST] = "=N (1): the other faults act on the first N WebSocket connections only (certificates and market excepted)",
    [EX_FAULT_CHAOS] = "=SEED (1): each connection gets its faults, and their time, from a seeded player",
    [EX_FAULT_CHAOS_REST] = "=SEED (1): how REST lags and lies, and what is odd about the trades, comes from a seeded player",
    [EX_FAULT_LOG] = "=FILE: every message that is published, as generated, one a line",
    [EX_FAULT_ACCESS] = "=FILE: every request with its answer, and everything that a WebSocket client sends, one a line",
};

static const struct rule rules[EX_FAULT_COUNT] = {
    [EX_FAULT_HTTP] = {NUMBER, 451, 300, 599},
    [EX_FAULT_HTTP_REST] = {NUMBER, 503, 300, 599},
    [EX_FAULT_HTTP_WS] = {NUMBER, 451, 300, 599},
    [EX_FAULT_RETRY_AFTER] = {NUMBER, 5, 0, 1000000},
    [EX_FAULT_CUT] = {SECONDS, 20, 0, 86400},
    [EX_FAULT_SHUTDOWN] = {SECONDS, 10, 0, 86400},
    [EX_FAULT_CLOSE_1008] = {SECONDS, 5, 0, 86400},
    [EX_FAULT_MID_FRAME_CLOSE] = {NUMBER, 5, 1, 1e9},
    [EX_FAULT_RST] = {NUMBER, 5, 1, 1e9},
    [EX_FAULT_HALF_OPEN] = {SECONDS, 10, 0, 86400},
    [EX_FAULT_SILENCE] = {SECONDS, 10, 0, 86400},
    [EX_FAULT_SLOW] = {NUMBER, 200, 1, 1e9},
    [EX_FAULT_SPLIT] = {NUMBER, 1, 1, 16384},
    [EX_FAULT_FRAGMENT] = {NUMBER, 16, 1, 65536},
    [EX_FAULT_HUGE_MESSAGE] = {NUMBER, 70, 1, 4096},
    [EX_FAULT_HURRY] = {NUMBER, 20, 1, 1000},
    [EX_FAULT_QUEUE] = {NUMBER, 4, 1, 48},
    [EX_FAULT_MALFORMED] = {NUMBER, 4, 1, 1e9},
    [EX_FAULT_WRONG_TYPES] = {NUMBER, 4, 1, 1e9},
    [EX_FAULT_BAD_PRICES] = {NUMBER, 4, 1, 1e9},
    [EX_FAULT_DUPLICATE] = {NUMBER, 10, 1, 1e9},
    [EX_FAULT_REORDER] = {NUMBER, 10, 2, 1e9},
    [EX_FAULT_HALF_OPEN_CUT] = {SECONDS, 10, 0, 86400},
    [EX_FAULT_JITTER] = {NUMBER, 400, 1, 10000},
    [EX_FAULT_LATE] = {NUMBER, 40, 2, 1e9},
    [EX_FAULT_TWIN_ID] = {NUMBER, 5, 1, 1e9},
    [EX_FAULT_ZERO_QUANTITY] = {NUMBER, 15, 1, 1e9},
    [EX_FAULT_REST_LAG] = {SECONDS, 5, 0, 3600},
    [EX_FAULT_KLINE_LAG] = {SECONDS, 5, 0, 3600},
    [EX_FAULT_REST_HOLES] = {NUMBER, 7, 2, 1e9},
    [EX_FAULT_NODE_BEHIND] = {SECONDS, 20, 0, 3600},
    [EX_FAULT_CHAOS_REST] = {NUMBER, 1, 0, 1e15},
    [EX_FAULT_ID_HOLE] = {NUMBER, 50, 2, 1e9},
    [EX_FAULT_CLOCK] = {NUMBER, -1e12, -1e11, 1e11},
    [EX_FAULT_MAINTENANCE] = {SECONDS, 8, 0, 86400},
    [EX_FAULT_KLINE_HOLE] = {NUMBER, 7, 1, 600},
    [EX_FAULT_ONLY_FIRST] = {NUMBER, 1, 1, 1e9},
    [EX_FAULT_CHAOS] = {NUMBER, 1, 0, 1e15},
    [EX_FAULT_LOG] = {TEXT, 0, 0, 0},
    [EX_FAULT_ACCESS] = {TEXT, 0, 0, 0},
};

const char *const *sg_exchange_fault_names(void)
{
    return names;
}

const char *const *sg_exchange_fault_texts(void)
{
    return texts;
}

static enum sg_status parse_one(const char *text, struct sg_ex_faults *faults, struct sg_error *error)
{
    const char *equals = strchr(text, '=');
    const size_t length = equals ? (size_t)(equals - text) : strlen(text);
    size_t i = 0;
    while (i < EX_FAULT_COUNT && (strlen(names[i]) != length || memcmp(names[i], text, length) != 0))
        i++;
    if (i == EX_FAULT_COUNT)
        return sg_fail(error, SG_ERR_INVALID, "unknown fault \"%s\"; the exchange's help lists the names", text);
    const struct rule *rule = &rules[i];
    if (equals && rule->unit == NONE)
        return sg_fail(error, SG_ERR_INVALID, "fault \"%s\" takes no value", names[i]);
    if (rule->unit == TEXT) {
        if (!equals || !equals[1] || strlen(equals + 1) >= sizeof faults->log_file)
            return sg_fail(error, SG_ERR_INVALID, "fault \"%s\" needs a file name of at most %zu bytes", names[i], sizeof faults->log_file - 1);
        memcpy(i == EX_FAULT_LOG ? faults->log_file : faults->access_file, equals + 1, strlen(equals + 1) + 1);
    } else if (rule->unit != NONE) {
        double value = rule->preset;
        if (equals && sg_decimal_to_double(equals + 1, strlen(equals + 1), &value) != SG_OK)
            return sg_fail(error, SG_ERR_INVALID, "fault \"%s\": the value is not a number", text);
        if (value < rule->least || value > rule->most)
            return sg_fail(error, SG_ERR_INVALID, "fault \"%s\": %s", text, equals ? "the value is out of range" : "a value is required");
        if (rule->unit == NUMBER && value != (double)(int64_t)value)
            return sg_fail(error, SG_ERR_INVALID, "fault \"%s\": the value must be a whole number", text);
        faults->value[i] = (int64_t)(value * (rule->unit == SECONDS ? (double)SG_US_PER_S : 1.0));
    }
    faults->on[i] = true;
    return SG_OK;
}

enum sg_status sg_ex_faults_parse(const char *const *fault_names, size_t count, struct sg_ex_faults *ret_faults, struct sg_error *error)
{
    struct sg_ex_faults faults = {0};
    int certificates = 0;
    for (size_t i = 0; i < count; i++) {
        enum sg_status status = parse_one(fault_names[i], &faults, error);
        if (status != SG_OK)
            return status;
    }
    for (size_t i = EX_FAULT_CERT_EXPIRED; i <= EX_FAULT_CERT_REVOKED; i++)
        certificates += faults.on[i];
    if (certificates > 1)
        return sg_fail(error, SG_ERR_INVALID, "only one certificate fault at a time");
    *ret_faults = faults;
    return SG_OK;
}

void sg_ex_faults_draw_rest(struct sg_ex_faults *faults)
{
    static const int64_t lags_s[] = {0, 3, 10, 30};
    static const enum sg_ex_fault odd[] = {EX_FAULT_TWIN_ID, EX_FAULT_ZERO_QUANTITY};
    struct sg_rng rng;
    sg_rng_seed(&rng, (uint64_t)faults->value[EX_FAULT_CHAOS_REST], 8000);
    for (size_t i = EX_FAULT_REST_LAG; i <= EX_FAULT_NODE_BEHIND; i++) {
        const int64_t seconds = lags_s[sg_rng_below(&rng, 4)];
        if (sg_rng_below(&rng, 2))
            continue;
        faults->on[i] = true;
        faults->value[i] = i == EX_FAULT_REST_HOLES ? 3 + (int64_t)sg_rng_below(&rng, 30) : seconds * SG_US_PER_S;
    }
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        if (sg_rng_below(&rng, 2)) {
            faults->on[odd[i]] = true;
            faults->value[odd[i]] = 2 + (int64_t)sg_rng_below(&rng, 20);
        }
}

enum sg_ex_certificate sg_ex_faults_certificate(const struct sg_ex_faults *faults)
{
    static const enum sg_ex_certificate kinds[] = {
        [EX_FAULT_CERT_EXPIRED] = EX_CERT_EXPIRED,         [EX_FAULT_CERT_NOT_YET_VALID] = EX_CERT_NOT_YET_VALID,
        [EX_FAULT_CERT_WRONG_HOST] = EX_CERT_WRONG_HOST,   [EX_FAULT_CERT_UNKNOWN_CA] = EX_CERT_UNKNOWN_CA,
        [EX_FAULT_CERT_SELF_SIGNED] = EX_CERT_SELF_SIGNED, [EX_FAULT_CERT_CLIENT_AUTH] = EX_CERT_CLIENT_ONLY,
        [EX_FAULT_CERT_RSA_1024] = EX_CERT_RSA_1024,       [EX_FAULT_CERT_SHA1] = EX_CERT_SHA1,
        [EX_FAULT_CERT_LEAF_SIGNED] = EX_CERT_LEAF_SIGNED, [EX_FAULT_CERT_WILDCARD] = EX_CERT_BARE_WILDCARD,
        [EX_FAULT_CERT_CN_ONLY] = EX_CERT_CN_ONLY,         [EX_FAULT_CERT_REVOKED] = EX_CERT_REVOKED,
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (faults->on[i])
            return kinds[i];
    return EX_CERT_GOOD;
}
