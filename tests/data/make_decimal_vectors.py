#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes decimal_vectors.txt: decimal texts and the bits of the nearest double as Python computes them.

Run it again with another seed to get other vectors; the file in the repository was made with the default."""
import random
import struct
import sys


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def main():
    rng = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 20240808)
    texts = ["0", "-0", "0.0", "1", "-1", "00012", "0.1", "0.2", "0.3", "61837.63000000", "0.00000001", "9007199254740993",
             "9007199254740992.5", "9007199254740993.0000000000000000001", "1e22", "1e23", "8.5e22", "123456789012345e22",
             "123456789012345e23", "2.2250738585072011e-308", "2.2250738585072014e-308", "4.9e-324", "2.4703282292062327e-324",
             "2.4703282292062328e-324", "1.7976931348623157e308", "1e-400", "0e99999", "5e-324", "1E5", "1e+5", "1.5E-07",
             "179769313486231580793e288", "0.500000000000000166533453693773481063544750213623046875",
             "3.518437208883201171875e13", "62.5364939768271845828", "8.10109172351e-10", "1.50000000000000011102230246251565"]
    for _ in range(160):                                     # prices as an exchange writes them
        texts.append(f"{rng.randrange(1, 10**rng.randrange(1, 9))}.{rng.randrange(10**8):08d}")
    for _ in range(160):                                     # any double, shortest text
        while True:
            value = struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]
            if value == value and abs(value) != float("inf"):
                break
        texts.append(repr(value))
    for _ in range(120):                                     # more digits than a double has, and exponents around the fast path's end
        digits = rng.randrange(14, 22)
        texts.append(f"{rng.choice(['', '-'])}{rng.randrange(10**(digits - 1), 10**digits)}e{rng.randrange(-26, 27)}")
    for _ in range(80):                                      # halfway between two doubles, and just beside
        exponent = rng.randrange(53, 60)
        half = (rng.getrandbits(53) | 1 << 53) * 2 + 1
        middle = half << (exponent - 53)
        texts.append(str(middle + rng.choice([-1, 0, 1])))
    with open(__file__.replace("make_decimal_vectors.py", "decimal_vectors.txt"), "w", encoding="ascii") as out:
        out.write("# SPDX-License-Identifier: GPL-3.0-or-later\n# text, bits of the nearest double; made by make_decimal_vectors.py\n")
        for text in texts:
            out.write(f"{text} {bits(float(text)):016x}\n")


main()
