"""Times hana's verbs against pandas, turn by turn in one run, and prints the ratio (above 1: hana is
faster). Usage: python3 tests/bench/verbs.py build/hana [rows]"""

import statistics
import subprocess
import sys
import time

import numpy as np
import pandas as pd

HANA = r"""
local hana = require "hana"
local path = ...
local df = hana.read_csv(path, { quiet = true })
local few = df:distinct{ "s" }:select{ "s", "k" }
local verbs = {
  describe = function() return df:describe() end,
  sort_number = function() return df:sort{ "x" } end,
  sort_texts = function() return df:sort{ "s", { "x", "desc" } } end,
  group_number = function()
    return df:group_by{ "k" }:summarize{ { "n", "count()" }, { "m", "mean(x)" } }
  end,
  group_text = function()
    return df:group_by{ "s" }:summarize{ { "n", "count()" }, { "md", "median(x)" } }
  end,
  mutate_by_group = function() return df:group_by{ "s" }:mutate{ { "c", "x - mean(x)" } } end,
  distinct = function() return df:distinct{ "s", "k" } end,
  join = function() return df:join(few, { by = "s", how = "left" }) end,
  pivot_longer = function() return df:pivot_longer{ columns = { "x", "k" } } end,
  filter = function() return df:filter("x > 0.5 and k < 500") end,
}
io.stdout:setvbuf "no"
print(#df)
for name in io.lines() do
  verbs[name]()
  collectgarbage()
  print "done"
end
"""


def pandas_verbs(df):
    few = df.drop_duplicates("s")[["s", "k"]]
    return {
        "describe": lambda: df.describe(include="all"),
        "sort_number": lambda: df.sort_values("x", kind="stable"),
        "sort_texts": lambda: df.sort_values(["s", "x"], ascending=[True, False], kind="stable"),
        "group_number": lambda: df.groupby("k").agg(n=("x", "size"), m=("x", "mean")),
        "group_text": lambda: df.groupby("s").agg(n=("x", "size"), md=("x", "median")),
        "mutate_by_group": lambda: df.assign(c=df.x - df.groupby("s").x.transform("mean")),
        "distinct": lambda: df.drop_duplicates(["s", "k"]),
        "join": lambda: df.merge(few, on="s", how="left"),
        "pivot_longer": lambda: df.melt(id_vars=["s"]),
        "filter": lambda: df[(df.x > 0.5) & (df.k < 500)],
    }


def main():
    hana, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    random = np.random.default_rng(1)
    texts = np.char.add("name", random.integers(0, 20_000, rows).astype(str))
    path = "/tmp/hana_bench_verbs.csv"
    pd.DataFrame({"x": random.normal(size=rows), "k": random.integers(0, 1000, rows),
                  "s": texts}).to_csv(path, index=False)
    verbs = pandas_verbs(pd.read_csv(path))
    with open("/tmp/hana_bench_verbs.lua", "w") as script:
        script.write(HANA)
    child = subprocess.Popen([hana, "/tmp/hana_bench_verbs.lua", path], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True, bufsize=1)
    assert int(child.stdout.readline()) == rows

    def in_hana(name):
        child.stdin.write(name + "\n")
        assert child.stdout.readline() == "done\n"

    print(f"{'verb':16}{'hana ms':>9}{'pandas ms':>11}{'ratio':>7}")
    for name, in_pandas in verbs.items():
        ours, theirs = [], []
        for _ in range(7):
            start = time.perf_counter()
            in_hana(name)
            middle = time.perf_counter()
            in_pandas()
            ours.append(middle - start)
            theirs.append(time.perf_counter() - middle)
        a, b = statistics.median(ours), statistics.median(theirs)
        print(f"{name:16}{a * 1e3:9.1f}{b * 1e3:11.1f}{b / a:7.2f}")


main()
