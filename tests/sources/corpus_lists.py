"""Broken lists as plain text: encodings, rows, numbers, ids, times, coordinates, persons."""

import gzip
import random

import numpy as np
from cases import PLAIN, lines, said
from nasty import HEADER, LAT, LON, ORIGIN, ROWS

from govmap import crs as datums

# encodings and delimiters --------------------------------------------------------------------------------------------
for encoding in ("utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030", "big5", "utf-16-le"):
    text = (
        PLAIN
        if encoding != "big5"
        else PLAIN.replace("号", "號").replace("户数", "戶數").replace("区", "區").replace("楼", "樓")
    )
    said(f"text in {encoding}", "residents", (3, 0), ("\ufeff" * (encoding == "utf-16-le") + text).encode(encoding))
for mark in (";", "\t", "|", "，"):
    said(f"cells parted by {mark!r}", "residents", (3, 0), lines(HEADER, *ROWS, mark=mark).encode())
for end in ("\r\n", "\r", "\n\n", "\r\r\n"):
    said(f"lines ended by {end!r}", "residents", (3, 0), lines(HEADER, *ROWS, end=end).encode())
said("text cut in a letter of GBK", "residents", "file_encoding_wrong", PLAIN.encode("gbk")[:-1] + b"\x81")
said(
    "half UTF-8, half GBK",
    "residents",
    "file_encoding_unsure",
    (PLAIN + "\n").encode() + "和平小区,4号楼,5,9".encode("gbk"),
)
said("gzip that says .csv", "residents", (3, 0), gzip.compress(PLAIN.encode()))

# what is hardly a list -----------------------------------------------------------------------------------------------
said("nothing at all", "residents", "file_empty", b"")
said("only a mark of UTF-8", "residents", "file_empty", b"\xef\xbb\xbf")
said("only blanks", "residents", "file_empty", b" \n\t\n  \r\n")
said("only zeros", "residents", "file_kind_unknown", bytes(4096))
said("only a header", "residents", (0, 0), ",".join(HEADER).encode())
said("a picture", "residents", "file_is_a_picture", b"\x89PNG\r\n\x1a\n" + bytes(300))
said("a program", "residents", "file_kind_unknown", b"MZ" + bytes(range(256)) * 4)
said(
    "a page that says .xls",
    "residents",
    "file_is_a_web_page",
    b"<html><table><tr><td>1</td></tr></table></html>",
    "a.xls",
)
said("prose", "residents", "import_columns_missing", "本周工作总结\n网格员走访了三户居民。\n无其他情况。".encode())
said("noise", "residents", "file_kind_unknown", random.Random(7).randbytes(5000))

# rows that are none --------------------------------------------------------------------------------------------------
said("blank rows between", "residents", (3, 0), lines(HEADER, [""] * 4, ROWS[0], [""] * 4, *ROWS[1:]).encode())
said("a total below", "residents", (3, 1), lines(HEADER, *ROWS, ["合计", "", "40", "101"]).encode())
said(
    "totals of pages",
    "residents",
    (3, 3),
    lines(
        HEADER, ROWS[0], ["小计", "", "12", "30"], *ROWS[1:], ["小计", "", "28", "71"], ["总计", "", "40", "101"]
    ).encode(),
)
said("the header again", "residents", (3, 1), lines(HEADER, ROWS[0], HEADER, *ROWS[1:]).encode())
said("notes below", "residents", (3, 1), lines(HEADER, *ROWS, ["填表人：王敏", "", "", ""]).encode())
said("an English total", "residents", (2, 1), b"building,households\nBlock 1,12\nBlock 2,20\nTotal,32\n")
said(
    "titles above",
    "residents",
    (3, 0),
    lines(["幸福社区住户统计表", "", "", ""], ["2024年3月", "", "", ""], HEADER, *ROWS).encode(),
)
said("rows too long", "residents", (2, 1), lines(HEADER, ROWS[0], [*ROWS[1], "9", "9"], ROWS[2]).encode())
said("rows too short", "residents", (2, 1), lines(HEADER, ROWS[0], ROWS[1][:2], ROWS[2]).encode())
said(
    "a comma in an unquoted cell",
    "residents",
    (2, 1),
    lines(HEADER, *ROWS[:2], ["和平,小区", "3号楼", "8", "21"]).encode(),
)
said(
    "a quote that never ends", "residents", (2, 1), lines(HEADER, *ROWS[:2], ['"和平小区', "3号楼", "8", "21"]).encode()
)
said(
    "a line break in a cell",
    "residents",
    (3, 0),
    lines(HEADER, *ROWS[:2], ['"和平\n小区"', "3号楼", "8", "21"]).encode(),
)
said(
    "zeros in text",
    "residents",
    "file_kind_unknown",
    lines(HEADER, *ROWS[:2], ["和平小区\0", "3号\0楼", "8\0", "21"]).encode(),
)
said("two columns of one name", "residents", (3, 0), lines([*HEADER, "户数"], *([*row, "99"] for row in ROWS)).encode())
said("a column without a name", "residents", (3, 0), lines([*HEADER, ""], *([*row, "x"] for row in ROWS)).encode())
said("the same row twice", "residents", (3, 1), lines(HEADER, *ROWS, ROWS[0]).encode())

# numbers -------------------------------------------------------------------------------------------------------------
for words, kept in {
    "1,234": 1, "１２": 1, "十二": 1, " 12 ": 1, "12.0": 1, "12户": 1, "0": 1, "+12": 1, "1e2": 1,
    "12.5": 0, "-3": 0, "约20": 0,
    "1/2": 0, "nan": 0, "inf": 0, "1e309": 0, "99999999999999999999": 0, "=1+1": 0, "12-14": 0, "#N/A": 0, "0x1F": 0,
}.items():  # fmt: skip
    said(
        f"households written {words!r}",
        "residents",
        (kept, 1 - kept),
        f'小区,楼号,户数,人口\n幸福小区,1号楼,"{words}",\n'.encode(),
    )

# ids -----------------------------------------------------------------------------------------------------------------
TICKETS = ["工单编号", "类别", "地址", "上报时间"]


def tickets(*numbers: str) -> bytes:
    rows = [[number, "水管爆裂", "建设路12号", f"2024-03-{day:02d} 08:30"] for day, number in enumerate(numbers, 1)]
    return lines(TICKETS, *rows).encode()


said("leading zeros", "incidents", (3, 0), tickets("0012", "012", "12"))
said("a ticket twice", "incidents", (2, 1), tickets("A1", "A2", "A1"))
said("tickets without a number", "incidents", (3, 0), tickets("A1", "", ""))
said("numbers a program made floats of", "incidents", (3, 0), tickets("1001.0", "1002.0", "1003.0"))
said("numbers cut to seven digits", "incidents", (0, 3), tickets("2.02403E+17", "2.02403E+17", "2.02403E+17"))
said("numbers with a blank that does not break", "incidents", (2, 1), tickets("A1", "A1\u00a0", "A2"))

# times ---------------------------------------------------------------------------------------------------------------
for words, kept in {
    "2024年3月5日": 1, "2024.3.5": 1, "2024/3/5 8:05": 1, "20240305": 1, "45356": 1, "2024-03-05T08:05:00+08:00": 1,
    "2024-13-05": 0, "2024-02-30": 0, "去年": 0, "5/2024": 0, "0000-00-00": 0, "24:61": 0,
}.items():  # fmt: skip
    content = lines(TICKETS, ["A1", "噪音", "建设路12号", words]).encode()
    said(f"time written {words!r}", "incidents", (kept, 1 - kept), content)
said(
    "day or month first, nobody knows",
    "incidents",
    "import_date_order_unsure",
    lines(TICKETS, *(["A" + d, "噪音", "建设路12号", d] for d in ("03/05/2024", "04/06/2024"))).encode(),
)

# coordinates ---------------------------------------------------------------------------------------------------------
AT = [(LON + 0.0005 * n, LAT + 0.0005 * n) for n in range(8)]


def places(at: list[tuple[object, object]], header: str = "名称,类别,经度,纬度") -> bytes:
    rows = [f"站{n},公园,{x},{y}" for n, (x, y) in enumerate(at)]
    return "\n".join([header, *rows]).encode()


def shifted(datum: str) -> list[tuple[float, float]]:
    x, y = datums.from_wgs84(np.array([lon for lon, _ in AT]), np.array([lat for _, lat in AT]), datum)
    return list(zip(x, y, strict=True))


said("points that fit", "resources", (8, 0), places(AT))
said("longitude and latitude exchanged", "resources", "import_swapped", places([(y, x) for x, y in AT]))
said("one point exchanged", "resources", (7, 1), places([AT[0][::-1], *AT[1:]]))
said(
    "metres in columns of degrees",
    "resources",
    "import_crs_unknown",
    places([(ORIGIN[0] + n, ORIGIN[1] + n) for n in range(8)]),
)
said("the middle of nowhere", "resources", (8, 0), places([(0, 0), *AT[1:]]))
said("no place on earth", "resources", (6, 2), places([(999, LAT), (LON, -91), *AT[2:]]))
said("half a point", "resources", (6, 2), places([("", LAT), (LON, ""), *AT[2:]]))
said("words for a point", "resources", (7, 1), places([("不详", "不详"), ("nan", "inf"), *AT[2:]]))
said("degrees, minutes and seconds", "resources", (1, 0), places([("117°0'0\"E".replace('"', "″"), "31°11'2″N")]))
said("a comma for a point", "resources", (1, 0), "名称;类别;经度;纬度\n站;公园;117,0005;31,1845".encode())
said(
    "points in a column that says it is shifted",
    "resources",
    "import_datum_stated",
    places(AT, "名称,类别,百度经度,百度纬度"),
)
said("another part of the world", "resources", (0, 8), places([(2.35 + n / 1e3, 48.85) for n in range(8)]))

# persons -------------------------------------------------------------------------------------------------------------
PERSONS = ["姓名", "身份证号", "小区", "楼号", "年龄"]
said(
    "a list of persons",
    "residents",
    (2, 0),
    lines(
        PERSONS,
        ["张三", "11010519491231002X", "幸福小区", "1号楼", "74"],
        ["李四", "110105198001010011", "幸福小区", "1号楼", "44"],
    ).encode(),
)
said(
    "a person twice",
    "residents",
    (1, 1),
    lines(PERSONS, *[["张三", "11010519491231002X", "幸福小区", "1号楼", "74"]] * 2).encode(),
)
said("an age nobody has", "residents", (0, 1), lines(PERSONS, ["张三", "", "幸福小区", "1号楼", "207"]).encode())
said(
    "beliefs and illness",
    "residents",
    (1, 0),
    "小区,楼号,户数,宗教信仰,慢性病,信访记录\n幸福小区,1号楼,3,佛教,高血压,有".encode(),
)
