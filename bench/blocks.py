"""Incidents known by their block alone put on streets: python bench/blocks.py EXTRACT.osm.pbf INCIDENTS.csv [COLUMN].

This is measured. What share of the rows is placed, and why the others are not. A sample of 200 placed rows is
checked by house numbers along the street, looked up without the program's own street lines: an address of the same
street and hundred must stand within 120 m; where there is none, the place must lie between the nearest lower and higher
address. A second sample is checked by addresses that the program did not have: half of them, drawn at random, place the
rows; the others say on which segments of the street table the hundred runs: those with a number of it, else those with
the nearest lower and higher number, both within three hundreds. `right` is one of these or one between them, `next` one
that touches them. (This rule was written down before it was first run.) And every
hundred-block of which addresses are known is placed once more without these addresses, in several divisions of the
blocks; and without any address of its street, by the streets beside it alone.
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
BOTH_ENDS, WIDE_M = 300, 15.0
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


def unseen(town: dict[str, pd.DataFrame], texts: pd.Series, seed: int) -> pd.Series:
    """Place a list by half of the addresses, and judge a sample of its rows by the other half alone."""
    addresses = town["addresses"]
    half = np.random.default_rng(seed).random(len(addresses)) < 1 / 2
    rows = placed({**town, "addresses": addresses[half]}, texts)
    there = rows[rows["placed_by"] == "block"]
    sample = there.sample(min(SAMPLE, len(there)), random_state=seed)
    known = numbered(addresses[~half])
    pairs = list(zip(sample["address"], sample["street_id"], strict=True))
    judged = {pair: judged_by(*pair, known, town["streets"]) for pair in set(pairs)}
    return pd.Series([judged[pair] for pair in pairs]).value_counts()


def judged_by(text: str, street_id: str, known: pd.DataFrame, streets: pd.DataFrame) -> str:
    """Say whether a row stands on a segment on which its hundred runs, by numbers that did not place it."""
    found = way(text)
    name, low = street_name(found.streets[0]), found.number // 100 * 100
    named = {one: street_name(one) for one in streets["name"].dropna().unique()}
    mine = [one for one, other in named.items() if other.core == name.core and name.kind in ("", other.kind)]
    lines = streets[streets["name"].isin(mine)].set_index("street_id").geometry
    houses = known[(known["core"] == name.core) & (known["kind"].isin([name.kind, ""]) | (name.kind == ""))]
    points = houses.geometry.to_numpy()
    house, line = shapely.STRtree(lines.to_numpy()).query_nearest(points, max_distance=ON_STREET_M, all_matches=False)
    numbers, segments = houses["number"].to_numpy()[house], lines.index.to_numpy()[line]
    held = segments[holding(numbers, low)]
    if not len(held):
        return "unchecked"
    ends = shapely.union_all(lines[np.unique(held)].to_numpy())
    middle = shapely.line_interpolate_point(lines[street_id], 0.5, normalized=True)
    if street_id in held or shapely.distance(shapely.convex_hull(ends), middle) <= WIDE_M:
        return "right"
    return "next" if shapely.distance(lines[street_id], ends) < 1 else "wrong"


def holding(numbers: np.ndarray, low: int) -> np.ndarray:
    """Give the places of numbers of a hundred; else of the nearest below and above it, where both are near."""
    inside = np.flatnonzero((numbers >= low) & (numbers <= low + 99))
    if len(inside):
        return inside
    below = np.where((numbers < low) & (numbers >= low - BOTH_ENDS), numbers, -np.inf)
    above = np.where((numbers > low + 99) & (numbers <= low + 99 + BOTH_ENDS), numbers, np.inf)
    if not len(numbers) or np.isinf(below).all() or np.isinf(above).all():
        return inside
    return np.array([below.argmax(), above.argmin()])


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
    for seed in SEEDS[:2]:
        counts = unseen(town, texts, seed)
        checked = counts.sum() - counts.get("unchecked", 0)
        right = counts.get("right", 0) / checked
        print(f"by addresses that did not place it: {counts.to_dict()}, right {right:.3f} of {checked} checked")
    for seed in (*SEEDS, None):
        off = held_out(town, seed)
        seen = off.dropna(subset=["off_m"])
        print(
            f"without {'their own' if seed else 'their streets'} addresses: {len(seen)} of {len(off)} blocks placed,",
            f"{(seen['off_m'] <= NEAR_M).mean():.3f} within {NEAR_M:.0f} m, median {seen['off_m'].median():.0f} m",
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
