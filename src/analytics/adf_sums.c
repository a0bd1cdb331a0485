/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "adf_private.h"

/* Row 0 is known; D_{i+1,j+1} is D_ij with the sample moved by one: one product enters, one leaves. The same for the cross
 * sums, since y_k = y_{k-1} + dy_{k-1}. */
static void recur(struct sg_adf_workspace *w, size_t differences, size_t lags)
{
    const double *d = w->difference, *y = w->level;
    double *lagged = w->lagged, *cross = w->cross;
    size_t width = lags + 1;
    for (size_t i = 0; i < lags; i++)
        for (size_t j = i; j < lags; j++)
            lagged[(i + 1) * width + j + 1] = lagged[i * width + j] + d[lags - 1 - i] * d[lags - 1 - j] - d[differences - 1 - i] * d[differences - 1 - j];
    for (size_t i = 1; i <= lags; i++)
        cross[i] = cross[i - 1] + y[lags - 1] * d[lags - i] - y[differences - 1] * d[differences - i] + lagged[width + i];
}

void sg_adf_sums(struct sg_adf_workspace *w, size_t differences, size_t lags)
{
    size_t sample = differences - lags;
    const double *d = w->difference;
    sg_dot_lags(d + lags, sample, lags, w->lagged);
    w->cross[0] = sg_dot(w->level + lags, d + lags, sample);
    recur(w, differences, lags);
}

void sg_adf_sums_extend(struct sg_adf_workspace *w, size_t differences, size_t from, size_t lags)
{
    const double *d = w->difference;
    for (size_t j = 0; j <= lags; j++) /* row 0 keeps its place whatever the width */
        for (size_t k = lags; k < from; k++)
            w->lagged[j] += d[k] * d[k - j];
    for (size_t k = lags; k < from; k++)
        w->cross[0] += w->level[k] * d[k];
    recur(w, differences, lags);
}
