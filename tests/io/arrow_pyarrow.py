"""hana and pyarrow in one process, handing tables to each other by address.

Run by arrow_spec.lua with LUA_PATH and LUA_CPATH set; prints "ok" at the end.
"""
import ctypes
import datetime
import decimal
import gc
import json
import random

import pyarrow as pa

lua = ctypes.CDLL("liblua5.4.so.0", mode=ctypes.RTLD_GLOBAL)
lua.luaL_newstate.restype = ctypes.c_void_p
lua.lua_tolstring.restype = ctypes.c_char_p
L = ctypes.c_void_p(lua.luaL_newstate())
lua.luaL_openlibs(L)


def run(code, *numbers):
    """The chunk's one result, by way of JSON; its arguments are integers."""
    assert lua.luaL_loadstring(L, code.encode()) == 0, lua.lua_tolstring(L, -1, None)
    for number in numbers:
        lua.lua_pushinteger(L, ctypes.c_longlong(number))
    failed = lua.lua_pcallk(L, len(numbers), 1, 0, ctypes.c_void_p(0), None)
    text = lua.lua_tolstring(L, -1, None)
    lua.lua_settop(L, 0)
    if failed:
        raise RuntimeError(text.decode())
    return json.loads(text) if text is not None else None


def from_hana(expression):
    """The frame that the Lua expression gives, as a record batch."""
    addresses = run("held = (" + expression + "):to_arrow()"
                    "return hana.json.encode{ schema = held.schema, array = held.array }")
    batch = pa.RecordBatch._import_from_c(addresses["array"], addresses["schema"])
    batch.validate(full=True)
    assert run("return hana.json.encode(held.released)")
    return batch


def to_hana(batch, then):
    """Hands the batch over as `df` and runs `then`, which returns JSON text."""
    schema, array = ctypes.create_string_buffer(72), ctypes.create_string_buffer(80)
    a, s = ctypes.addressof(array), ctypes.addressof(schema)
    batch._export_to_c(a, s)
    try:
        return run("local s, a = ... ; df = hana.from_arrow{ schema = s, array = a } " + then, s, a)
    except RuntimeError:
        # What was refused is still the giver's.
        pa.RecordBatch._import_from_c(a, s).validate(full=True)
        raise


def refused(batch, *words):
    try:
        to_hana(batch, "")
    except RuntimeError as error:
        for word in words:
            assert word in str(error), (word, str(error))
        return
    raise AssertionError(("not refused", words))


COLUMNS = ("local t = {} for _, n in ipairs(df:names()) do "
           "t[#t + 1] = { n, df:types()[n], df:col(n):totable() } end return hana.json.encode(t)")


def columns(batch):
    return {name: (kind, values) for name, kind, values in to_hana(batch, COLUMNS)}


run("hana = require 'hana'")
run(r"""frame = hana.read_csv{ text = "i,f,b,s,d,t,c\n" ..
  "9223372036854775807,1.5,true,가나,2024-02-29,2024-02-29T12:30:15.123456Z,x\n,,,,,,\n" ..
  "-3,-2,false,\"\",1969-12-31,1950-01-01T00:00:00Z,y\n4,0.1,true,z,1970-01-02,1970-01-01,x\n",
  types = { c = "category" }, timezone = "UTC", quiet = true }""")
batch = from_hana("frame")
utc = datetime.timezone.utc
assert batch.to_pydict() == {
    "i": [9223372036854775807, None, -3, 4],
    "f": [1.5, None, -2.0, 0.1],
    "b": [True, None, False, True],
    "s": ["가나", None, "", "z"],
    "d": [datetime.date(2024, 2, 29), None, datetime.date(1969, 12, 31),
          datetime.date(1970, 1, 2)],
    "t": [datetime.datetime(2024, 2, 29, 12, 30, 15, 123456, utc), None,
          datetime.datetime(1950, 1, 1, tzinfo=utc), datetime.datetime(1970, 1, 1, tzinfo=utc)],
    "c": ["x", None, "y", "x"],
}, batch.to_pydict()
assert [str(t) for t in batch.schema.types[:6]] == [
    "int64", "double", "bool", "large_string", "date32[day]", "timestamp[us, tz=UTC]"]
assert batch.schema.field("c").type == pa.dictionary(pa.int32(), pa.large_string())
assert from_hana("frame:slice(2, 3)").to_pydict() == batch.slice(1, 2).to_pydict()
assert from_hana("frame:head(0)").num_rows == 0
assert from_hana("frame:head(0)").schema == batch.schema

# The batch outlives the frame.
run("frame = nil; held = nil; collectgarbage(); collectgarbage()")
batch.validate(full=True)
assert batch.column("i")[0].as_py() == 9223372036854775807

# There and back.
for part in (batch, batch.slice(1), batch.slice(3, 1), batch.slice(0, 0)):
    to_hana(part, "")
    back = from_hana("df")
    assert back.to_pydict() == part.to_pydict() and back.schema == part.schema

rng = random.Random(7)
for n in (0, 1, 7, 8, 9, 64, 1000):
    def some(value):
        return [None if rng.random() < 0.2 else value() for _ in range(n)]
    wide = pa.RecordBatch.from_pydict({
        "i": pa.array([rng.randrange(-2**63, 2**63) for _ in range(n)], pa.int64()),
        "j": pa.array(some(lambda: rng.randrange(-2**63, 2**63)), pa.int64()),
        "f": pa.array([rng.gauss(0, 1) for _ in range(n)], pa.float64()),
        "g": pa.array(some(lambda: rng.gauss(0, 1)), pa.float64()),
        "b": pa.array(some(lambda: rng.random() < 0.5), pa.bool_()),
        "s": pa.array(some(lambda: "é" * rng.randrange(4)), pa.large_string()),
        "r": pa.array(["x" * rng.randrange(4) for _ in range(n)], pa.large_string()),
        "d": pa.array(some(lambda: rng.randrange(-30000, 30000)), pa.int32()).cast(pa.date32()),
        "t": pa.array(some(lambda: rng.randrange(-2**55, 2**55)), pa.int64()).cast(
            pa.timestamp("us", "Asia/Seoul")),
    })
    for part in (wide, wide.slice(n // 3), wide.slice(n // 3, n // 2)):
        to_hana(part, "")
        back = from_hana("df")
        assert back.equals(part), n

# Other widths and units.
got = columns(pa.RecordBatch.from_pydict({
    "i8": pa.array([-128, None, 127], pa.int8()), "u8": pa.array([0, None, 255], pa.uint8()),
    "i16": pa.array([-2**15, None, 1], pa.int16()),
    "u16": pa.array([1, None, 2**16 - 1], pa.uint16()),
    "i32": pa.array([-2**31, None, 1], pa.int32()),
    "u32": pa.array([1, None, 2**32 - 1], pa.uint32()),
    "u64": pa.array([1, None, 2**63 - 1], pa.uint64()),
    "f32": pa.array([0.5, None, -2.0], pa.float32()),
    "s": pa.array(["a", None, "한"], pa.string()),
    "v": pa.array(["short", None, "longer than twelve bytes 한"], pa.string_view()),
    "n": pa.nulls(3),
    "d64": pa.array([datetime.date(1969, 12, 31), None, datetime.date(2024, 2, 29)], pa.date64()),
    "ts": pa.array([-1, None, 1], pa.timestamp("s")),
    "tm": pa.array([-1, None, 1], pa.timestamp("ms")),
    "tn": pa.array([-1000, None, 1000], pa.timestamp("ns", "+09:00")),
    "c": pa.array(["b", None, "a"]).dictionary_encode(),
    "c8": pa.DictionaryArray.from_arrays(pa.array([1, None, 0], pa.int8()), ["x", "y"]),
    "ci": pa.DictionaryArray.from_arrays(pa.array([1, None, 0]), [10, 20]),
    "cd": pa.DictionaryArray.from_arrays(pa.array([1, 2, 0]), ["x", None, "x"]),
}))
assert got == {
    "i8": ("int", [-128, None, 127]), "u8": ("int", [0, None, 255]),
    "i16": ("int", [-2**15, None, 1]), "u16": ("int", [1, None, 2**16 - 1]),
    "i32": ("int", [-2**31, None, 1]), "u32": ("int", [1, None, 2**32 - 1]),
    "u64": ("int", [1, None, 2**63 - 1]), "f32": ("float", [0.5, None, -2.0]),
    "s": ("string", ["a", None, "한"]),
    "v": ("string", ["short", None, "longer than twelve bytes 한"]),
    "n": ("float", [None, None, None]),
    "d64": ("date", ["1969-12-31", None, "2024-02-29"]),
    "ts": ("datetime", ["1969-12-31T23:59:59Z", None, "1970-01-01T00:00:01Z"]),
    "tm": ("datetime", ["1969-12-31T23:59:59.999000Z", None, "1970-01-01T00:00:00.001000Z"]),
    "tn": ("datetime", ["1969-12-31T23:59:59.999999Z", None, "1970-01-01T00:00:00.000001Z"]),
    "c": ("category", ["b", None, "a"]), "c8": ("category", ["y", None, "x"]),
    "ci": ("int", [20, None, 10]), "cd": ("category", [None, "x", "x"]),
}, got


def one(array):
    return pa.RecordBatch.from_arrays([array], ["x"])


refused(one(pa.array([1, 2**63], pa.uint64())), "column 'x', row 2", "beyond 64 bits")
refused(one(pa.array([1000, 1], pa.timestamp("ns"))), "row 2", "would lose digits")
refused(one(pa.array([b"a"])), "holds bytes")
refused(one(pa.array([[1]])), "is nested")
refused(one(pa.array([decimal.Decimal("1.5")])), "is a decimal")
refused(one(pa.array([1], pa.duration("s"))), "is a duration")
refused(one(pa.array([1], pa.time32("s"))), "is a time of day")
refused(pa.RecordBatch.from_arrays([pa.array([1]), pa.array([2])], ["x", "x"]), "x")

# Nothing is held for longer than it is used.
del batch, back, part, wide
run("df = nil; held = nil; collectgarbage(); collectgarbage()")
gc.collect()
assert pa.total_allocated_bytes() == 0, pa.total_allocated_bytes()
big = one(pa.array(range(1000000), pa.int64()))
size = pa.total_allocated_bytes()
to_hana(big, "")
del big
gc.collect()
assert size <= pa.total_allocated_bytes() < size + 10000  # shared
assert run("return hana.json.encode(df.x:sum())") == 499999500000
run("part = df:slice(10, 20); df = nil; collectgarbage(); collectgarbage()")
assert run("return hana.json.encode(part.x:totable())") == list(range(9, 20))
run("part = nil; collectgarbage(); collectgarbage()")
assert pa.total_allocated_bytes() == 0, pa.total_allocated_bytes()
print("ok")
