"""Writes floats.tsv: decimal texts, the doubles they mean (as Python's float reads them, in
hexadecimal) and the shortest texts that read back to these (Python's repr). Texts are random, long,
halfway between two doubles, and at the ends of the range."""

import random
import struct
from decimal import Decimal, getcontext

random.seed(20240229)
getcontext().prec = 1200


def digits(n):
    return "".join(random.choice("0123456789") for _ in range(n))


def from_bits(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


texts = ["0.1", "5e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
         "2.2250738585072011e-308", "1.7976931348623157e308", "9007199254740993.0", "-0.0", "1e16",
         "1e15", "0.0001", "0.00001", "1.0" + "0" * 800 + "1", "123456789012345678901234567890.5"]
for _ in range(120):
    text = random.choice(["", "-"]) + str(random.randint(1, 9)) + digits(random.randint(0, 24))
    texts.append(text + "." + digits(random.randint(1, 24)) + "e" + str(random.randint(-330, 260)))
for _ in range(60):
    bits = random.getrandbits(63)
    if bits >> 52 >= 2046:
        continue
    half = (Decimal(from_bits(bits)) + Decimal(from_bits(bits + 1))) / 2
    text = format(half, "e")
    texts += [text, text.replace("e", "0001e")]
for _ in range(120):
    texts.append(repr(from_bits(random.getrandbits(63) % (2047 << 52))))

with open("floats.tsv", "w") as out:
    for text in texts:
        value = float(text)
        out.write(f"{text}\t{value.hex()}\t{value!r}\n")
