/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grid lines are whole device pixels at every scale, 1.25 and 1.5 too: each one as thick as the others and of one colour, with nothing
 * half covered beside it. */
#include "canvas.h"

static bool equal(const unsigned char *a, const unsigned char *b)
{
    return memcmp(a, b, 3) == 0;
}

/* Walks `count` pixels, `step` bytes apart. Every run that is not background must be `thick` pixels of one colour. How many there are. */
static size_t lines_in(const unsigned char *pixel, ptrdiff_t step, int count, int thick)
{
    const unsigned char *ground = pixel;
    size_t lines = 0;
    for (int i = 0; i < count;) {
        const unsigned char *at = pixel + i * step;
        if (equal(at, ground)) {
            i++;
            continue;
        }
        int run = 0;
        for (; i < count && !equal(pixel + i * step, ground); i++, run++)
            assert_true(equal(pixel + i * step, at));
        if (i < count) /* the last may leave through the edge */
            assert_int_equal(run, thick);
        lines++;
    }
    return lines;
}

static void grid_lines_are_whole_pixels(void **state)
{
    (void)state;
    static const double scales[] = {1, 1.25, 1.5, 1.75, 2, 2.25, 3};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++)
        for (int pan = 0; pan < 12; pan++) {
            double scale = scales[i];
            struct scene s;
            scene_open(&s, 10000);
            for (int64_t slot = 1060; slot < 1101; slot++) /* nothing but grid left of the first bar */
                append(&s, slot, 1, 0);
            scene_sync(&s, NULL);
            s.view.span = 100;
            s.view.right = 1100 - 0.37 * pan; /* places that fall between pixels */
            struct canvas c = canvas_new(scale);
            draw(&s, &c, SG_PANE_CORRELATION);
            cairo_surface_flush(c.surface);
            const unsigned char *data = cairo_image_surface_get_data(c.surface);
            int stride = cairo_image_surface_get_stride(c.surface), thick = (int)fmax(1, round(scale));
            int width = (int)((WIDTH - SG_AXIS_WIDTH) * scale), height = (int)(HEIGHT * scale), row = height - 2, column = (int)(9 * scale);
            const unsigned char ground[3] = {(unsigned char)lround(s.theme->background.blue * 255), (unsigned char)lround(s.theme->background.green * 255),
                                             (unsigned char)lround(s.theme->background.red * 255)};
            while (column < width && !equal(data + row * stride + column * 4, ground))
                column++; /* clear of a line of the time grid */
            while (row > 0 && !equal(data + row * stride + column * 4, ground))
                row--; /* and of one of the values */
            size_t upright = lines_in(data + row * stride + column * 4, 4, (int)(200 * scale), thick);
            size_t level = lines_in(data + row * stride + column * 4, -stride, row, thick);
            assert_true(upright >= 1);
            assert_true(level >= 3);
            canvas_free(&c);
            scene_close(&s);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(grid_lines_are_whole_pixels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
