"""Writes datasets.lua: what pandas finds in whole files, cell by cell.

Run from the top of the repository: python3 tests/io/reference/datasets.py
Made with pandas 3.1.1 and CPython 3.11. The files of ../shared/data are left out where they are
not there. A column is { name, type, nulls, hash }: FNV-1a of 64 bits over its cells, each a byte
for its kind and then the value (a double in little endian, text in UTF-8 with a NUL behind it).
Empty texts count as null, quoted or not: pandas does not tell them apart.
"""
import glob
import os
import struct

import pandas as pd

NULLS = ["", "NA", "N/A", "NaN", "null", "NULL", "None"]
SHARED = "../shared/data/"
EDGE = SHARED + "csv_edge_cases/data.table/"

# Path: options of read_csv in Lua, options of pandas.
FILES = {path: ("", {}) for path in sorted(glob.glob("examples/data/*/*.csv"))}
FILES |= {
    SHARED + "diamonds/diamonds.csv.gz": ("", {}),
    SHARED + "austen/austen_paragraphs.csv": ("", {}),
    SHARED + "shared_only/korean_seoul_weather/seoul.csv": ("", {"encoding": "cp949"}),
    SHARED + "shared_only/korean_chatbot/ChatbotData.cp949.csv": ("", {"encoding": "cp949"}),
    SHARED + "shared_only/korean_chatbot/ChatbotData.csv": ("", {}),
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


def fnv(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = ((h ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return h


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
    data, nulls = bytearray(), 0
    for v in values:
        if pd.isna(v):
            nulls += 1
            data += b"0"
        elif kind == "bool":
            data += b"b1" if v else b"b0"
        elif kind == "string":
            data += b"s" + v.encode() + b"\0"
        else:
            data += b"n" + struct.pack("<d", float(v))
    return name, kind, nulls, f"{fnv(data):016x}"


def write(out, path, lua, frame, texts):
    out.write(f'  ["{path}"] = {{\n    rows = {len(frame)}, options = {{{lua}}},\n')
    for j, name in enumerate(frame.columns):
        label, kind, nulls, digest = column(name, frame[name], texts[name])
        if isinstance(label, int) or label.startswith("Unnamed: "):
            label = f"column_{j + 1}"
        out.write(f'    {{ "{label}", "{kind}", {nulls}, "{digest}" }},\n')
    out.write("  },\n")


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
