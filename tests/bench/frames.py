"""Times hana's frames and those of polars, DuckDB, data.table, pandas and pyarrow (whichever are
there) turn by turn in one run on the same files, and prints medians and how many times as fast as hana the
fastest of them is (above 1: hana is slower). Processor seconds stand beside the seconds of the
clock. Usage: python3 tests/bench/frames.py build/hana folder [passes [task ...]]

The folder holds csv_big.csv, higgs.csv, pixels.csv, gby.csv, join.csv and lines.jsonl; what is
missing is made (1.4 GB)."""

import contextlib
import importlib
import os
import statistics
import subprocess
import sys
import tempfile
import time

THREADS = len(os.sched_getaffinity(0))
os.environ["POLARS_MAX_THREADS"] = str(THREADS)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402


def make_trips(path, rows=3_000_000, chunk=250_000):
    """Mixed columns with quoted commas, doubled quotes, line ends in fields and empty cells."""
    notes = np.array(["airport", "left umbrella, black", 'said "keep it"', "toll paid",
                      "card declined; paid cash", "round trip\nwaited 10 min"], dtype=object)
    boroughs = ["Manhattan", "Brooklyn", "Queens", "Bronx", "Staten Island", "EWR"]
    zones = np.array([f"Zone {i}, {boroughs[i % 6]}" if i % 3 == 0 else
                      f"{boroughs[i % 6]} {i:03d}" for i in range(265)], dtype=object)
    for part in range(rows // chunk):
        r, n = np.random.default_rng([1, part]), chunk
        start = np.datetime64("2023-01-01T00:00:00") + r.integers(0, 31_536_000, n).astype("m8[s]")
        seconds = np.clip(r.gamma(2, 420, n), 30, 20000).astype(int)
        text = lambda t: np.char.replace(np.datetime_as_string(t, unit="s"), "T", " ")
        fare = np.round(2.5 + seconds / 60 * r.gamma(6, .2, n), 2)
        tip = np.round(fare * r.beta(2, 9, n), 2)
        tip[r.random(n) < .1] = np.nan
        note = np.where(r.random(n) < .12, notes[r.choice(6, n, p=[.2, .2, .2, .2, .19, .01])], None)
        pd.DataFrame({
            "trip_id": np.arange(n) + part * n,
            "vendor": np.array(["CMT", "VTS", "DDS", "Helix, Inc."])[r.choice(4, n)],
            "pickup_at": text(start), "dropoff_at": text(start + seconds.astype("m8[s]")),
            "passengers": pd.array(r.integers(1, 7, n), dtype="Int64"),
            "distance": np.round(seconds / 3600 * r.gamma(6, 2.2, n), 2),
            "pickup_lon": np.round(-73.97 + r.normal(0, .04, n), 6),
            "pickup_lat": np.round(40.75 + r.normal(0, .03, n), 6),
            "rate_code": r.integers(1, 7, n),
            "flag": np.where(r.random(n) < .3, None, np.array(["Y", "N"])[r.integers(0, 2, n)]),
            "payment": np.array(["card", "cash", "dispute", "no charge"])[r.choice(4, n)],
            "fare": fare, "tip": tip,
            "zone": zones[np.minimum(r.exponential(40, n).astype(int), 264)], "note": note,
            "total": np.round(fare + np.nan_to_num(tip), 2),
        }).to_csv(path, index=False, header=part == 0, mode="a" if part else "w")


def make_numbers(path, rows=600_000):
    r = np.random.default_rng(2)
    values = np.round(r.normal(size=(rows, 29)), 5)
    pd.DataFrame(values, columns=[f"f{j}" for j in range(29)]).to_csv(path, index=False)


def make_pixels(path, rows=70_000):
    r = np.random.default_rng(5)
    values = r.integers(0, 256, (rows, 784)) * (r.random((rows, 784)) < .2)
    with open(path, "w") as out:
        out.write(",".join(["y"] + [f"p{j}" for j in range(784)]) + "\n")
        for row in np.column_stack([r.integers(0, 10, rows), values]).tolist():
            out.write(",".join(map(str, row)) + "\n")


def make_lines(path, rows=500_000):
    trips = pd.read_csv(os.path.dirname(path) + "/csv_big.csv", nrows=rows)
    trips.to_json(path, orient="records", lines=True, force_ascii=False)


def make_keys(path, rows=10_000_000):
    r = np.random.default_rng(3)
    pd.DataFrame({"k1": r.integers(0, 100, rows), "k2": r.integers(0, 100_000, rows),
                  "v": np.round(r.random(rows) * 100, 6),
                  "w": r.integers(0, 1_000_000_000, rows)}).to_csv(path, index=False)


def make_other(path, rows=100_000):
    r = np.random.default_rng(4)
    pd.DataFrame({"k2": r.permutation(rows), "u": np.round(r.random(rows), 6)}).to_csv(
        path, index=False)


def module(name):
    with contextlib.suppress(ImportError):
        return importlib.import_module(name)


class Peers:
    """Closures by task and peer; data are loaded when a task needs them."""

    def __init__(self, folder):
        self.folder, self.cache = folder, {}
        self.polars, self.duckdb = module("polars"), module("duckdb")
        self.arrow = module("pyarrow.csv")
        if self.duckdb:
            self.db = self.duckdb.connect()
            self.db.execute(f"set threads = {THREADS}")
        self.target = tempfile.mkdtemp() + "/written.csv"

    def path(self, name):
        return f"{self.folder}/{name}.csv"

    def frame(self, name):
        if name not in self.cache:
            self.cache[name] = pd.read_csv(self.path(name))
        return self.cache[name]

    def texts(self, prefix):
        if prefix not in self.cache:
            d = self.frame("gby")
            self.cache[prefix] = pd.DataFrame({"id": prefix + d.k2.astype(str), "v": d.v})
        return self.cache[prefix]

    def sides(self, name, frame):
        """The same frame for pandas, polars and DuckDB."""
        if ("sides", name) not in self.cache:
            pl = self.polars.from_pandas(frame) if self.polars else None
            if self.duckdb:
                self.db.register("incoming", frame)
                self.db.execute(f"create or replace table {name} as select * from incoming")
                self.db.unregister("incoming")
            self.cache["sides", name] = frame, pl
        return self.cache["sides", name]

    def query(self, sql):
        self.db.execute("create or replace table o as " + sql)
        return self.db.execute("select count(*) from o").fetchall()[0][0]

    def csv(self, name):
        path = self.path(name)
        out = {"pandas": lambda: len(pd.read_csv(path))}
        if self.polars:
            out["polars"] = lambda: len(self.polars.read_csv(path, infer_schema_length=10000))
            out["polars dates"] = lambda: len(
                self.polars.read_csv(path, infer_schema_length=10000, try_parse_dates=True))
        if self.duckdb:
            out["duckdb"] = lambda: self.query(f"select * from read_csv('{path}')")
        if self.arrow:
            options = self.arrow.ParseOptions(newlines_in_values=True)
            out["pyarrow"] = lambda: self.arrow.read_csv(path, parse_options=options).num_rows
        return out

    def csv_write(self):
        if "million" not in self.cache:
            self.cache["million"] = pd.read_csv(self.path("csv_big"), nrows=1_000_000)
        d, pl = self.sides("million", self.cache["million"])
        out = {"pandas": lambda: d.to_csv(self.target, index=False) or len(d)}
        if pl is not None:
            out["polars"] = lambda: pl.write_csv(self.target) or len(pl)
        if self.duckdb:
            out["duckdb"] = lambda: self.db.execute(
                f"copy million to '{self.target}' (header)").fetchall()[0][0]
        return out

    def scan(self):
        path, c = self.path("csv_big"), self.polars and self.polars.col
        out = {}
        if self.polars:
            out["polars"] = lambda: len(
                self.polars.scan_csv(path, infer_schema_length=10000).filter(c("fare") > 5)
                .group_by("payment").agg(self.polars.len(), c("distance").mean())
                .collect(engine="streaming"))
        if self.duckdb:
            out["duckdb"] = lambda: self.query(
                f"select payment, count(*) n, avg(distance) m from read_csv('{path}') "
                "where fare > 5 group by payment")
        return out

    def json_read(self):
        path, out = f"{self.folder}/lines.jsonl", {}
        if self.polars:
            out["polars"] = lambda: len(self.polars.read_ndjson(path))
        if self.duckdb:
            out["duckdb"] = lambda: self.query(f"select * from read_json('{path}')")
        if self.arrow:
            out["pyarrow"] = lambda: module("pyarrow.json").read_json(path).num_rows
        return out

    def json_write(self):
        if "half" not in self.cache:
            self.cache["half"] = pd.read_csv(self.path("csv_big"), nrows=500_000)
        d, pl = self.sides("half", self.cache["half"])
        out = {"pandas": lambda: d.to_json(self.target, orient="records", lines=True) or len(d)}
        if pl is not None:
            out["polars"] = lambda: pl.write_ndjson(self.target) or len(pl)
        if self.duckdb:
            out["duckdb"] = lambda: self.db.execute(
                f"copy half to '{self.target}' (format json)").fetchall()[0][0]
        return out

    def verb(self, table, frame, in_pandas, in_polars, sql):
        d, pl = self.sides(table, frame)
        out = {"pandas": lambda: len(in_pandas(d))}
        if pl is not None:
            out["polars"] = lambda: len(in_polars(pl))
        if self.duckdb:
            out["duckdb"] = lambda: self.query(sql)
        return out

    def group(self, key, table="d", frame=None):
        frame = self.frame("gby") if frame is None else frame
        mean = self.polars and self.polars.col("v").mean()
        return self.verb(table, frame, lambda d: d.groupby(key).v.mean(),
                         lambda p: p.group_by(key).agg(mean),
                         f"select {key}, avg(v) m from {table} group by {key}")

    def task(self, name):
        c = self.polars and self.polars.col
        gby = None if name.startswith(("csv", "json")) else self.frame("gby")
        if name == "csv_read":
            return self.csv("csv_big")
        if name == "csv_numbers":
            return self.csv("higgs")
        if name == "csv_wide":
            return self.csv("pixels")
        if name == "csv_scan":
            return self.scan()
        if name == "json_read":
            return self.json_read()
        if name == "json_write":
            return self.json_write()
        if name == "csv_write":
            return self.csv_write()
        if name == "group_100":
            return self.group("k1")
        if name == "group_100k":
            return self.group("k2")
        if name == "group_texts":
            return self.group("id", "s", self.texts("id"))
        if name == "group_long":
            return self.group("id", "l", self.texts("customer-"))
        if name == "group_several":
            return self.verb(
                "d", gby,
                lambda d: d.groupby("k2").agg(m=("v", "mean"), s=("v", "std"), mx=("w", "max"),
                                              n=("v", "size")),
                lambda p: p.group_by("k2").agg(c("v").mean().alias("m"), c("v").std().alias("s"),
                                               c("w").max().alias("mx"),
                                               c("v").len().alias("n")),
                "select k2, avg(v) m, stddev_samp(v) s, max(w) mx, count(*) n from d group by k2")
        if name == "group_median":
            return self.verb("d", gby, lambda d: d.groupby("k2").v.median(),
                             lambda p: p.group_by("k2").agg(c("v").median()),
                             "select k2, median(v) m from d group by k2")
        if name == "join":
            other, pl = self.sides("j", self.frame("join"))
            return self.verb("d", gby, lambda d: d[["k2", "v"]].merge(other, on="k2"),
                             lambda p: p.select("k2", "v").join(pl, on="k2"),
                             "select d.k2, d.v, j.u from d join j using (k2)")
        if name in ("sort_float", "sort_int"):
            key = "v" if name == "sort_float" else "w"
            return self.verb("d", gby, lambda d: d.sort_values(key, kind="stable"),
                             lambda p: p.sort(key, maintain_order=True),
                             f"select * from d order by {key}")
        if name == "filter":
            return self.verb("d", gby, lambda d: d[(d.v > 50) & (d.k1 < 50)],
                             lambda p: p.filter((c("v") > 50) & (c("k1") < 50)),
                             "select * from d where v > 50 and k1 < 50")
        return self.verb("d", gby, lambda d: d.assign(z=d.v * 2 + d.w / 3 - d.k1),
                         lambda p: p.with_columns(z=c("v") * 2 + c("w") / 3 - c("k1")),
                         "select *, v * 2 + w / 3 - k1 z from d")


TASKS = ["csv_read", "csv_numbers", "csv_wide", "csv_scan", "csv_write", "json_read", "json_write",
         "group_100", "group_100k", "group_texts", "group_long", "group_several", "group_median",
         "join", "sort_float", "sort_int", "filter", "arithmetic"]


class Child:
    """A side in a process of its own, told by lines what to do: frames.lua or frames.R."""

    def __init__(self, program, script, *arguments):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), script)
        self.name = program
        self.child = subprocess.Popen([program, script, *arguments], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, line):
        self.child.stdin.write(line + "\n")
        answer = self.child.stdout.readline()
        if not answer:
            raise SystemExit(f"{self.name} ended at '{line}'")
        return answer.split()

    def run(self, task):
        start = time.perf_counter()
        processor, figure = self.ask("run " + task)
        seconds = time.perf_counter() - start
        self.child.stdout.readline()
        return seconds, float(processor), int(figure)


def has_data_table():
    with contextlib.suppress(FileNotFoundError):
        return subprocess.run(["Rscript", "-e", "library(data.table)"],
                              capture_output=True).returncode == 0


def timed(run):
    start, processor = time.perf_counter(), time.process_time()
    figure = run()
    return time.perf_counter() - start, time.process_time() - processor, int(figure)


def main():
    program, folder = sys.argv[1:3]
    passes = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    os.makedirs(folder, exist_ok=True)
    for name, make in {"csv_big.csv": make_trips, "higgs.csv": make_numbers,
                       "pixels.csv": make_pixels, "gby.csv": make_keys, "join.csv": make_other,
                       "lines.jsonl": make_lines}.items():
        if not os.path.exists(f"{folder}/{name}"):
            make(f"{folder}/{name}")
    peers, hana = Peers(folder), Child(program, "frames.lua", folder)
    table = has_data_table() and Child("Rscript", "frames.R", folder, str(THREADS))
    print(f"{THREADS} threads; seconds by the clock (processor)")
    for task in sys.argv[4:] or TASKS:
        runs = peers.task(task)
        hana.ask("prepare " + task)
        if table and not task.startswith("json"):
            table.ask("prepare " + task)
            runs["data.table"] = None
        results = {name: [] for name in ["hana", *runs]}
        for _ in range(passes):
            results["hana"].append(hana.run(task))
            for name, run in runs.items():
                results[name].append(timed(run) if run else table.run(task))
        assert len({r[2] for rs in results.values() for r in rs}) == 1, (task, results)
        wall = {name: statistics.median(r[0] for r in rs) for name, rs in results.items()}
        used = {name: statistics.median(r[1] for r in rs) for name, rs in results.items()}
        fastest = min((n for n in wall if n != "hana"), key=wall.get)
        cells = "  ".join(f"{n} {wall[n]:.3f} ({used[n]:.3f})" for n in wall)
        print(f"{task:14} {wall['hana'] / wall[fastest]:6.2f} ({used['hana'] / used[fastest]:.2f})"
              f" x {fastest}:  {cells}", flush=True)


main()
