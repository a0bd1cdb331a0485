/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Markets' hosts and paths, and URLs that a person gave. */
#include "endpoint_private.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "spreadglass/base/decimal.h"

/* Since 2026 the USD-M streams are split by class: market-wide news under one path, order book news under another. */
static const struct {
    const char *stream, *rest, *rest_root;
    const char *path_market, *path_book;
} markets[] = {
    [SG_MARKET_SPOT] = {"wss://stream.binance.com:9443", "https://api.binance.com", "/api/v3", "", ""},
    [SG_MARKET_USDM] = {"wss://fstream.binance.com", "https://fapi.binance.com", "/fapi/v1", "/market", "/public"},
};

static bool is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool host_byte(char byte, bool bracketed)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' ||
           (bracketed && byte == ':');
}

enum sg_status sg_url_parse(const char *text, const char *scheme, struct sg_url *ret_url, struct sg_error *error)
{
    struct sg_url url = {.port = 0};
    size_t scheme_length = strlen(scheme);
    const char *rest = text;
    if (strncasecmp(rest, scheme, scheme_length) != 0)
        return sg_fail(error, SG_ERR_INVALID, "%s: the URL must begin with %ss://", text, scheme);
    rest += scheme_length;
    if (*rest == 's' || *rest == 'S') {
        url.secure = true;
        rest++;
    }
    if (strncmp(rest, "://", 3) != 0)
        return sg_fail(error, SG_ERR_INVALID, "%s: the URL must begin with %ss://", text, scheme);
    rest += 3;

    bool bracketed = *rest == '[';
    if (bracketed)
        rest++;
    size_t length = 0;
    while (host_byte(rest[length], bracketed))
        length++;
    if (length == 0 || length >= sizeof url.host)
        return sg_fail(error, SG_ERR_INVALID, "%s: there is no usable host name in the URL", text);
    memcpy(url.host, rest, length);
    rest += length;
    if (bracketed && *rest++ != ']')
        return sg_fail(error, SG_ERR_INVALID, "%s: the address in brackets does not end", text);
    if (url.host[length - 1] == '.' || url.host[0] == '.' || url.host[0] == '-')
        return sg_fail(error, SG_ERR_INVALID, "%s: \"%s\" is not a host name that a certificate can be checked against", text, url.host);

    url.port = url.secure ? 443 : 80;
    if (*rest == ':') {
        int64_t port;
        size_t digits = strspn(rest + 1, "0123456789");
        if (sg_decimal_to_int64(rest + 1, digits, 1, 65535, &port) != SG_OK)
            return sg_fail(error, SG_ERR_INVALID, "%s: the port must be 1 to 65535", text);
        url.port = (int)port;
        rest += 1 + digits;
    }
    length = strlen(rest);
    while (length > 0 && rest[length - 1] == '/')
        length--;
    if (length >= sizeof url.path)
        return sg_fail(error, SG_ERR_INVALID, "%s: the path of the URL is too long", text);
    if (length > 0 && *rest != '/')
        return sg_fail(error, SG_ERR_INVALID, "%s: \"%s\" is not expected there; write %ss://host[:port][/path]", text, rest, scheme);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)rest[i];
        if (byte <= 0x20 || byte >= 0x7f || strchr("?#@\"'\\<>", byte))
            return sg_fail(error, SG_ERR_INVALID, "%s: the path of the URL holds a character that does not belong there (no query, no user name)", text);
    }
    memcpy(url.path, rest, length);
    url.loopback = is_loopback(url.host);
    if (!url.secure && !url.loopback)
        return sg_fail(error, SG_ERR_INVALID, "%s: without TLS only this machine itself can be reached (localhost); use %ss://", text, scheme);
    *ret_url = url;
    return SG_OK;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static enum sg_status append_path(struct sg_url *url, const char *more, struct sg_error *error)
{
    size_t length = strlen(url->path);
    if (length + strlen(more) >= sizeof url->path)
        return sg_fail(error, SG_ERR_INVALID, "the path %s of the URL is too long", url->path);
    snprintf(url->path + length, sizeof url->path - length, "%s", more);
    return SG_OK;
}

enum sg_status sg_endpoint_stream(enum sg_market market, enum sg_stream stream, const char *given, struct sg_url *ret_url, struct sg_error *error)
{
    struct sg_url url;
    enum sg_status status = sg_url_parse(given ? given : markets[market].stream, "ws", &url, error);
    if (status == SG_OK && !url.path[0])
        status = append_path(&url, stream == SG_STREAM_BOOK ? markets[market].path_book : markets[market].path_market, error);
    if (status == SG_OK && ends_with(url.path, "/ws"))
        status = sg_fail(error, SG_ERR_INVALID, "%s: give the base of the URL; streams are taken from /stream there", given);
    if (status == SG_OK && !ends_with(url.path, "/stream"))
        status = append_path(&url, "/stream", error);
    if (status == SG_OK)
        *ret_url = url;
    return status;
}

enum sg_status sg_endpoint_rest(enum sg_market market, const char *given, struct sg_url *ret_url, struct sg_error *error)
{
    struct sg_url url;
    enum sg_status status = sg_url_parse(given ? given : markets[market].rest, "http", &url, error);
    if (status == SG_OK && !ends_with(url.path, markets[market].rest_root))
        status = append_path(&url, markets[market].rest_root, error);
    if (status == SG_OK)
        *ret_url = url;
    return status;
}

bool sg_endpoint_stream_name(const struct sg_instrument *instrument, enum sg_stream stream, char *buffer, size_t size)
{
    static const char *const suffixes[] = {[SG_STREAM_TICKER] = "miniTicker", [SG_STREAM_TRADE] = "aggTrade", [SG_STREAM_BOOK] = "bookTicker"};
    char symbol[SG_SYMBOL_BUF];
    size_t i = 0;
    for (; instrument->symbol[i]; i++) {
        char byte = instrument->symbol[i];
        symbol[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte;
    }
    symbol[i] = 0;
    int length = snprintf(buffer, size, "%s@%s", symbol, suffixes[stream]);
    return length > 0 && (size_t)length < size;
}

/* no_proxy: a list of host names or suffixes, or "*". */
static bool excepted(const char *host)
{
    const char *list = getenv("no_proxy");
    if (!list)
        list = getenv("NO_PROXY");
    while (list && *list) {
        list += strspn(list, ", ");
        size_t length = strcspn(list, ", ");
        if (length == 1 && *list == '*')
            return true;
        const char *name = list;
        size_t name_length = length;
        if (name_length && *name == '.') {
            name++;
            name_length--;
        }
        size_t host_length = strlen(host);
        if (name_length && host_length >= name_length && strncasecmp(host + host_length - name_length, name, name_length) == 0 &&
            (host_length == name_length || host[host_length - name_length - 1] == '.'))
            return true;
        list += length;
    }
    return false;
}

const char *sg_endpoint_proxy(const struct sg_url *url)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    if (url->loopback || excepted(url->host))
        return NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return NULL;
}
