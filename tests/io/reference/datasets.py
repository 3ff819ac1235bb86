"""Writes datasets.lua: what pandas finds in whole files, cell by cell.

Run from the top of the repository: python3 tests/io/reference/datasets.py
Made with pandas 3.1.1 and CPython 3.11. The files of ../shared/data are left out where they are
not there. A column is { name, type, nulls, hash }: FNV-1a of 64 bits, by words of eight bytes, over
its cells, each a word for its kind and then the value (a double in little endian; text in UTF-8,
its length being the kind's word, filled up with NULs). Empty texts count as null, quoted or not:
pandas does not tell them apart. Of wide files all columns make one hash, of a line each.
"""
import glob
import os
import struct

import pandas as pd

NULLS = ["", "NA", "N/A", "NaN", "null", "NULL", "None"]
SHARED = "../shared/data/"
NULL, FALSE, TRUE, NUMBER = 1 << 40, 2 << 40, 3 << 40, 4 << 40
WIDE = 200
EDGE = SHARED + "csv_edge_cases/data.table/"

# Path: options of read_csv in Lua, options of pandas.
FILES = {path: ("", {}) for path in sorted(glob.glob("examples/data/*/*.csv"))}
HERE = {os.path.basename(path) for path in FILES}
FILES |= {
    path: ("", {})
    for path in sorted(
        glob.glob(SHARED + "*/*.csv*") + glob.glob(SHARED + "shared_only/*/*.csv*"))
    if os.path.basename(path) not in HERE
}
FILES |= {
    SHARED + "shared_only/korean_seoul_weather/seoul.csv": ("", {"encoding": "cp949"}),
    SHARED + "shared_only/korean_chatbot/ChatbotData.cp949.csv": ("", {"encoding": "cp949"}),
    SHARED + "shared_only/ansur2/ANSUR_II_MALE_Public.csv.gz": ("", {"encoding": "cp1252"}),
    SHARED + "shared_only/adult/adult.data.gz": ("header = false", {"header": None}),
    # A line that is no record stands above the table.
    SHARED + "shared_only/adult/adult.test.gz": (
        "header = false, skip = 1", {"header": None, "skiprows": 1}),
    # Quotes are text.
    SHARED + "shared_only/sms_spam/SMSSpamCollection.tsv": (
        'header = false, quote = ""', {"header": None, "sep": "\t", "quoting": 3}),
    SHARED + "shared_only/air_quality_eu/AirQualityUCI.csv": (
        'decimal = ","', {"sep": ";", "decimal": ","}),
    EDGE + "1680-fread-header-encoding.csv": ("", {"sep": ";", "encoding": "latin-1"}),
    # A table with titles above and notes below it; its rows end in a delimiter more.
    EDGE + "SA2-by-DJZ.csv": ("skip = 10, limit = 1382", {
        "skiprows": 11, "nrows": 1382, "header": None, "usecols": [0, 1, 2],
        "names": ["Main Statistical Area Structure (Main ASGS) (UR)",
                  "DZN to State/Territory (POW)", "column_3"]}),
    EDGE + "doublequote_newline.csv": ("", {}),
    EDGE + "gb18030.txt": ("", {"encoding": "gb18030"}),
    EDGE + "issue_1087_utf8_bom.csv": ("", {"encoding": "utf-8-sig"}),
    EDGE + "quoted_multiline.csv": ("", {}),
    EDGE + "quoted_no_header.csv": ("header = false", {"header": None}),
    EDGE + "utf16be.txt": ("", {"encoding": "utf-16"}),
    EDGE + "utf16le.txt": ("", {"encoding": "utf-16"}),
}


def fnv(words):
    h = 0xCBF29CE484222325
    for word in words:
        h = ((h ^ word) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return h


def words_of(data):
    data += b"\0" * (-len(data) % 8)
    return struct.unpack(f"<{len(data) // 8}Q", data)


def kind_of(values, texts):
    present = values.dropna()
    if pd.api.types.is_bool_dtype(present) and len(present):
        return "bool"
    if len(present) == 0:
        return "float"
    if not pd.api.types.is_numeric_dtype(present):
        return "string"
    # A number-like code with leading zeros stays text.
    digits = [t.strip().lstrip("-+") for t in texts if t not in NULLS]
    if any(len(t) > 1 and t[0] == "0" and t.isdigit() for t in digits):
        return "string"
    whole = all(float(v).is_integer() for v in present)
    return "int" if whole and all(t.isdigit() for t in digits) else "float"


def column(name, values, texts):
    kind = kind_of(values, texts)
    if kind == "string":
        values = texts.where(~texts.isin(NULLS))
    words, nulls = [], 0
    for v in values:
        if pd.isna(v):
            nulls += 1
            words.append(NULL)
        elif kind == "bool":
            words.append(TRUE if v else FALSE)
        elif kind == "string":
            text = v.encode()
            words.append(len(text))
            words.extend(words_of(text))
        else:
            words.append(NUMBER)
            words.extend(words_of(struct.pack("<d", float(v))))
    return name, kind, nulls, f"{fnv(words):016x}"


def write(out, path, lua, frame, texts):
    out.write(f'  ["{path}"] = {{\n    rows = {len(frame)}, options = {{{lua}}},')
    columns = []
    for j, name in enumerate(frame.columns):
        label, kind, nulls, digest = column(name, frame[name], texts[name])
        if isinstance(label, int) or label.startswith("Unnamed: "):
            label = f"column_{j + 1}"
        columns.append((label, kind, nulls, digest))
    if len(columns) > WIDE:
        text = "".join(f"{a} {b} {c} {d}\n" for a, b, c, d in columns).encode()
        digest = fnv((len(text),) + words_of(text))
        out.write(f' columns = {len(columns)},\n    all = "{digest:016x}",\n  }},\n')
        return
    line = ""
    for label, kind, nulls, digest in columns:
        entry = f' {{ "{label}", "{kind}", {nulls}, "{digest}" }},'
        if not line or len(line) + len(entry) > 100:
            out.write(f"{line}\n")
            line = "   "
        line += entry
    out.write(f"{line}\n  }},\n")


with open("tests/io/reference/datasets.lua", "w") as out:
    out.write("-- Written by datasets.py.\nreturn {\n")
    for path, (lua, options) in FILES.items():
        if not os.path.exists(path):
            continue
        lua = f" {lua} " if lua else ""
        options = dict(options, keep_default_na=False, low_memory=False)
        frame = pd.read_csv(path, na_values=NULLS, **options)
        texts = pd.read_csv(path, dtype=str, **options)
        write(out, path, lua, frame, texts)
    out.write("}\n")
