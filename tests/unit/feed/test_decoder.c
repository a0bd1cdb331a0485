/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The decoder: every message form it reads, every way of being wrong it must refuse, and real messages when they are there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "spreadglass/feed/decoder.h"

#define RECV INT64_C(1723161255000000)

struct fixture {
    struct sg_decoder decoder;
    struct sg_tick ticks[8];
    struct sg_decoded decoded;
};

static void prepare(struct fixture *fixture, enum sg_stream stream)
{
    memset(fixture, 0, sizeof *fixture);
    snprintf(fixture->decoder.legs[0].symbol, SG_SYMBOL_BUF, "BTCUSDT");
    snprintf(fixture->decoder.legs[1].symbol, SG_SYMBOL_BUF, "ETHUSDT");
    fixture->decoder.stream = stream;
}

static void decode_bytes(struct fixture *fixture, const char *text, size_t length)
{
    /* An exact heap copy, so that AddressSanitizer sees a read past the end. */
    char *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    memcpy(copy, text, length);
    memset(&fixture->decoded, 0xa5, sizeof fixture->decoded);
    sg_decoder_message(&fixture->decoder, copy, length, RECV, fixture->ticks, 8, &fixture->decoded);
    free(copy);
}

static void decode(struct fixture *fixture, const char *text)
{
    decode_bytes(fixture, text, strlen(text));
}

static void test_agg_trade(void **state)
{
    (void)state;
    struct fixture f;
    prepare(&f, SG_STREAM_TRADE);
    decode(&f, "{\"stream\":\"ethusdt@aggTrade\",\"data\":{\"e\":\"aggTrade\",\"E\":1672515782136,\"s\":\"ETHUSDT\",\"a\":12345,\"p\":\"0.001\",\"q\":\"100\","
               "\"f\":100,\"l\":105,\"T\":1672515782130,\"m\":true,\"M\":true}}");
    assert_int_equal(f.decoded.kind, SG_MESSAGE_TICKS);
    assert_int_equal(f.decoded.tick_count, 1);
    assert_int_equal(f.ticks[0].leg, SG_LEG_B);
    assert_int_equal(f.ticks[0].kind, SG_TICK_TRADE);
    assert_true(f.ticks[0].price == 0.001);
    assert_true(f.ticks[0].quantity == 100 * SG_QTY_ONE);
    assert_true(f.ticks[0].event_us == INT64_C(1672515782136000));
    assert_true(f.ticks[0].time_us == INT64_C(1672515782130000));
    assert_true(f.ticks[0].recv_us == RECV);
    assert_int_equal(f.ticks[0].aggregate, 12345);
    assert_int_equal(f.ticks[0].id, 105);
    assert_int_equal(sg_tick_first_id(&f.ticks[0]), 100);
    assert_false(f.ticks[0].skips);
    assert_int_equal(f.ticks[0].trades, 6);
}

static void test_single_trades_and_the_form_that_came_first(void **state)
{
    (void)state;
    struct fixture f;
    prepare(&f, SG_STREAM_TRADE);
    const char *single = "{\"e\":\"trade\",\"E\":1699534780335,\"s\":\"btcusdt\",\"t\":3274098620,\"p\":\"36877.31000000\",\"q\":\"0.00059000\",\"b\":1,\"a\":"
                         "2,\"T\":1699534780334,\"m\":true,\"M\":true}";
    decode(&f, single);
    assert_int_equal(f.decoded.tick_count, 1);
    assert_int_equal(f.ticks[0].leg, SG_LEG_A);
    assert_int_equal(f.ticks[0].trades, 1);
    assert_true(f.ticks[0].id == INT64_C(3274098620));
    assert_true(f.ticks[0].quantity == 59000);
    decode(&f, "{\"e\":\"aggTrade\",\"E\":1672515782136,\"s\":\"BTCUSDT\",\"a\":1,\"p\":\"1\",\"q\":\"1\",\"f\":1,\"l\":1,\"T\":1672515782130}");
    assert_int_equal(f.decoded.kind, SG_MESSAGE_IGNORED);
    decode(&f, "{\"e\":\"trade\",\"E\":1699534780335,\"s\":\"BTCUSDT\",\"t\":7,\"p\":\"0\",\"q\":\"0\",\"T\":1699534780334,\"X\":\"NA\"}");
    assert_int_equal(f.decoded.kind, SG_MESSAGE_IGNORED);
    assert_int_equal(f.decoder.rejected_values, 0);
}

static void test_ticker_and_array(void **state)
{
    (void)state;
    struct fixture f;
    prepare(&f, SG_STREAM_TICKER);
    decode(&f, "{\"stream\":\"btcusdt@miniTicker\",\"data\":{\"e\":\"24hrMiniTicker\",\"E\":1749183266025,\"s\":\"BTCUSDT\",\"c\":\"102492.27000000\",\"o\":"
               "\"105121.06000000\",\"h\":\"105909.71000000\",\"l\":\"100372.26000000\",\"v\":\"24032.63625000\",\"q\":\"2472261593.19821790\"}}");
    assert_int_equal(f.decoded.tick_count, 1);
    assert_true(f.ticks[0].price == 102492.27);
    assert_true(f.ticks[0].quantity == (sg_qty)INT64_C(2403263625000));
    assert_true(f.ticks[0].time_us == INT64_C(1749183266025000));
    assert_true(f.ticks[0].event_us == f.ticks[0].time_us);
    assert_true(f.ticks[0].id == -1);
    const char *array = "[{\"e\":\"24hrMiniTicker\",\"E\":1749183266025,\"s\":\"ETHUSDT\",\"c\":\"2\",\"v\":\"0\"},{\"e\":\"24hrMiniTicker\",\"E\":"
                        "1749183266025,\"s\":\"XRPUSDT\",\"c\":\"bad\",\"v\":\"0\"},"
                        "{\"e\":\"24hrMiniTicker\",\"E\":1749183266026,\"s\":\"BTCUSDT\",\"c\":\"3\",\"v\":\"99999999999999999999\"}]";
    decode(&f, array);
    assert_int_equal(f.decoded.kind, SG_MESSAGE_TICKS);
    assert_int_equal(f.decoded.tick_count, 2);
    assert_int_equal(f.ticks[0].leg, SG_LEG_B);
    assert_int_equal(f.ticks[1].leg, SG_LEG_A);
    assert_true(f.ticks[1].quantity == (sg_qty)INT64_C(9999999999999999) * 10000 * SG_QTY_ONE + 9999 * SG_QTY_ONE);
    char wrapped[900];
    snprintf(wrapped, sizeof wrapped, "{\"stream\":\"!miniTicker@arr\",\"data\":%s}", array);
    decode(&f, wrapped);
    assert_int_equal(f.decoded.tick_count, 2);
    /* What is wrong behind the last good item refuses all of them, and leaves no count behind. */
    static const char *const ends[] = {"],", ",]", "]]", "", ",\xEF\xBB\xBF{}]", ",nul]", "]}"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char text[900];
        snprintf(text, sizeof text, "%.*s%s", (int)strlen(array) - 1, array, ends[i]);
        decode(&f, text);
        assert_int_equal(f.decoded.kind, SG_MESSAGE_BAD);
        assert_int_equal(f.decoded.tick_count, 0);
        assert_int_equal(f.decoder.rejected_values, 0);
    }
    /* An item that is no object is counted; the others count all the same. */
    char mixed[900];
    snprintf(mixed, sizeof mixed, " %.*s , 7 ] ", (int)strlen(array) - 1, array);
    decode(&f, mixed);
    assert_int_equal(f.decoded.tick_count, 2);
    assert_int_equal(f.decoder.rejected_values, 1);
    prepare(&f, SG_STREAM_TICKER);
    decode(&f, "[]");
    assert_int_equal(f.decoded.kind, SG_MESSAGE_IGNORED);
    /* Out of room: what is over is counted, not lost silently. */
    struct sg_decoded decoded;
    sg_decoder_message(&f.decoder, array, strlen(array), RECV, f.ticks, 1, &decoded);
    assert_int_equal(decoded.tick_count, 1);
    assert_int_equal(f.decoder.rejected_values, 1);
}

static void test_book(void **state)
{
    (void)state;
    struct fixture f;
    prepare(&f, SG_STREAM_BOOK);
    decode(&f, "{\"u\":400900217,\"s\":\"BTCUSDT\",\"b\":\"25.25\",\"B\":\"31.21\",\"a\":\"25.75\",\"A\":\"40.66\"}");
    assert_int_equal(f.decoded.tick_count, 1);
    assert_true(f.ticks[0].price == 25.5);
    assert_true(f.ticks[0].id == 400900217);
    assert_true(f.ticks[0].event_us == 0);
    assert_true(f.ticks[0].time_us == 0);
    assert_true(f.ticks[0].quantity == 0);
    decode(&f, "{\"stream\":\"ethusdt@bookTicker\",\"data\":{\"e\":\"bookTicker\",\"u\":1592216279872,\"s\":\"ETHUSDT\",\"b\":\"0.07661\",\"B\":\"40088\","
               "\"a\":\"0.07663\",\"A\":\"929\",\"T\":1654792470066,\"E\":1654792470073}}");
    assert_int_equal(f.decoded.tick_count, 1);
    assert_true(f.ticks[0].time_us == INT64_C(1654792470066000));
    assert_true(f.ticks[0].event_us == INT64_C(1654792470073000));
    assert_true(f.ticks[0].price == (0.07661 + 0.07663) / 2);
}

static void test_microseconds_are_configuration(void **state)
{
    (void)state;
    struct fixture f;
    prepare(&f, SG_STREAM_TICKER);
    const char *us = "{\"e\":\"24hrMiniTicker\",\"E\":1749183266025123,\"s\":\"BTCUSDT\",\"c\":\"1\",\"v\":\"0\"}";
    const char *ms = "{\"e\":\"24hrMiniTicker\",\"E\":1749183266025,\"s\":\"BTCUSDT\",\"c\":\"1\",\"v\":\"0\"}";
    decode(&f, us);
    assert_int_equal(f.decoded.tick_count, 0);
    assert_non_null(strstr(f.decoded.detail, "too late"));
    f.decoder.microseconds = true;
    decode(&f, us);
    assert_int_equal(f.decoded.tick_count, 1);
    assert_true(f.ticks[0].time_us == INT64_C(1749183266025123));
    decode(&f, ms);
    assert_int_equal(f.decoded.tick_count, 0);
    assert_non_null(strstr(f.decoded.detail, "too early"));
    assert_int_equal(f.decoder.rejected_values, 2);
}

static void test_replies(void **state)
{
    (void)state;
    struct fixture f;
    prepare(&f, SG_STREAM_TICKER);
    decode(&f, "{\"result\":null,\"id\":312}");
    assert_int_equal(f.decoded.kind, SG_MESSAGE_REPLY_OK);
    assert_true(f.decoded.reply_id == 312);
    decode(&f, "{\"result\":[\"btcusdt@aggTrade\"],\"id\":\"x1\"}");
    assert_int_equal(f.decoded.kind, SG_MESSAGE_REPLY_OK);
    assert_true(f.decoded.reply_id == -1);
    decode(&f, "{\"code\":2,\"msg\":\"Invalid request: unknown variant\"}");
    assert_int_equal(f.decoded.kind, SG_MESSAGE_REPLY_ERROR);
    assert_int_equal(f.decoded.error_code, 2);
    assert_true(f.decoded.reply_id == -1);
    assert_non_null(strstr(f.decoded.detail, "unknown variant"));
    decode(&f, "{\"error\":{\"code\":4,\"msg\":\"Too many subscriptions\"},\"id\":19}");
    assert_int_equal(f.decoded.kind, SG_MESSAGE_REPLY_ERROR);
    assert_int_equal(f.decoded.error_code, 4);
    assert_true(f.decoded.reply_id == 19);
    decode(&f, "{\"stream\":\"!serverShutdown\",\"data\":{\"e\":\"serverShutdown\",\"E\":1770123456789}}");
    assert_int_equal(f.decoded.kind, SG_MESSAGE_SHUTDOWN);
    decode(&f, "{\"e\":\"serverShutdown\",\"E\":1770123456789}");
    assert_int_equal(f.decoded.kind, SG_MESSAGE_SHUTDOWN);
}

static void test_not_json(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "}",
        "[",
        "nonsense",
        "{\"e\":\"24hrMiniTicker\"",
        "{} x",
        "[]]",
        "{\"a\":1}{\"b\":2}",
        "\"text\"",
        "5",
        "null",
        "true",
        "{\"stream\":5,\"data\":{}}",
        "{\"stream\":\"x\"}",
        "{\"stream\":\"x\",\"data\":7}",
        "{'e':1}",
        "{\"e\":NaN}",
        "{\"e\":\"\\u0000\"}",
        "{\"e\" \"x\"}",
    };
    struct fixture f;
    prepare(&f, SG_STREAM_TICKER);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        decode(&f, texts[i]);
        if (f.decoded.kind != SG_MESSAGE_BAD)
            fail_msg("accepted: %s", texts[i]);
        assert_int_equal(f.decoded.tick_count, 0);
        assert_true(f.decoded.detail[0] != 0);
    }
    decode_bytes(&f, "{}\0", 3);
    assert_int_equal(f.decoded.kind, SG_MESSAGE_BAD);
    decode(&f, "  {}\r\n\t ");
    assert_int_equal(f.decoded.kind, SG_MESSAGE_IGNORED);
    /* A thousand brackets and more: refused by the parser's depth limit, not by the stack. */
    char deep[5000];
    memset(deep, '[', sizeof deep);
    decode_bytes(&f, deep, sizeof deep);
    assert_int_equal(f.decoded.kind, SG_MESSAGE_BAD);
}

static void test_values_refused(void **state)
{
    (void)state;
    static const struct {
        const char *members, *reason;
    } rows[] = {
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":1.5,\"q\":\"1\"", "price p is not a JSON string"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":null,\"q\":\"1\"", "price p is not a JSON string"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"q\":\"1\"", "price p is missing"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"NaN\",\"q\":\"1\"", "price p is not a decimal"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"nan\",\"q\":\"1\"", "price p is not a decimal"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"inf\",\"q\":\"1\"", "price p is not a decimal"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1,5\",\"q\":\"1\"", "price p is not a decimal"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"\",\"q\":\"1\"", "price p is not a decimal"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\" 1\",\"q\":\"1\"", "price p is not a decimal"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"0x10\",\"q\":\"1\"", "price p is not a decimal"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1e400\",\"q\":\"1\"", "price p is not a decimal"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"-1\",\"q\":\"1\"", "price p is not positive"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"0.00000000\",\"q\":\"1\"", "price p is not positive"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1000000000001\",\"q\":\"1\"", "absurd"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":\"-1\"", "quantity q is negative"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":\"1e3\"", "quantity q is not a decimal"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":\"0.000000001\"", "quantity q is not a decimal"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":1", "quantity q is not a JSON string"},
        {"\"E\":\"1672515782136\",\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":\"1\"", "event time E is not an integer"},
        {"\"E\":1672515782136.5,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":\"1\"", "event time E is not an integer"},
        {"\"E\":5,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":\"1\"", "event time E is too early"},
        {"\"E\":-5,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":\"1\"", "event time E is negative"},
        {"\"E\":9007199254740991,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":\"1\"", "event time E is too late"},
        {"\"E\":1672515782136,\"T\":1e300,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":\"1\"", "trade time T is not an integer"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":9007199254740993000,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":\"1\"", "id a is not an integer"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1e999,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":\"1\"", "id a is not an integer"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":-1,\"f\":1,\"l\":1,\"p\":\"1\",\"q\":\"1\"", "id a is negative"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":9,\"l\":1,\"p\":\"1\",\"q\":\"1\"", "does not follow"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":0,\"l\":9007199254740991,\"p\":\"1\",\"q\":\"1\"", "does not follow"},
        {"\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1\",\"p\":\"2\",\"q\":\"1\"", "p is given twice"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        prepare(&f, SG_STREAM_TRADE);
        char text[400];
        snprintf(text, sizeof text, "{\"e\":\"aggTrade\",\"s\":\"BTCUSDT\",%s}", rows[i].members);
        decode(&f, text);
        if (f.decoded.kind != SG_MESSAGE_TICKS || f.decoded.tick_count != 0 || f.decoder.rejected_values != 1 || !strstr(f.decoded.detail, rows[i].reason))
            fail_msg("row %zu %s: kind %d, %zu ticks, %llu rejected, \"%s\"", i, text, (int)f.decoded.kind, f.decoded.tick_count,
                     (unsigned long long)f.decoder.rejected_values, f.decoded.detail);
    }
    struct fixture f;
    prepare(&f, SG_STREAM_TRADE);
    decode(&f, "{\"e\":\"aggTrade\",\"s\":5,\"p\":\"1\"}");
    assert_int_equal(f.decoder.rejected_values, 1);
    decode(&f, "{\"e\":\"aggTrade\",\"p\":\"1\"}");
    assert_int_equal(f.decoder.rejected_values, 2);
    decode(&f, "{\"e\":\"aggTrade\",\"s\":\"BTCUSDT\",\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"3e-05\",\"q\":\"1\"}");
    assert_int_equal(f.decoded.tick_count, 0); /* the exchange writes prices plainly: an exponent is damage */
    decode(&f, "{\"e\":\"aggTrade\",\"s\":\"BTCUSDT\",\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"1E5\",\"q\":\"1\"}");
    assert_int_equal(f.decoded.tick_count, 0);
    decode(&f, "{\"e\":\"aggTrade\",\"s\":\"BTCUSDT\",\"E\":1672515782136,\"T\":1672515782136,\"a\":1,\"f\":1,\"l\":1,\"p\":\"3\",\"q\":\"0.00000000\"}");
    assert_int_equal(f.decoded.tick_count, 1); /* there are trades of quantity 0 */
    assert_true(f.ticks[0].price == 3);
    assert_true(f.ticks[0].quantity == 0);
}

static void test_ignored(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"e\":\"24hrMiniTicker\",\"E\":1749183266025,\"s\":\"XRPUSDT\",\"c\":\"1\",\"v\":\"0\"}",
        "{\"e\":\"kline\",\"s\":\"BTCUSDT\"}",
        "{\"e\":7}",
        "{}",
        "[]",
        "{\"stream\":\"x\",\"data\":{}}",
        "{\"e\":\"aggTrade\",\"s\":\"BTCUSDT\"}",
        "{\"e\":\"24hrMiniTicker\",\"s\":\"BTCUSD\"}",
        "{\"e\":\"24hrMiniTicker\",\"s\":\"BTCUSDTX\"}",
        "{\"e\":\"24hrMiniTicker\",\"s\":\"\"}",
    };
    struct fixture f;
    prepare(&f, SG_STREAM_TICKER);
    f.decoder.legs[1].symbol[0] = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        decode(&f, texts[i]);
        if (f.decoded.kind != SG_MESSAGE_IGNORED || f.decoded.tick_count)
            fail_msg("not ignored: %s", texts[i]);
    }
    assert_int_equal(f.decoder.rejected_values, 0);
}

/* Every recorded message, as it is and cut at every length: read or refused, never misread. */
static void test_real_messages(void **state)
{
    (void)state;
    const char *shared = getenv("SG_SHARED_DIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/data/ws/messages/unicorn_fy_messages.jsonl", shared ? shared : "../shared");
    FILE *file = fopen(path, "r");
    if (!file) {
        print_message("SKIP: no recorded messages at %s\n", path);
        skip();
    }
    char *line = NULL;
    size_t room = 0, rows = 0, ticks[3] = {0};
    ssize_t length;
    while ((length = getline(&line, &room, file)) > 0) {
        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
            length--;
        rows++;
        for (int stream = SG_STREAM_TICKER; stream <= SG_STREAM_BOOK; stream++) {
            struct fixture f;
            prepare(&f, (enum sg_stream)stream);
            decode_bytes(&f, line, (size_t)length);
            assert_int_not_equal(f.decoded.kind, SG_MESSAGE_BAD);
            assert_int_equal(f.decoder.rejected_values, 0);
            ticks[stream] += f.decoded.tick_count;
            for (ssize_t cut = 0; cut < length && cut < 600; cut++) {
                decode_bytes(&f, line, (size_t)cut);
                assert_int_equal(f.decoded.kind, SG_MESSAGE_BAD);
            }
        }
    }
    free(line);
    fclose(file);
    assert_int_equal(rows, 38);
    /* Counted with another program: BTCUSDT and ETHUSDT items with e = 24hrMiniTicker, aggTrade or trade, bookTicker. */
    assert_int_equal(ticks[SG_STREAM_TICKER], 6);
    assert_int_equal(ticks[SG_STREAM_TRADE], 2);
    assert_int_equal(ticks[SG_STREAM_BOOK], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agg_trade),
        cmocka_unit_test(test_single_trades_and_the_form_that_came_first),
        cmocka_unit_test(test_ticker_and_array),
        cmocka_unit_test(test_book),
        cmocka_unit_test(test_microseconds_are_configuration),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_not_json),
        cmocka_unit_test(test_values_refused),
        cmocka_unit_test(test_ignored),
        cmocka_unit_test(test_real_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
