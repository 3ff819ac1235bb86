"""Writes texts.tsv: random texts, their lengths in code points, in NFC with full-width forms made
half-width, in lower case and in upper case, as Python's unicodedata and str have them (letter by
letter, where one letter becomes one letter)."""

import random
import unicodedata

random.seed(20240229)
RANGES = [(33, 127), (0xA1, 0x250), (0x300, 0x370), (0x391, 0x3C9), (0x410, 0x450), (0x1100, 0x1200),
          (0xAC00, 0xD7A4), (0x1E00, 0x1F00), (0xFF01, 0xFF5F), (0x3000, 0x3001), (0x2126, 0x2127),
          (0x212B, 0x212C), (0x1D15E, 0x1D15F), (0x1F600, 0x1F610)]


def half_width(c):
    if "\uff01" <= c <= "\uff5e":
        return chr(ord(c) - 0xFF01 + 33)
    return " " if c == "\u3000" else c


def letters(text, f):
    # utf8proc maps the German sharp s to its capital, which Python does not.
    return "".join(f(c) if len(f(c)) == 1 and c != "ß" else c for c in text)


def fits(c):
    return unicodedata.category(c) != "Cn" and c not in "ßİ\xad"


letters_of = [[chr(c) for c in range(a, b) if fits(chr(c))] for a, b in RANGES]
with open("texts.tsv", "w") as out:
    for _ in range(400):
        text = "".join(random.choice(random.choice(letters_of)) for _ in range(random.randint(1, 15)))
        normal = unicodedata.normalize("NFC", "".join(map(half_width, text)))
        out.write("\t".join([text, str(len(text)), normal, letters(text, str.lower),
                             letters(text, str.upper)]) + "\n")
