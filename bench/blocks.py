"""Incidents known by their block alone put on streets: python bench/blocks.py EXTRACT.osm.pbf INCIDENTS.csv [COLUMN].

This is measured. What share of the rows is placed, and why the others are not. A sample of 200 placed rows is
checked by house numbers along the street, looked up without the program's own street lines: an address of the same
street and hundred must stand within 120 m; where there is none, the place must lie between the nearest lower and higher
address. A second judge asks what a resident would: does the place lie between the two cross streets that bound its
hundred? It lays the numbers of the street and the corners with streets of other names on the axis of the segment.
`right` is a stretch between corners that has a number of the hundred, or one without numbers between lower and higher
(or the same) hundreds; `next` one without numbers beside the block; `wrong` one that has numbers of other hundreds
alone. It judges the rows as they are placed, and as half of the addresses, drawn at random, would place them. (Before,
a segment counted only if unseen numbers stood on it: a hundred crossed by an alley, or told on one carriageway of two,
was called wrong though it was right.) And every hundred-block of which addresses are known is placed once more without
these addresses, in several divisions of the blocks; and without any address of its street, by the streets beside it.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from govmap import attach, pipeline
from govmap.addresses import street_name, way
from govmap.attach.blocks import Streets
from govmap.config import from_machine
from govmap.project import open_project

NEAR_M, SAMPLE, FOLDS, ON_STREET_M = 120.0, 200, 6, 80.0
FAR_M = 400.0
SEEDS = (11, 12, 13, 14)
TABLES = ("parts", "buildings", "addresses", "cells", "compounds", "communities", "aliases", "units", "streets")


def tables(extract: Path) -> dict[str, pd.DataFrame]:
    """Read an extract and make its cells."""
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "town.gpkg"
        pipeline.fetch(path, pipeline.Source(osm=extract, whole=True), profile="us", config=from_machine("en"))
        with open_project(path) as project:
            pipeline.cells(project, config=from_machine("en"))
            return project.reading(*TABLES)


def placed(town: dict[str, pd.DataFrame], texts: pd.Series) -> pd.DataFrame:
    """Attach incidents that say nothing but a text."""
    rows = pd.DataFrame({"address": texts.astype(object).where(texts.notna(), None), "import_id": "list"})
    rows = rows.assign(sensitive=False, building_id=None, part_id=None, category="")
    ground = [town[name] for name in ("parts", "buildings", "addresses", "cells")]
    more = {name: town[name] for name in ("compounds", "communities", "aliases", "units", "streets")}
    return attach.attach(rows, "incidents", *ground, None, **more)


def numbered(addresses: pd.DataFrame) -> pd.DataFrame:
    """Give addresses with the core and kind of their street and their number."""
    rows = addresses.dropna(subset=["street", "house_number"])
    number = rows["house_number"].str.extract(r"^(\d+)", expand=False).astype(float)
    known = {one: street_name(one) for one in rows["street"].unique()}
    name = rows["street"].map(known)
    rows = rows.assign(number=number, core=[one.core for one in name], kind=[one.kind for one in name])
    return rows.dropna(subset=["number"])


def verdict(text: str, point: shapely.Point, known: pd.DataFrame) -> str:
    """Say whether a placed row is right by the addresses around it: right, wrong, or unchecked."""
    found = way(text)
    name = street_name(found.streets[0])
    mine = known[(known["core"] == name.core) & known["kind"].isin([name.kind, ""] if name.kind else known["kind"])]
    low = found.number // 100 * 100
    away = shapely.distance(mine.geometry.to_numpy(), point)
    inside = mine["number"].between(low, low + 99).to_numpy()
    if inside.any():
        return "right" if away[inside].min() <= NEAR_M else "wrong"
    lower, higher = mine["number"] < low, mine["number"] > low + 99
    if not lower.any() or not higher.any():
        return "unchecked"
    ends = [int(mine["number"].where(lower).argmax()), int(mine["number"].where(higher).argmin())]
    points = mine.geometry.to_numpy()[ends]
    between = shapely.distance(*points) + NEAR_M / 2
    return "right" if away[ends].max() <= between else "wrong"


def unseen(town: dict[str, pd.DataFrame], texts: pd.Series, seed: int) -> pd.DataFrame:
    """Place a list by half of the addresses, drawn at random, and judge a sample of its rows by all of them."""
    addresses = town["addresses"]
    half = np.random.default_rng(seed).random(len(addresses)) < 1 / 2
    rows = placed({**town, "addresses": addresses[half]}, texts)
    sample = sampled(rows, seed)
    had, left = numbered(addresses[half]), numbered(addresses[~half])
    judge = Judge(town)
    told = [judge(*one) for one in zip(sample["address"], sample["street_id"], sample.geometry, strict=True)]
    facts = [(len(hundred(had, text)) > 0, len(hundred(left, text)) > 0) for text in sample["address"]]
    return pd.DataFrame({"told": told, "had": [one for one, _ in facts], "unseen": [one for _, one in facts]})


def sampled(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Draw up to 200 of the rows that were placed by their block."""
    there = rows[rows["placed_by"] == "block"]
    return there.sample(min(SAMPLE, len(there)), random_state=seed)


def namesakes(known: pd.DataFrame, text: str) -> pd.DataFrame:
    """Give the numbered addresses of the street that a text names."""
    name = street_name(way(text).streets[0])
    return known[(known["core"] == name.core) & (known["kind"].isin([name.kind, ""]) | (name.kind == ""))]


def hundred(known: pd.DataFrame, text: str) -> pd.DataFrame:
    """Give the numbered addresses of the hundred that a text names."""
    return namesakes(known, text)[lambda rows: rows["number"] // 100 == way(text).number // 100]


class Judge:
    """Says whether a place lies on its block, without the program's own lines: on the axis of the segment alone."""

    def __init__(self, town: dict[str, pd.DataFrame]) -> None:
        self.known, streets = numbered(town["addresses"]), town["streets"]
        self.streets = streets.set_index("street_id")
        self.core = streets["name"].map(lambda one: street_name(one).core if isinstance(one, str) else "").to_numpy()
        self.ends = streets[["from_node", "to_node"]].to_numpy()
        self.points = np.column_stack([shapely.get_point(streets.geometry.to_numpy(), at) for at in (0, -1)])

    def __call__(self, text: str, street_id: str, place: shapely.Point) -> str:
        """Say it: right, next (the stretch beside one of the block, without any number), wrong or unchecked."""
        line = self.streets.geometry[street_id]
        x, y = np.array(line.coords)[[0, -1]].T
        axis = np.array([x[1] - x[0], y[1] - y[0]]) / np.hypot(x[1] - x[0], y[1] - y[0])

        def at(points: np.ndarray) -> np.ndarray:
            return (shapely.get_x(points) - place.x) * axis[0] + (shapely.get_y(points) - place.y) * axis[1]

        corners = at(self._corners(self.core[self.streets.index.get_loc(street_id)], place))
        houses = namesakes(self.known, text)
        houses = houses[shapely.distance(houses.geometry.to_numpy(), place) <= FAR_M]
        return verdict_at(
            at(houses.geometry.to_numpy()), houses["number"].to_numpy() // 100, corners, way(text).number // 100
        )

    def _corners(self, core: str, place: shapely.Point) -> np.ndarray:
        """Give the nodes of a street, not far from a place, at which streets of other names meet it."""
        near = np.flatnonzero((shapely.distance(self.points, place) <= FAR_M).any(axis=1) & (self.core != ""))
        mine = near[self.core[near] == core]
        others = {node for row in near[self.core[near] != core] for node in self.ends[row]}
        return np.array([self.points[row, at] for row in mine for at in (0, 1) if self.ends[row, at] in others])


def verdict_at(houses: np.ndarray, hundreds: np.ndarray, corners: np.ndarray, wanted: int) -> str:
    """Judge the place 0 on an axis by where houses with their hundreds and the corners of other streets lie on it."""
    first = corners[corners <= 0].max(initial=-FAR_M)
    last = corners[corners >= 0].min(initial=FAR_M)
    here = hundreds[(houses >= first) & (houses <= last)]
    if len(here):
        return "right" if wanted in here else "wrong"
    sides = [hundreds[side][np.abs(houses[side]).argmin()] for side in (houses < 0, houses > 0) if side.any()]
    if len(sides) < 2:
        return "next" if wanted in sides else "unchecked"
    if min(sides) < wanted < max(sides) or sides == [wanted, wanted]:
        return "right"
    return "next" if wanted in sides else "wrong"


def along(town: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Give the numbered addresses that stand along a street of their name: others tell nothing of where a block is."""
    streets, known = town["streets"], numbered(town["addresses"])
    near = pd.Series(np.inf, index=known.index)
    for (core, kind), rows in known.groupby(["core", "kind"]):
        names = [one for one in streets["name"].dropna().unique() if street_name(one).core == core]
        lines = streets[streets["name"].isin(names)].geometry.to_numpy()
        if len(lines) and (kind or core):
            near[rows.index] = shapely.distance(rows.geometry.to_numpy(), shapely.union_all(lines))
    return known[near <= ON_STREET_M]


def held_out(town: dict[str, pd.DataFrame], seed: int | None) -> pd.DataFrame:
    """Place blocks anew without the addresses that tell where they are; give how far off each lands.

    A sixth of the blocks is left out at a time, drawn by `seed`; without one, all blocks of a street.
    """
    known = along(town)
    known = known.assign(low=known["number"] // 100 * 100)
    blocks = list(known.groupby(["street", "low"]))
    found = []
    for fold in _folds(blocks, seed):
        gone = pd.concat([blocks[at][1] for at in fold]).index
        there = Streets(town["streets"], town["addresses"].drop(index=gone))
        for at in fold:
            (street, low), rows = blocks[at]
            answer = there.find(f"{int(low)} block of {street}")
            off = None if answer.stop is None else shapely.distance(rows.geometry.to_numpy(), answer.stop.point).min()
            found.append((answer.stop.score if answer.stop else None, off))
    return pd.DataFrame(found, columns=["score", "off_m"])


def _folds(blocks: list, seed: int | None) -> list[np.ndarray]:
    """Give which blocks are left out together."""
    if seed is not None:
        return np.array_split(np.random.default_rng(seed).permutation(len(blocks)), FOLDS)
    streets = pd.Series([street for (street, _), _ in blocks])
    return [rows.index.to_numpy() for _, rows in streets.groupby(streets)]


def shares(told: pd.Series) -> str:
    """Write how many are right, next and wrong, and what share of those checked is right."""
    counts = told.value_counts()
    checked = int(counts.sum() - counts.get("unchecked", 0))
    return f"{counts.to_dict()}, right {counts.get('right', 0) / max(checked, 1):.3f} of {checked} checked"


def main(extract: Path, incidents: Path, column: str = "Location") -> None:
    """Print the measures."""
    town = tables(extract)
    texts = pd.read_csv(incidents, dtype=str)[column]
    rows = placed(town, texts)
    there = rows[rows["placed_by"] == "block"]
    print(attach.reasons(rows).to_string(index=False))
    print(f"placed on a street segment: {len(there)} of {len(rows)} ({len(there) / len(rows):.1%})")
    known = along(town)
    sample = there.sample(min(SAMPLE, len(there)), random_state=1)
    told = pd.Series([verdict(*one, known) for one in zip(sample["address"], sample.geometry, strict=True)])
    counts = told.value_counts()
    checked = counts.get("right", 0) + counts.get("wrong", 0)
    print(
        f"sample of {len(sample)}: {counts.to_dict()}, right of those checked: {counts.get('right', 0) / checked:.3f}"
    )
    judge = Judge(town)
    told = pd.Series([judge(*one) for one in zip(sample["address"], sample["street_id"], sample.geometry, strict=True)])
    print(f"on the stretch between the cross streets of its block: {shares(told)}")
    for seed in SEEDS:
        rows = unseen(town, texts, seed)
        print(f"placed by half of the addresses: {shares(rows['told'])}")
        print(f"    of these without a number of their hundred in that half: {shares(rows['told'][~rows['had']])}")
        print(f"    of these with one in the other half: {shares(rows['told'][rows['unseen']])}")
    for seed in (*SEEDS, None):
        off = held_out(town, seed)
        seen = off.dropna(subset=["off_m"])
        print(
            f"without {'their own' if seed else 'their streets'} addresses: {len(seen)} of {len(off)} blocks placed,",
            f"{(seen['off_m'] <= NEAR_M).mean():.3f} within {NEAR_M:.0f} m, median {seen['off_m'].median():.0f} m",
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
