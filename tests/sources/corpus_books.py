"""Broken workbooks and archives."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import nasty
import pandas as pd
from cases import CASES, PLAIN, Case, Outcome, case, said
from nasty import HEADER, ROWS


# workbooks -----------------------------------------------------------------------------------------------------------
def book(name: str, table: str, outcome: Outcome, **sheets: list[list[object]]) -> None:
    CASES.append(Case(name, table, lambda folder: nasty.workbook(folder / "a.xlsx", **sheets), outcome))


book("a workbook", "residents", (3, 0), 表=[HEADER, *ROWS])
book("a workbook with titles and a total", "residents", (3, 1), 表=[["统计表"], HEADER, *ROWS, ["合计", None, 40, 101]])
book("an empty workbook", "residents", "file_empty", 表=[])
book("a sheet of notes beside", "residents", (3, 0), 说明=[["填表说明"], ["请勿改动"]], 表=[HEADER, *ROWS])
book("two lists in one workbook", "residents", "file_several_sheets", 一=[HEADER, *ROWS], 二=[HEADER, *ROWS])
book(
    "errors of the spreadsheet",
    "residents",
    (1, 2),
    表=[HEADER, ROWS[0], ["幸福小区", "2号楼", "#REF!", 5], ["幸福小区", "3号楼", "#DIV/0!", 5]],
)
book(
    "formulas as text",
    "residents",
    (3, 0),
    表=[HEADER, *([f"'{cell}" if n == 0 else cell for n, cell in enumerate(row)] for row in ROWS)],
)
book(
    "a floor that became a date",
    "residents",
    (0, 1),
    表=[HEADER, ["幸福小区", "1号楼", pd.Timestamp("2024-03-05").to_pydatetime(), 30]],
)
book("truth for a number", "residents", (0, 1), 表=[HEADER, ["幸福小区", "1号楼", True, 30]])


@case("merged cells", "residents", (2, 3))
def _merged(folder: Path) -> Path:
    return nasty.merged(folder / "a.xlsx")


@case("a formula never calculated", "residents", (1, 2))
def _uncalculated(folder: Path) -> Path:
    return nasty.uncalculated(folder / "a.xlsx")


@case("a cell in the far corner", "residents", "file_far_cell")
def _far(folder: Path) -> Path:
    return nasty.far_cell(folder / "a.xlsx")


@case("a workbook that unpacks to half a gigabyte", "residents", "file_bomb")
def _bomb(folder: Path) -> Path:
    return nasty.bomb(folder / "a.xlsx")


@case("an OpenDocument sheet", "residents", (3, 0))
def _ods(folder: Path) -> Path:
    return nasty.open_document(folder / "a.ods", [HEADER, *([a, b, int(c), int(d)] for a, b, c, d in ROWS)])


def _parts_of_book(folder: Path, change: Callable[[str, bytes], bytes | None], name: str = "a.xlsx") -> Path:
    """A workbook of which every part passes through a hand."""
    nasty.workbook(folder / "whole.xlsx", 表=[HEADER, *ROWS])
    members = {}
    with zipfile.ZipFile(folder / "whole.xlsx") as archive:
        for part in archive.namelist():
            changed = change(part, archive.read(part))
            if changed is not None:
                members[part] = changed
    (folder / "whole.xlsx").unlink()
    return nasty.zipped(folder / name, members)


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + b"".join(f'<!ENTITY {b} "{f"&{a};" * 50}">'.encode() for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + b"]><sst><si><t>&i;</t></si></sst>"
)
READS_A_FILE = (
    b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&x;</t></si></sst>'
)


@case("entities that multiply in a workbook", "residents", "file_workbook_broken")
def _laughs(folder: Path) -> Path:
    return _parts_of_book(
        folder, lambda part, content: LAUGHS if "workbook.xml" in part and "rels" not in part else content
    )


@case("an entity that reads a file, in a workbook", "residents", "file_workbook_broken")
def _reads(folder: Path) -> Path:
    return _parts_of_book(folder, lambda part, content: READS_A_FILE if part.endswith("workbook.xml") else content)


@case("a workbook without its sheet", "residents", "file_workbook_broken")
def _no_sheet(folder: Path) -> Path:
    return _parts_of_book(folder, lambda part, content: None if "sheet1" in part else content)


def cut(name: str, outcome: Outcome, share: float) -> None:
    def write(folder: Path) -> Path:
        whole = nasty.workbook(folder / "a.xlsx", 表=[HEADER, *ROWS]).read_bytes()
        (folder / "a.xlsx").write_bytes(whole[: int(len(whole) * share)])
        return folder / "a.xlsx"

    CASES.append(Case(name, "residents", write, outcome))


for share in (0.05, 0.5, 0.99):
    cut(f"a workbook cut at {share:.0%}", "file_archive_broken", share)
said("an old container with nothing in it", "residents", "file_workbook_broken", nasty.locked_ole(), "a.xls")
said("a dBase header that promises too much", "resources", "file_kind_unknown", nasty.huge_dbase(), "a.dbf")


# archives ------------------------------------------------------------------------------------------------------------
def archive(name: str, outcome: Outcome, members: dict[str, bytes], table: str = "residents") -> None:
    CASES.append(Case(name, table, lambda folder: nasty.zipped(folder / "a.zip", members), outcome))


archive("a list in an archive", (3, 0), {"住户.csv": PLAIN.encode()})
archive("two lists in an archive", "file_several_in_archive", {"a.csv": PLAIN.encode(), "b.csv": PLAIN.encode()})
archive("nothing in an archive", "file_kind_unknown", {})
archive("a way out of an archive", (3, 0), {"../../evil.csv": PLAIN.encode()})
archive("a way to the root of the machine", (3, 0), {"/etc/evil.csv": PLAIN.encode()})
archive("a way out by the other slash", (3, 0), {"..\\..\\evil.csv": PLAIN.encode()})
archive("an archive in an archive", "file_nothing_in_archive", {"b.zip": b"PK\x05\x06" + bytes(18)})
archive("an archive that unpacks to half a gigabyte", "file_bomb", {"a.csv": b"0" * 500_000_000})


@case("an archive cut short", "residents", "file_archive_broken")
def _cut_archive(folder: Path) -> Path:
    whole = nasty.zipped(folder / "a.zip", {"a.csv": (PLAIN * 50).encode()}).read_bytes()
    (folder / "a.zip").write_bytes(whole[: len(whole) // 2])
    return folder / "a.zip"


@case("an archive under lock", "residents", "file_archive_broken")
def _locked(folder: Path) -> Path:
    whole = bytearray(nasty.zipped(folder / "a.zip", {"a.csv": PLAIN.encode()}).read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = whole.index(mark) + at
        whole[place : place + 2] = struct.pack("<H", struct.unpack("<H", whole[place : place + 2])[0] | 1)
    (folder / "a.zip").write_bytes(whole)
    return folder / "a.zip"
