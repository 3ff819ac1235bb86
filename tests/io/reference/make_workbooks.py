#!/usr/bin/env python3
"""Writes edge.xlsx, unsolved.xlsx, bomb.xlsx.gz, page.xls and (by xlwt) edge.xls, and excel.tsv: every cell of readxl's examples as
openpyxl 3 reads them, one a line (file, sheet, cell, text)."""
import datetime, gzip, io, os, zipfile
import openpyxl, xlwt

here = os.path.dirname(os.path.abspath(__file__))
folder = os.path.join(here, "..", "..", "data_files", "excel")

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def workbook(sheets, strings, formats, packing=zipfile.ZIP_DEFLATED):
    """sheets: [(name, inner XML)], strings: [<si> inner], formats: [numFmt code or id]."""
    out = io.BytesIO()
    z = zipfile.ZipFile(out, "w", packing)

    def put(name, text):
        info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
        info.compress_type = packing
        z.writestr(info, text)

    put("_rels/.rels", HEAD + f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
        f'Type="{REL}/officeDocument" Target="/xl/workbook.xml"/></Relationships>')
    put("xl/workbook.xml", HEAD + f'<x:workbook xmlns:x="{MAIN}" xmlns:r="{REL}"><x:sheets>' + "".join(
        f'<x:sheet name="{n}" sheetId="{i + 7}" r:id="rId{i + 10}"/>' for i, (n, _) in enumerate(sheets))
        + "</x:sheets></x:workbook>")
    put("xl/_rels/workbook.xml.rels", HEAD + f'<Relationships xmlns="{PACKAGE}">' + "".join(
        f'<Relationship Id="rId{i + 10}" Type="{REL}/worksheet" Target="worksheets/s{i}.xml"/>'
        for i in range(len(sheets)))
        + f'<Relationship Id="rId1" Type="{REL}/sharedStrings" Target="../xl/sharedStrings.xml"/>'
        + f'<Relationship Id="rId2" Type="{REL}/styles" Target="styles.xml"/></Relationships>')
    put("xl/sharedStrings.xml", HEAD + f'<sst xmlns="{MAIN}">'
        + "".join(f"<si>{s}</si>" for s in strings) + "</sst>")
    custom = [(200 + i, f) for i, f in enumerate(formats) if isinstance(f, str)]
    put("xl/styles.xml", HEAD + f'<styleSheet xmlns="{MAIN}"><numFmts>' + "".join(
        f'<numFmt numFmtId="{i}" formatCode="{c}"/>' for i, c in custom)
        + '</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>' + "".join(
        f'<xf numFmtId="{200 + i if isinstance(f, str) else f}"/>' for i, f in enumerate(formats))
        + "</cellXfs></styleSheet>")
    for i, (_, inner) in enumerate(sheets):
        put(f"xl/worksheets/s{i}.xml", HEAD + f'<x:worksheet xmlns:x="{MAIN}">{inner}</x:worksheet>')
    z.close()
    return out.getvalue()


def rows(*rows):
    return "<x:sheetData>" + "".join(rows) + "</x:sheetData>"


def row(number, *cells):
    return f'<x:row r="{number}">' + "".join(cells) + "</x:row>"


def cell(where, value, kind="n", style=None):
    s = f' s="{style}"' if style is not None else ""
    body = (f"<x:is><x:t>{value}</x:t></x:is>" if kind == "inlineStr" else f"<x:v>{value}</x:v>")
    return f'<x:c r="{where}" t="{kind}"{s}>{body}</x:c>'


def text(where, value):
    return cell(where, value, "inlineStr")


strings = ["<t>plain</t>", "<r><t>two </t></r><r><rPr><b/></rPr><t>runs</t></r>",
           '<t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh>', "<t>line_x000D_\nbreak _x0041_ _x00zz_</t>",
           '<t xml:space="preserve">  blanks </t>', "<t/>"]
formats = [0, 14, 22, "h:mm:ss", "[h]:mm", "h:mm AM/PM", '0.0&quot; days&quot;', "[Red]0.00",
           "yyyy&quot;년&quot; m&quot;월&quot; d&quot;일&quot;", "mm:ss.0", "0.00E+00", "mmm\\-yy",
           "[$-412]yyyy/m/d h:mm;@", "General", 49, "#,##0.00_);\\(#,##0.00\\)"]
sheets = [
    ("strings", rows(
        row(1, text("A1", "s"), text("B1", "kind")),
        *[row(i + 2, cell(f"A{i + 2}", i, "s"), text(f"B{i + 2}", "shared")) for i in range(len(strings))],
        row(8, cell("A8", "of a formula", "str"), text("B8", "formula")),
        row(9, cell("A9", "", "str"), text("B9", "empty formula")),
        row(10, text("A10", "&lt;&amp;&gt; é 한글"), text("B10", "inline")))),
    ("headers", rows(
        row(2, text("B2", "region"), text("C2", "sales"), text("E2", " total\nof all ")),
        row(3, text("C3", "2023"), cell("D3", 2024), text("E3", "")),
        row(4, text("B4", "north"), cell("C4", 1), cell("D4", 2), cell("E4", 3)),
        row(5, text("B5", "south"), cell("C5", 4), '<x:c r="D5" s="1"/>', cell("E5", 6)),
        row(9, '<x:c r="B9" s="1"/>'))
        + '<x:mergeCells><x:mergeCell ref="B2:B3"/><x:mergeCell ref="C2:D2"/>'
        '<x:mergeCell ref="C5:D5"/></x:mergeCells>'),
    ("times", rows(
        row(1, *[text(f"{c}1", n) for c, n in zip("ABCDEFGHIJKLMNOP", [
            "n", "date", "stamp", "clock", "elapsed", "ampm", "days", "red", "korean", "minutes", "exp",
            "month", "locale", "general", "astext", "accounting"])]),
        row(2, *[cell(f"{c}2", v, "n", i) for i, (c, v) in enumerate(zip("ABCDEFGHIJKLMNOP", [
            1, 45351, 45351.4376736111, 0.75, 1.5, 0.5208333333, 3.5, 2, 45351, 0.0004398148, 12000,
            45323, 45351.5, 7, 8, 9.25]))]))),
    ("gaps", rows(
        row(4, text("C4", "a"), text("E4", "b")),
        "<x:row><x:c><x:v>0</x:v></x:c></x:row>",
        row(6, cell("C6", 2), cell("E6", 1.5)),
        row(8, cell("C8", "3"), text("E8", "NA")))),
    ("iso", rows(
        row(1, text("A1", "d"), text("B1", "t"), text("C1", "b")),
        row(2, cell("A2", "2024-02-29", "d"), cell("B2", "2024-02-29T12:30:15", "d"), cell("C2", "true", "b")))),
    ("serials", rows(row(1, text("A1", "when")), *[
        row(i + 2, cell(f"A{i + 2}", v, "n", 1)) for i, v in enumerate([1, 59, 60, 61, 45658.75, -1, 2958466])])),
    ("errors", rows(
        row(1, text("A1", "ratio"), text("B1", "flag"), text("C1", "mixed")),
        row(2, cell("A2", 4), cell("B2", 1, "b"), text("C2", "SME")),
        row(3, cell("A3", "#N/A", "e"), cell("B3", 0, "b"), cell("C3", "2.2000000000000002")),
        row(4, cell("A4", "#DIV/0!", "e"), cell("B4", 812), cell("C4", "7040000123")),
        row(5, cell("A5", "#N/A", "e"), cell("B5", 1, "b"), cell("C5", "9007199254740993")))),
    ("empty", rows()),
    ("mess", rows(row(2, cell("A2", "1")), row(1, cell("A1", "2")))),
    ("bad", rows(row(1, text("A1", "x")), row(2, cell("A2", "1,5")))),
    ("far", rows(row(1, text("A1", "x"), text("XFD1", "y")), row(2, cell("A2", 1)),
                 row(3, *[cell(f"{chr(65 + i)}3", 1) for i in range(26)]), row(1048576, cell("A1048576", 1)))),
]

with open(os.path.join(folder, "edge.xlsx"), "wb") as f:
    f.write(workbook(sheets, strings, formats))

bomb = workbook([("bomb", "<x:sheetData>" + " " * (200 << 20) + "</x:sheetData>")], [], [])
with open(os.path.join(folder, "bomb.xlsx.gz"), "wb") as f:
    f.write(gzip.compress(bomb, 9, mtime=0))

with open(os.path.join(folder, "page.xls"), "w", encoding="utf-8") as f:
    f.write("<html><head><title>x</title></head>\n<body><table><tr><td>a</td></tr></table></body></html>\n")

# Stored, so that changed bytes reach the parser.
corpus = os.path.join(here, "..", "..", "fuzz", "xlsx")
os.makedirs(corpus, exist_ok=True)
for i, name in enumerate(["strings", "headers", "times", "gaps", "serials", "errors"]):
    few = [s for s in sheets if s[0] == name]
    with open(os.path.join(corpus, name), "wb") as f:
        f.write(bytes([[8, 16, 8, 32 + 8, 1 + 8, 2 + 8][i]]) + workbook(few, strings, formats, zipfile.ZIP_STORED))
tiny = xlwt.Workbook()
sheet = tiny.add_sheet("s")
for j, value in enumerate(["text", 1.25, 7, True, datetime.date(2024, 2, 29), "한글" * 40]):
    sheet.write(0, j, f"c{j}")
    sheet.write(1, j, value)
sheet.write_merge(2, 2, 0, 1, "m")
sheet.row(2).set_cell_error(3, 42)
tiny.save(os.path.join(corpus, "old"))
with open(os.path.join(corpus, "old"), "rb") as f:
    saved = f.read()
with open(os.path.join(corpus, "old"), "wb") as f:
    f.write(bytes([8]) + saved)

old = xlwt.Workbook()
sheet = old.add_sheet("데이터")
day, stamp = (xlwt.easyxf(num_format_str=f) for f in ["yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"])
for j, name in enumerate(["text", "number", "rk", "flag", "day", "stamp", "error"]):
    sheet.write(0, j, name)
for i in range(1, 101):  # the texts run over several records
    sheet.write(i, 0, ("한글 é" if i % 2 else "plain ") * i + str(i))
    sheet.write(i, 1, i / 7)
    sheet.write(i, 2, i / 100)
    sheet.write(i, 3, i % 2 == 0)
    sheet.write(i, 4, datetime.date(1999, 12, 31) + datetime.timedelta(i), day)
    sheet.write(i, 5, datetime.datetime(1999, 12, 31, 12, 30, i % 60), stamp)
    sheet.row(i).set_cell_error(6, 42) if i % 10 == 0 else sheet.write(i, 6, i)
small = old.add_sheet("merged")
small.write_merge(1, 1, 1, 2, "head")
small.write_merge(1, 2, 3, 3, "tall")
for j, value in enumerate(["a", "b"]):
    small.write(2, j + 1, value)
for j in range(3):
    small.write(3, j + 1, j)
old.save(os.path.join(folder, "edge.xls"))


# Formulas as a program leaves them that does not compute: two without a result, one whose is "".
unsolved = workbook([("Sheet1", "<x:sheetData><x:row>" + "".join(
    f'<x:c t="inlineStr"><x:is><x:t>{name}</x:t></x:is></x:c>' for name in "ab") + "</x:row>"
    '<x:row><x:c><x:v>1</x:v></x:c><x:c><x:f>A2+1</x:f></x:c></x:row>'
    '<x:row><x:c t="str"><x:f>""</x:f><x:v></x:v></x:c><x:c><x:f>A3+1</x:f><x:v>4</x:v></x:c></x:row>'
    "<x:row><x:c/><x:c><x:f>1/0</x:f></x:c></x:row></x:sheetData>")], [], [])
with open(os.path.join(folder, "unsolved.xlsx"), "wb") as f:
    f.write(unsolved)


def shown(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat().replace("T00:00:00", "")
    return str(value)


with open(os.path.join(here, "excel.tsv"), "w", encoding="utf-8") as f:
    for name in ["datasets", "deaths", "type-me"]:
        book = openpyxl.load_workbook(os.path.join(folder, name + ".xlsx"), data_only=True,
                                      read_only=True)
        for sheet in book.worksheets:
            if sheet.title == "quakes":
                continue
            sheet.reset_dimensions()
            for cells in sheet.iter_rows():
                for c in cells:
                    if c.value is not None:
                        f.write("\t".join([name, sheet.title, str(c.row), str(c.column),
                                           shown(c.value).replace("\n", " ")]) + "\n")
