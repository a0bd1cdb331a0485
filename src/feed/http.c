/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One HTTPS exchange through libcurl. */
#include "http_private.h"

#include <curl/curl.h>
#include <openssl/x509_vfy.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "governor_private.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"
#include "tls_policy_private.h"

#define TIMEOUT_US INT64_C(10000000)

struct sg_fetcher {
    CURL *curl;
    struct sg_url url;
    enum sg_market market;
    char origin[180]; /* scheme://host:port */
    char *ca_file;
    const char *roots;
    int64_t timeout_us;
    const atomic_bool *cancelled;
    struct sg_buffer body;
    struct sg_rest_reply_info info;
    char curl_error[CURL_ERROR_SIZE];
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct sg_fetcher *fetcher = data;
    return sg_buffer_append(&fetcher->body, bytes, size * count) == SG_OK ? size * count : 0;
}

/* "name: value", with or without a line end; the value as an integer, or -1. */
static int64_t header_number(const char *line, size_t length, const char *name, int64_t max)
{
    size_t name_length = strlen(name);
    int64_t value;
    if (length <= name_length || strncasecmp(line, name, name_length) != 0 || line[name_length] != ':')
        return -1;
    const char *from = line + name_length + 1, *to = line + length;
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == '\r' || to[-1] == '\n' || to[-1] == ' '))
        to--;
    return sg_decimal_to_int64(from, (size_t)(to - from), 0, max, &value) == SG_OK ? value : -1;
}

static size_t on_header(char *line, size_t size, size_t count, void *data)
{
    struct sg_fetcher *fetcher = data;
    int64_t number = header_number(line, size * count, "retry-after", 4 * 86400);
    if (number >= 0)
        fetcher->info.retry_after_us = number * SG_US_PER_S;
    number = header_number(line, size * count, "x-mbx-used-weight-1m", INT32_MAX);
    if (number >= 0)
        fetcher->info.used_weight = number;
    return size * count;
}

static int on_progress(void *data, curl_off_t total_down, curl_off_t down, curl_off_t total_up, curl_off_t up)
{
    const struct sg_fetcher *fetcher = data;
    (void)total_down, (void)down, (void)total_up, (void)up;
    return fetcher->cancelled && atomic_load(fetcher->cancelled);
}

static bool set_options(struct sg_fetcher *fetcher)
{
    CURL *curl = fetcher->curl;
    bool good = true;
#define SET(option, value) (good = curl_easy_setopt(curl, option, value) == CURLE_OK && good)
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, fetcher->url.secure ? "https" : "http");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_CAINFO, fetcher->roots);
    SET(CURLOPT_CAPATH, NULL); /* Debian's default would go on trusting the system beside the file that was named */
    if (fetcher->roots && sg_tls_has_revocations(fetcher->roots))
        SET(CURLOPT_CRLFILE, fetcher->roots);
    SET(CURLOPT_PROXY, ""); /* a proxy is refused with words, not used by accident */
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_ACCEPT_ENCODING, "gzip");
    SET(CURLOPT_USERAGENT, "spreadglass/" SG_VERSION);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, fetcher);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, fetcher);
    SET(CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(CURLOPT_XFERINFODATA, fetcher);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_ERRORBUFFER, fetcher->curl_error);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(fetcher->timeout_us / 1000));
    SET(CURLOPT_TIMEOUT_MS, (long)(fetcher->timeout_us / 1000));
#undef SET
    return good;
}

struct sg_fetcher *sg_fetcher_new(const struct sg_rest_config *config, struct sg_error *error)
{
    pthread_once(&curl_once, start_curl);
    struct sg_fetcher *fetcher = calloc(1, sizeof *fetcher);
    if (!fetcher) {
        (void)sg_fail(error, SG_ERR_NOMEM, "no memory for a request");
        return NULL;
    }
    enum sg_status status = sg_endpoint_rest(config->market, config->base_url, &fetcher->url, error);
    if (status == SG_OK && config->ca_file && !(fetcher->ca_file = strdup(config->ca_file)))
        status = sg_fail(error, SG_ERR_NOMEM, "no memory for a request");
    if (status == SG_OK && fetcher->url.secure)
        status = sg_tls_roots(fetcher->ca_file, &fetcher->roots, error);
    const char *proxy = status == SG_OK ? sg_endpoint_proxy(&fetcher->url) : NULL;
    if (proxy)
        status = sg_fail(error, SG_ERR_UNSUPPORTED,
                         "the environment asks for the proxy %.80s; Spreadglass connects directly only: unset https_proxy, or add %s to no_proxy", proxy,
                         fetcher->url.host);
    fetcher->timeout_us = config->timeout_us > 0 ? config->timeout_us : TIMEOUT_US;
    fetcher->cancelled = config->cancelled;
    fetcher->market = config->market;
    if (status == SG_OK) {
        bool v6 = strchr(fetcher->url.host, ':') != NULL;
        snprintf(fetcher->origin, sizeof fetcher->origin, "%s://%s%s%s:%d", fetcher->url.secure ? "https" : "http", v6 ? "[" : "", fetcher->url.host,
                 v6 ? "]" : "", fetcher->url.port);
        fetcher->curl = curl_easy_init();
        if (!fetcher->curl || !set_options(fetcher))
            status = sg_fail(error, SG_ERR_NOMEM, "the HTTP library could not be started");
    }
    if (status != SG_OK) {
        sg_fetcher_free(fetcher);
        return NULL;
    }
    return fetcher;
}

void sg_fetcher_free(struct sg_fetcher *fetcher)
{
    if (!fetcher)
        return;
    if (fetcher->curl)
        curl_easy_cleanup(fetcher->curl);
    sg_buffer_free(&fetcher->body);
    free(fetcher->ca_file);
    free(fetcher);
}

static enum sg_status explain_curl(struct sg_fetcher *fetcher, CURLcode code, struct sg_error *error)
{
    const char *host = fetcher->url.host;
    long verify = X509_V_OK;
    char words[200];
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return sg_fail(error, SG_ERR_NETWORK, "the name %s could not be looked up", host);
    case CURLE_OPERATION_TIMEDOUT:
        return sg_fail(error, SG_ERR_TIMEOUT, "%s port %d did not answer completely within %lld s", host, fetcher->url.port,
                       (long long)((fetcher->timeout_us + 999999) / SG_US_PER_S));
    case CURLE_ABORTED_BY_CALLBACK: return sg_fail(error, SG_ERR_CANCELLED, "the request to %s was cancelled", host);
    case CURLE_PEER_FAILED_VERIFICATION:
        curl_easy_getinfo(fetcher->curl, CURLINFO_SSL_VERIFYRESULT, &verify);
        sg_tls_describe(verify == X509_V_OK || verify == X509_V_ERR_UNSPECIFIED ? X509_V_ERR_HOSTNAME_MISMATCH : verify, host, words, sizeof words);
        return sg_fail(error, SG_ERR_TLS, "%s", words);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE: return sg_fail(error, SG_ERR_TLS, "no TLS connection to %s port %d: %.150s", host, fetcher->url.port, fetcher->curl_error);
    case CURLE_WRITE_ERROR:
        if (fetcher->body.overflowed)
            return sg_fail(error, SG_ERR_RANGE, "%s sent more than the %zu bytes that are accepted", host, fetcher->body.maximum);
        return sg_fail(error, SG_ERR_PROTOCOL, "the answer of %s could not be read: %.150s", host, fetcher->curl_error);
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return sg_fail(error, SG_ERR_PROTOCOL, "the answer of %s is incomplete or makes no sense: %.150s", host, fetcher->curl_error);
    case CURLE_OUT_OF_MEMORY: return sg_fail(error, SG_ERR_NOMEM, "no memory for the answer of %s", host);
    default:
        return sg_fail(error, SG_ERR_NETWORK, "%s port %d cannot be reached: %.150s", host, fetcher->url.port,
                       fetcher->curl_error[0] ? fetcher->curl_error : curl_easy_strerror(code));
    }
}

static enum sg_status explain_http(struct sg_fetcher *fetcher, const cJSON *root, struct sg_error *error)
{
    const char *host = fetcher->url.host;
    long status = fetcher->info.http_status;
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(root, "code"), *message = cJSON_GetObjectItemCaseSensitive(root, "msg");
    char text[120] = "";
    if (cJSON_IsNumber(code) && code->valuedouble >= -100000 && code->valuedouble <= 100000)
        fetcher->info.binance_code = code->valueint;
    if (cJSON_IsString(message)) {
        snprintf(text, sizeof text, ": %.110s", message->valuestring);
        for (char *c = text; *c; c++)
            if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
                *c = '?';
    }
    if (status == 451)
        return sg_fail(error, SG_ERR_REFUSED, "%s refuses this location (HTTP 451); its market-data host may not: --rest https://data-api.binance.vision",
                       host);
    if (status == 429 || status == 418)
        return sg_fail(error, SG_ERR_REFUSED, "%s says too many requests from this address (HTTP %ld%s); next try in %lld s", host, status, text,
                       (long long)(fetcher->info.retry_after_us / SG_US_PER_S));
    if (status >= 400)
        return sg_fail(error, SG_ERR_REFUSED, "%s answered HTTP %ld%s", host, status, text);
    return sg_fail(error, SG_ERR_PROTOCOL, "%s answered HTTP %ld, which is not followed (a captive portal does this)", host, status);
}

/* cJSON with the same strictness as the stream's decoder: the whole body, no NUL that would cut a string. */
static cJSON *parse(const struct sg_buffer *body)
{
    const char *end = NULL;
    if (body->length == 0 || memchr(body->data, 0, body->length))
        return NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(body->data, body->length, &end, 0);
    while (root && end < body->data + body->length && (*end == ' ' || *end == '\n' || *end == '\r' || *end == '\t'))
        end++;
    if (root && end != body->data + body->length) {
        cJSON_Delete(root);
        root = NULL;
    }
    return root;
}

enum sg_status sg_fetcher_get(struct sg_fetcher *fetcher, const char *path_and_query, size_t body_limit, cJSON **ret_root, struct sg_rest_reply_info *info,
                              struct sg_error *error)
{
    char url[1024];
    memset(&fetcher->info, 0, sizeof fetcher->info);
    fetcher->info.used_weight = -1;
    enum sg_status status = sg_governor_admit(fetcher->origin, &fetcher->info.retry_after_us, error);
    if (status != SG_OK) {
        if (info)
            *info = fetcher->info;
        return status;
    }
    int length = snprintf(url, sizeof url, "%s%s%s", fetcher->origin, fetcher->url.path, path_and_query);
    if (length < 0 || (size_t)length >= sizeof url)
        return sg_fail(error, SG_ERR_INVALID, "the request to %s is too long", fetcher->url.host);
    sg_buffer_free(&fetcher->body);
    sg_buffer_init(&fetcher->body, body_limit);
    fetcher->curl_error[0] = 0;
    curl_easy_setopt(fetcher->curl, CURLOPT_URL, url);
    CURLcode code = curl_easy_perform(fetcher->curl);
    curl_easy_getinfo(fetcher->curl, CURLINFO_RESPONSE_CODE, &fetcher->info.http_status);
    curl_easy_getinfo(fetcher->curl, CURLINFO_TOTAL_TIME, &fetcher->info.seconds);
    cJSON *root = NULL;
    if (fetcher->info.http_status) /* an answer that breaks off after its head has said it, too */
        sg_governor_learn(fetcher->origin, fetcher->market, &fetcher->info);
    if (code != CURLE_OK) {
        status = explain_curl(fetcher, code, error);
    } else {
        root = parse(&fetcher->body);
        if (fetcher->info.http_status != 200)
            status = explain_http(fetcher, root, error);
        else if (!root)
            status = sg_fail(error, SG_ERR_PROTOCOL, "the answer of %s is not JSON (%zu bytes)", fetcher->url.host, fetcher->body.length);
    }
    if (info)
        *info = fetcher->info;
    sg_buffer_clear(&fetcher->body);
    if (status != SG_OK) {
        cJSON_Delete(root);
        return status;
    }
    *ret_root = root;
    return SG_OK;
}
