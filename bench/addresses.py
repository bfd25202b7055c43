"""Addresses found again however they are written: python bench/addresses.py EXTRACT.osm.pbf [EVERY].

First the extract's own addresses that lie in exactly one building, one in EVERY, written in other case, other spacing,
with their letter apart, cut short, and with one letter wrong; those that lie in none must be told so. Then a Chinese
register over generated compounds, each address in one of eight habits of writing. Precision is the share of those found
that are right, recall the share of all that are found and right.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from govmap import pipeline
from govmap.attach.gazetteer import Gazetteer
from govmap.config import from_machine
from govmap.project import open_project

Rng = np.random.Generator
WANTED = ("buildings", "addresses", "compounds")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


# western -----------------------------------------------------------------------------------------------------------
def cased(text: str, rng: Rng) -> str:
    """Write in capitals or small letters."""
    return text.upper() if rng.random() < 0.5 else text.lower()


def spaced(text: str, rng: Rng) -> str:
    """Put blanks where there were none and more where there were some."""
    return f"  {text.replace(' ', '   ' if rng.random() < 0.5 else chr(0xA0))} "


def letter_apart(text: str, rng: Rng) -> str:
    """Write 12A as 12 a."""
    del rng
    return f"{text[:-1]} {text[-1].lower()}" if text[-1].isalpha() and text[-2].isdigit() else text


def shortened(text: str, rng: Rng) -> str:
    """Cut the street's last word short as people do: Saxogade is Saxog."""
    del rng
    street, _, number = text.rpartition(" ")
    for long, short in (("gade", "g."), ("vej", "v."), ("allé", "al."), ("plads", "pl."), ("stræde", "str.")):
        if street.endswith(long):
            return f"{street[: -len(long)]}{short} {number}"
    return text


def mistyped(text: str, rng: Rng) -> str:
    """Leave out, double, exchange or replace one letter of the street."""
    street, _, number = text.rpartition(" ")
    places = [at for at, letter in enumerate(street[:-1]) if letter.isalpha() and street[at + 1].isalpha()]
    at = int(rng.choice(places))
    kind = rng.integers(4)
    new = ("", street[at] * 2, street[at + 1] + street[at], str(rng.choice(list(LETTERS))))[kind]
    return f"{street[:at]}{new}{street[at + (2 if kind == 2 else 1) :]} {number}"


WAYS: dict[str, Callable[[str, Rng], str]] = {
    "as it is": lambda text, _: text, "case": cased, "spacing": spaced, "12A as 12 a": letter_apart,
    "shortened": shortened, "one letter": mistyped,
}  # fmt: skip


def in_one_building(town: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the addresses that lie in exactly one building with its id, and those that belong to none."""
    addresses, buildings = town["addresses"].dropna(subset=["street", "house_number"]), town["buildings"]
    stands = buildings[buildings["status"] == "standing"]
    at, one = shapely.STRtree(stands.geometry.to_numpy()).query(addresses.geometry.to_numpy(), predicate="within")
    once = np.flatnonzero(np.bincount(at, minlength=len(addresses)) == 1)
    only = np.isin(at, once)
    truth = stands["building_id"].to_numpy()[one[only]][np.argsort(at[only], kind="stable")]
    inside = addresses.iloc[once].assign(truth=truth)
    return inside, addresses[addresses["building_id"].isna()]


def western(extract: Path, every: int) -> None:
    """Print precision and recall of each way of writing."""
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "town.gpkg"
        pipeline.fetch(path, pipeline.Source(osm=extract, whole=True), config=from_machine("en"))
        with open_project(path) as project:
            town = project.reading(*WANTED)
    inside, nowhere = in_one_building(town)
    gazetteer = Gazetteer(town["buildings"], town["addresses"], town["compounds"])
    told = inside.iloc[::every]
    print(f"{len(inside)} addresses in exactly one building, {len(nowhere)} in none; {len(told)} are asked for")
    for name, write in WAYS.items():
        rng, begun = np.random.default_rng(1), time.process_time()
        texts = [write(f"{street} {number}", rng) for street, number in told[["street", "house_number"]].to_numpy()]
        score(name, [gazetteer.find(text).building_id for text in texts], list(told["truth"]), begun)
    reasons = pd.Series([gazetteer.find(text).reason or "found" for text in nowhere["full"]]).value_counts()
    print(f"in no building: {reasons.to_dict()}")


def score(name: str, found: list[str | None], truth: list[str], begun: float) -> None:
    """Print one line."""
    hits = sum(one is not None for one in found)
    right = sum(one == true for one, true in zip(found, truth, strict=True))
    spent = (time.process_time() - begun) / len(truth) * 1000
    print(f"{name:<16} precision {right / max(hits, 1):.4f}  recall {right / len(truth):.4f}  {spent:.2f} ms each")


# Chinese -----------------------------------------------------------------------------------------------------------
NUMERALS = "〇一二三四五六七八九"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
TRADITIONAL = str.maketrans("号楼栋单区国东园华庆农厂", "號樓棟單區國東園華慶農廠")
COMPOUND_NAMES = (
    "幸福小区", "新华里", "机械厂宿舍东院", "万科城市花园", "翠园", "石桥新村", "阳光国际公寓", "农大家属院",
    "东方明珠苑", "和平里三区", "锦绣江南一期", "锦绣江南二期", "国庆村", "铁路二十三局家属院", "御景湾A区",
    "御景湾B区",
    "崂山五村", "中建壹品学府公馆", "清华东路二十七号院", "富润家园",
)  # fmt: skip
STREETS = ("建设路", "人民东路", "解放大道", "学院南路", "劳动巷", "中山北路")


def chinese_number(number: int) -> str:
    """Write a number below a hundred in Chinese."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else NUMERALS[tens] + "十") + (NUMERALS[ones] if ones else "")


def plainly(name: str, street: str, number: int, door: int, room: int, rng: Rng) -> str:
    """幸福小区3号楼2单元501室."""
    del street, rng
    return f"{name}{number}号楼{door}单元{room}室"


def other_word(name: str, street: str, number: int, door: int, room: int, rng: Rng) -> str:
    """幸福小区3栋2单元501, 幢, 座, #."""
    del street
    return f"{name}{number}{rng.choice(['栋', '幢', '座', '#', '#楼', '号'])}{door}单元{room}"


def dashed(name: str, street: str, number: int, door: int, room: int, rng: Rng) -> str:
    """幸福小区3-2-501."""
    del street, rng
    return f"{name}{number}-{door}-{room}"


def wide(name: str, street: str, number: int, door: int, room: int, rng: Rng) -> str:
    """幸福小区　３号楼２单元５０１室."""
    del street, rng
    return f"{name}　{number}号楼{door}单元{room}室".translate(WIDE)


def in_words(name: str, street: str, number: int, door: int, room: int, rng: Rng) -> str:
    """幸福小区三号楼二单元501."""
    del street, rng
    return f"{name}{chinese_number(number)}号楼{chinese_number(door)}单元{room}"


def with_regions(name: str, street: str, number: int, door: int, room: int, rng: Rng) -> str:
    """江城市东湖区长青街道幸福社区建设路12号幸福小区3栋."""
    way = f"{street}{rng.integers(1, 300)}号" if rng.random() < 0.5 else ""
    head = rng.choice(["湖北省江城市东湖区", "江城市东湖区", "东湖区"])
    return f"{head}长青街道向阳社区{way}{name}{number}栋{door}单元{room}"


def traditional(name: str, street: str, number: int, door: int, room: int, rng: Rng) -> str:
    """幸福小區3號樓2單元501."""
    return plainly(name, street, number, door, room, rng).translate(TRADITIONAL)


def carelessly(name: str, street: str, number: int, door: int, room: int, rng: Rng) -> str:
    """幸福小区 ,03 号楼 - 2 - 501."""
    del street, rng
    return f"{name} ，{number:02d} 号楼 - {door} - {room}"


STYLES = (plainly, other_word, dashed, wide, in_words, with_regions, traditional, carelessly)


def register(count: int, seed: int = 1) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Give numbered compounds, and that many addresses in them with style and true building."""
    rng = np.random.default_rng(seed)
    rows = [
        {"building_id": f"b{place}-{number}", "compound_id": f"c{place}", "name": f"{number}号楼", "cell_id": "k"}
        for place, _ in enumerate(COMPOUND_NAMES)
        for number in range(1, 13 + place % 17)
    ]
    buildings = pd.DataFrame(rows).assign(osm_id=None, status="standing")
    compounds = pd.DataFrame({
        "compound_id": [f"c{place}" for place in range(len(COMPOUND_NAMES))], "name": COMPOUND_NAMES, "name_zh": None
    })  # fmt: skip
    addresses = pd.DataFrame(columns=["building_id", "street", "house_number", "full"])
    names = compounds.set_index("compound_id")["name"]
    told = []
    for place in range(count):
        one = rows[int(rng.integers(len(rows)))]
        number, style = int(one["building_id"].partition("-")[2]), STYLES[place % len(STYLES)]
        door, room = int(rng.integers(1, 5)), int(rng.integers(1, 19)) * 100 + int(rng.integers(1, 5))
        text = style(names[one["compound_id"]], str(rng.choice(STREETS)), number, door, room, rng)
        told.append((text, style.__name__, one["building_id"], str(door)))
    town = {"buildings": buildings, "addresses": addresses, "compounds": compounds}
    return town, pd.DataFrame(told, columns=["text", "style", "truth", "door"])


def chinese(count: int = 10_000) -> None:
    """Print precision and recall of each habit of writing."""
    town, told = register(count)
    gazetteer = Gazetteer(town["buildings"], town["addresses"], town["compounds"])
    for style, rows in told.groupby("style", sort=False):
        begun = time.process_time()
        score(str(style), [gazetteer.find(text).building_id for text in rows["text"]], list(rows["truth"]), begun)
    begun = time.process_time()
    score("all", [gazetteer.find(text).building_id for text in told["text"]], list(told["truth"]), begun)


if __name__ == "__main__":
    western(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    chinese()
