#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tests/data/statsmodels_vectors.txt: ADF and Engle-Granger of 1,000 seeded random series by statsmodels.

usage: freeze_statsmodels.py [--check [--every N]] [FILE]      needs python3-statsmodels; without it says so and exits 77

The series are not stored: the generator below (SplitMix64, integers and exact binary fractions only) is repeated in
tests/unit/analytics/test_statsmodels.c, bit for bit. A line holds: number, length, ADF (AIC) lag, statistic, p; Engle-Granger
(AIC) statistic, p, the three critical values; Engle-Granger with one lag, statistic; reverse direction with AIC, statistic.
`--check` computes everything (or every N-th series) again and compares with the file instead of writing it.

Known slip of the reference, corrected here: its 2010 table for two series with constant has -33.527 where MacKinnon (2010),
table 2, has -22.527 (1 %, b2), so 11 / T^2 is added to its 1 % critical value.
"""
import os
import sys

MASK = (1 << 64) - 1
COUNT = 1000


class Random:
    def __init__(self, seed):
        self.state = seed

    def bits(self):
        self.state = (self.state + 0x9e3779b97f4a7c15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & MASK
        z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & MASK
        return z ^ (z >> 31)

    def shock(self):
        """Sum of four uniforms about 0: exact in binary, bell-shaped, in units of 2^-20."""
        return float(sum(self.bits() >> 44 for _ in range(4)) - (1 << 21))


def pair(number):
    """Two legs, of every kind a scan meets: independent walks, cointegrated, stationary, with memory, near the unit root."""
    r = Random(number)
    n = 100 + r.bits() % 900
    kind = number % 5
    x, y, common, own, before = [], [], 0.0, 0.0, 0.0
    for _ in range(n):
        e, u = r.shock(), r.shock()
        common += e
        if kind == 0:
            own += u
        elif kind == 1:
            own = own * 0.875 + u
        elif kind == 2:
            own = own * 0.984375 + u
        elif kind == 3:
            own = own * 0.5 + u - before * 0.75
        else:
            own = own * -0.25 + u
        before = u
        x.append(common * 2.0 ** -20 + 1000.0)
        y.append((common * 0.5 + own) * 2.0 ** -20 + 3000.0)
    return y, x


def main():
    try:
        import numpy
        import statsmodels
        from statsmodels.tsa.stattools import adfuller, coint
    except ImportError:
        print("SKIP: python3-statsmodels is not installed; the frozen vectors are used as they are")
        return 77
    import warnings
    warnings.simplefilter("ignore")
    arguments, every = sys.argv[1:], 1
    check = "--check" in arguments
    if check:
        arguments.remove("--check")
        if arguments[:1] == ["--every"]:
            every = int(arguments[1])
            arguments = arguments[2:]
    default = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "statsmodels_vectors.txt")
    path = arguments[0] if arguments else default
    lines = ["# SPDX-License-Identifier: GPL-3.0-or-later; statsmodels %s, numpy %s; made by tests/numeric/freeze_statsmodels.py" % (statsmodels.__version__, numpy.__version__)]
    for number in range(0, COUNT, every):
        y, x = (numpy.array(v) for v in pair(number))
        adf = adfuller(y, regression="c", autolag="AIC")
        eg = coint(y, x, trend="c", autolag="aic")
        one = coint(y, x, trend="c", maxlag=1, autolag=None)
        reverse = coint(x, y, trend="c", autolag="aic")
        t = len(y) - 1
        critical = [eg[2][0] + 11.0 / t ** 2, eg[2][1], eg[2][2]]
        lines.append(" ".join(["%d %d %d" % (number, len(y), adf[2])] + ["%.13g" % v for v in [adf[0], adf[1], eg[0], eg[1]] + critical + [one[0], reverse[0]]]))
    if not check:
        with open(path, "w") as f:
            f.write("\n".join(lines) + "\n")
        print("%d vectors to %s" % (COUNT, path))
        return 0
    with open(path) as f:
        frozen = f.read().splitlines()
    worst = 0.0
    lines, frozen = ([l for l in text if not l.startswith("#")] for text in (lines, frozen))
    whole = len(frozen) == COUNT
    for made, kept in zip(lines, frozen[::every]):
        a, b = [float(v) for v in made.split()], [float(v) for v in kept.split()]
        if a[:3] != b[:3]:
            print("differs: %s\n     and: %s" % (made, kept))
            return 1
        worst = max([worst] + [abs(p - q) / max(abs(q), 1e-3) for p, q in zip(a, b)])
    print("%d vectors, largest relative difference %.3g" % (len(lines), worst))
    return 0 if whole and worst < 1e-8 else 1


if __name__ == "__main__":
    sys.exit(main())
