/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `spreadglass doctor`: what could be wrong on this machine and on the way to the exchange, each with a verdict and a remedy. */
#include <cjson/cJSON.h>
#include <cairo.h>
#include <curl/curl.h>
#include <glib.h>
#include <gsl/gsl_version.h>
#include <libwebsockets.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pango/pango.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "doctor_store_private.h"
#include "spreadglass/base/buffer.h"
#include "spreadglass/base/clock.h"
#include "spreadglass/base/decimal.h"
#include "spreadglass/cli/live.h"
#include "spreadglass/feed/rest.h"
#include "verbs_private.h"

#define DATA_DEADLINE_US (15 * SG_US_PER_S)
#define SYSTEM_TRUST_STORE "/etc/ssl/certs/ca-certificates.crt"

enum verdict { VERDICT_OK, VERDICT_WARNING, VERDICT_FAILED };

struct report {
    enum sg_format format;
    struct sg_buffer text;
    int checks;
    bool failed;
};

static const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"ok", "warning", "failed"};
    return names[verdict];
}

static void add_check(struct report *report, const char *name, enum verdict verdict, const char *detail, const char *remedy)
{
    report->failed |= verdict == VERDICT_FAILED;
    if (report->format == SG_FORMAT_JSON) {
        sg_buffer_append_format(&report->text, "%s{\"check\":\"%s\",\"verdict\":\"%s\",\"detail\":", report->checks > 0 ? "," : "", name,
                                verdict_name(verdict));
        sg_buffer_append_json_string(&report->text, detail, strlen(detail));
        sg_buffer_append_text(&report->text, ",\"remedy\":");
        if (remedy != NULL)
            sg_buffer_append_json_string(&report->text, remedy, strlen(remedy));
        else
            sg_buffer_append_text(&report->text, "null");
        sg_buffer_append_text(&report->text, "}");
    } else if (report->format == SG_FORMAT_CSV) {
        const char *const fields[] = {name, verdict_name(verdict), detail, remedy != NULL ? remedy : ""};
        for (size_t i = 0; i < 4; i++) {
            sg_buffer_append_text(&report->text, i > 0 ? ",\"" : "\"");
            for (const char *at = fields[i]; *at != '\0'; at++)
                sg_buffer_append(&report->text, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
            sg_buffer_append_text(&report->text, "\"");
        }
        sg_buffer_append_text(&report->text, "\n");
    } else {
        sg_buffer_append_format(&report->text, "%-8s %-12s %s\n", verdict_name(verdict), name, detail);
        if (remedy != NULL)
            sg_buffer_append_format(&report->text, "%-21s -> %s\n", "", remedy);
    }
    report->checks++;
    if (report->format == SG_FORMAT_TEXT) { /* a person should see the checks as they are made */
        fwrite(report->text.data, 1, report->text.length, stdout);
        fflush(stdout);
        sg_buffer_clear(&report->text);
    }
}

static void check_versions(struct report *report)
{
    char text[512];
    snprintf(text, sizeof text, "spreadglass %s; libwebsockets %s; %s; curl %s; cJSON %s; GSL %s; SQLite %s; zlib %s; GLib %u.%u.%u; Cairo %s; Pango %s",
             SG_VERSION, lws_get_library_version(), OpenSSL_version(OPENSSL_VERSION), curl_version_info(CURLVERSION_NOW)->version, cJSON_Version(), gsl_version,
             sqlite3_libversion(), zlibVersion(), glib_major_version, glib_minor_version, glib_micro_version, cairo_version_string(), pango_version_string());
    add_check(report, "versions", VERDICT_OK, text, NULL);
}

static void check_trust_store(struct report *report, const char *ca_file)
{
    const char *file = ca_file != NULL ? ca_file : SYSTEM_TRUST_STORE;
    char text[512];
    FILE *stream = fopen(file, "re");
    if (stream == NULL) {
        snprintf(text, sizeof text, "%s cannot be read: %s", file, g_strerror(errno));
        add_check(report, "trust-store", VERDICT_FAILED, text, ca_file != NULL ? "give --ca-file a readable PEM file" : "install the package ca-certificates");
        return;
    }
    int certificates = 0, expired = 0;
    for (X509 *certificate = NULL; (certificate = PEM_read_X509(stream, NULL, NULL, NULL)) != NULL; X509_free(certificate)) {
        certificates++;
        expired += X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0;
    }
    fclose(stream);
    snprintf(text, sizeof text, "%s: %d certificates, %d expired", file, certificates, expired);
    if (certificates == 0)
        add_check(report, "trust-store", VERDICT_FAILED, text, "the file must hold PEM certificates (-----BEGIN CERTIFICATE-----)");
    else
        add_check(report, "trust-store", certificates == expired ? VERDICT_FAILED : VERDICT_OK, text,
                  certificates == expired ? "every root has expired: renew the file, or correct the clock of this machine" : NULL);
}

static const char *remedy_for(enum sg_status status)
{
    switch (status) {
    case SG_ERR_TLS: return "the peer is not who it should be, or its authority is not trusted: check for an intercepting proxy, the clock, or give --ca-file";
    case SG_ERR_REFUSED: return "the exchange answered and refused: from some countries Binance does; --demo works everywhere";
    default: return "check the network, name lookup and firewall; --demo works without any";
    }
}

static void check_rest(struct report *report, const struct sg_rest_config *rest, const struct sg_instrument *legs)
{
    char text[512], seconds[SG_DECIMAL_BUF];
    struct sg_error error = {0};
    struct sg_rest_reply_info info = {0};
    int64_t server_us = 0, round_trip_us = 0;
    enum sg_status status = sg_rest_time(rest, &server_us, &round_trip_us, &info, &error);
    if (status != SG_OK) {
        add_check(report, "rest", VERDICT_FAILED, error.text, remedy_for(status));
        add_check(report, "clock", VERDICT_WARNING, "not compared: the exchange did not answer", NULL);
        return;
    }
    int64_t local_us = sg_clock_wall(sg_clock_system()) - round_trip_us / 2;
    sg_decimal_from_double_fixed((double)round_trip_us / 1e3, 1, seconds);
    snprintf(text, sizeof text, "%s answered in %s ms", rest->base_url != NULL ? rest->base_url : "Binance", seconds);
    add_check(report, "rest", VERDICT_OK, text, NULL);

    int64_t offset_us = server_us - local_us;
    sg_decimal_from_double_fixed((double)llabs(offset_us) / 1e6, 3, seconds);
    snprintf(text, sizeof text, "the exchange's clock is %s s %s this machine's", seconds, offset_us < 0 ? "behind" : "ahead of");
    bool far = offset_us > SG_US_PER_S || offset_us < -SG_US_PER_S;
    add_check(report, "clock", far ? VERDICT_WARNING : VERDICT_OK, text,
              far ? "bars close by the exchange's clock, so none is wrong; set this machine's clock all the same (timedatectl set-ntp true)" : NULL);

    struct sg_symbol_info symbols[SG_LEG_COUNT];
    status = sg_rest_symbols(rest, legs, SG_LEG_COUNT, symbols, &error);
    if (status != SG_OK) {
        add_check(report, "symbols", VERDICT_FAILED, error.text, remedy_for(status));
        return;
    }
    for (int leg = 0; leg < SG_LEG_COUNT; leg++) {
        static const char *const words[] = {"trading", "halted", "in a break: no market data", "unknown to the exchange"};
        snprintf(text, sizeof text, "%s is %s", legs[leg].symbol, words[symbols[leg].status]);
        add_check(report, "symbols", symbols[leg].status == SG_SYMBOL_TRADING ? VERDICT_OK : VERDICT_FAILED, text,
                  symbols[leg].status == SG_SYMBOL_TRADING ? NULL : "choose another with --pair A/B");
    }
}

static void check_websocket(struct report *report, const struct sg_session_config *config)
{
    char text[512];
    struct sg_error error = {0};
    struct sg_tick_ring *ring = sg_tick_ring_new(1024);
    struct sg_binance_config feed = {.legs = {config->legs[0], config->legs[1]},
                                     .stream = config->stream,
                                     .ws_url = config->ws_url,
                                     .rest_url = config->rest_url,
                                     .ca_file = config->ca_file};
    struct sg_source *source = ring != NULL ? sg_source_new_binance(&feed, ring, &error) : NULL;
    if (source == NULL || sg_source_start(source, &error) != SG_OK) {
        add_check(report, "websocket", VERDICT_FAILED, ring == NULL ? "out of memory" : error.text, "correct --endpoint or --ca-file");
        sg_source_free(source);
        sg_tick_ring_free(ring);
        return;
    }
    int64_t started_us = sg_clock_mono(sg_clock_system()), now_us = started_us;
    struct sg_feed_status status;
    do {
        g_usleep(20000);
        sg_source_status(source, &status);
        now_us = sg_clock_mono(sg_clock_system());
    } while (status.ticks == 0 && status.state != SG_FEED_WAITING && status.state != SG_FEED_FAILED && now_us - started_us < DATA_DEADLINE_US);
    char seconds[SG_DECIMAL_BUF];
    sg_decimal_from_double_fixed((double)(now_us - started_us) / 1e6, 1, seconds);
    if (status.ticks > 0) {
        snprintf(text, sizeof text, "%s: first data after %s s", status.host, seconds);
        add_check(report, "websocket", VERDICT_OK, text, NULL);
    } else {
        snprintf(text, sizeof text, "%s: %s: %s", status.host, status.failure != SG_FAILURE_NONE ? sg_feed_failure_name(status.failure) : "no data yet",
                 status.detail);
        add_check(report, "websocket", VERDICT_FAILED, text,
                  remedy_for(status.failure == SG_FAILURE_TLS                                        ? SG_ERR_TLS
                             : status.failure == SG_FAILURE_GEO || status.failure == SG_FAILURE_RATE ? SG_ERR_REFUSED
                                                                                                     : SG_ERR_NETWORK));
    }
    sg_source_free(source);
    sg_tick_ring_free(ring);
}

int sg_verb_doctor(const struct sg_options *options)
{
    struct sg_error error = {0};
    struct sg_session_config config;
    if (sg_live_config(options, &config, &error) != SG_OK)
        return sg_verb_failed("doctor", error.text);
    struct report report = {.format = options->format};
    sg_buffer_init(&report.text, 1 << 20);
    if (report.format == SG_FORMAT_JSON)
        sg_buffer_append_text(&report.text, "{\"checks\":[");
    else if (report.format == SG_FORMAT_CSV)
        sg_buffer_append_text(&report.text, "check,verdict,detail,remedy\n");

    check_versions(&report);
    check_trust_store(&report, config.ca_file);
    struct sg_rest_config rest = {.base_url = config.rest_url, .ca_file = config.ca_file, .market = options->market};
    check_rest(&report, &rest, config.legs);
    check_websocket(&report, &config);
    struct sg_store_finding store;
    sg_doctor_store(options, &store);
    add_check(&report, "database", store.failed ? VERDICT_FAILED : store.warning ? VERDICT_WARNING : VERDICT_OK, store.detail, store.remedy);
    struct sg_store_finding ids;
    sg_doctor_ids(options, &ids);
    add_check(&report, "trade-ids", ids.failed ? VERDICT_FAILED : ids.warning ? VERDICT_WARNING : VERDICT_OK, ids.detail, ids.remedy);

    if (report.format == SG_FORMAT_JSON)
        sg_buffer_append_format(&report.text, "],\"verdict\":\"%s\"}\n", report.failed ? "failed" : "ok");
    if (report.text.length > 0)
        fwrite(report.text.data, 1, report.text.length, stdout);
    bool written = fflush(stdout) == 0 && !report.text.overflowed;
    sg_buffer_free(&report.text);
    return report.failed || !written ? SG_EXIT_WORLD : SG_EXIT_DONE;
}
