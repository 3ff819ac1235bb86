"""Writes example_data.lua: what pandas finds in the files of examples/data.

Run from the top of the repository: python3 tests/io/reference/example_data.py
Made with pandas 3.1.1 and CPython 3.11. A column is { name, type, nulls, figure }: the exact sum
(math.fsum) of numbers, the number of code points of all texts, the number of true values.
"""
import glob
import math

import pandas as pd

NULLS = ["", "NA", "N/A", "NaN", "null", "NULL", "None"]


def column(name, values):
    present = values.dropna()
    nulls = len(values) - len(present)
    if pd.api.types.is_bool_dtype(present):
        return name, "bool", nulls, int(present.sum())
    if pd.api.types.is_numeric_dtype(present):
        whole = all(float(v).is_integer() for v in present)
        # pandas makes whole numbers with missing ones float; the text tells.
        kind = "int" if whole and not any("." in t for t in texts[name] if t) else "float"
        return name, kind, nulls, math.fsum(present)
    return name, "string", nulls, sum(len(v) for v in present)


with open("tests/io/reference/example_data.lua", "w") as out:
    out.write("-- Written by example_data.py.\nreturn {\n")
    for path in sorted(glob.glob("examples/data/*/*.csv")):
        options = dict(keep_default_na=False, na_values=NULLS)
        frame = pd.read_csv(path, low_memory=False, **options)
        texts = pd.read_csv(path, dtype=str, keep_default_na=False)
        out.write(f'  ["{path}"] = {{\n    rows = {len(frame)},\n')
        for name in frame.columns:
            name, kind, nulls, figure = column(name, frame[name])
            out.write(f'    {{ "{name}", "{kind}", {nulls}, {figure!r} }},\n')
        out.write("  },\n")
    out.write("}\n")
