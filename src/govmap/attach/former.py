"""Last year's division: which parts each of its units holds, told by polygons, by a list of buildings, or in prose.

What a row says more narrowly goes before what it says widely: a stairwell before its building, a building before a
stretch of street, that before a whole compound or street, and all of them before a polygon. What cannot be understood,
or is said twice, is found and told; nothing is guessed.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from govmap.attach.prose import SHAPE, Claim, Finding, Ground, Reader

__all__ = ["Former", "Ground", "former"]

CUT, OVERLAP_M2 = 0.99, 1.0
FINDINGS = ["row", "unit", "place", "text", "reason", "area_m2"]


@dataclass(frozen=True, kw_only=True)
class Former:
    """
    What was made of a former division.

    `parts` has part_id, unit, row: the unit that each claimed part belongs to, sorted by part_id. `findings` has row,
    unit, place (of the first letter in the cell, from 0, or none), text and reason: what was not understood
    (`not_understood`), is not known here (`unknown_name`, `unknown_building`, `unknown_street`, `ambiguous`), is
    claimed by another unit too (`claimed_twice`, with that unit's name as text), or is cut by a polygon
    (`building_cut`); and where polygons overlap (`overlap`, with the other unit's name as text, and area_m2 of the
    ground that both have). `left_out` are buildings that no unit claims.
    """

    parts: pd.DataFrame
    findings: pd.DataFrame
    left_out: tuple[str, ...]


def former(rows: pd.DataFrame, ground: Ground) -> Former:
    """
    Say which parts the units of a former division hold.

    Parameters
    ----------
    rows
        source_row, unit (its name or code), and any of covers (prose), address (the words of one building),
        building_id, part (which stairwells and floors of it), geometry (polygons, in the CRS of the cells). A unit may
        have several rows.
    ground
        What the words and polygons are compared with.
    """
    reader = Reader(ground)
    claims, findings = reader.read(rows)
    shaped = _shaped(rows)
    claims += _by_shape(shaped, ground)
    findings += [*_cut(shaped, ground), *_overlaps(shaped)]
    kept, twice = _settled(claims)
    known = set(kept["part_id"])
    buildings = ground.parts.dropna(subset=["building_id"])
    held = set(buildings.loc[buildings["part_id"].isin(known), "building_id"])
    every = [one if len(one) == len(FINDINGS) else (*one, np.nan) for one in (*findings, *twice)]
    told = pd.DataFrame(every, columns=FINDINGS).astype({"area_m2": "float64"})
    return Former(
        parts=kept,
        findings=told.sort_values(["row", "unit", "reason", "text"], kind="stable", ignore_index=True),
        left_out=tuple(sorted(set(buildings["building_id"]) - held)),
    )


# polygons ----------------------------------------------------------------------------------------------------------
def _shaped(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the rows with a polygon, one for each unit and row."""
    if "geometry" not in rows:
        return rows.iloc[:0].assign(geometry=pd.Series(dtype=object))
    shapes = rows["geometry"].to_numpy(object)
    there = np.flatnonzero(shapely.is_geometry(shapes))
    kept = there[shapely.area(shapes[there]) > 0]
    return rows.iloc[kept].reset_index(drop=True)


def _shares(shaped: pd.DataFrame, ground: Ground) -> pd.DataFrame:
    """Give cell_id, row number among `shaped` and the share of each cell's building, or of open ground, inside it."""
    cells = ground.cells[["cell_id", "building_id", "geometry"]].sort_values("cell_id", ignore_index=True)
    prints = ground.buildings.set_index("building_id")["geometry"].reindex(cells["building_id"]).to_numpy(object)
    shapes = np.where(shapely.is_geometry(prints), prints, cells["geometry"].to_numpy(object))
    at, one = shapely.STRtree(shaped["geometry"].to_numpy(object)).query(shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(shapes[at], shaped["geometry"].to_numpy(object)[one]))
    share = common / np.maximum(shapely.area(shapes)[at], 1e-9)
    keys = {name: cells[name].to_numpy(object)[at] for name in ("cell_id", "building_id")}
    frame = pd.DataFrame({**keys, "of": one, "share": share})
    return frame.sort_values(by=["cell_id", "share", "of"], ascending=[True, False, True], kind="stable")


def _by_shape(shaped: pd.DataFrame, ground: Ground) -> list[Claim]:
    """Claim for each polygon the parts of the buildings of which it holds most."""
    if shaped.empty:
        return []
    best = _shares(shaped, ground).query("share > 0").drop_duplicates("cell_id")
    parts = ground.parts.merge(best, on="cell_id")
    unit, row = shaped["unit"].to_numpy(object), shaped["source_row"].to_numpy()
    return [Claim(part, unit[of], int(row[of]), SHAPE) for part, of in zip(parts["part_id"], parts["of"], strict=True)]


def _cut(shaped: pd.DataFrame, ground: Ground) -> list[Finding]:
    """Name the buildings that lie in several polygons."""
    if shaped.empty:
        return []
    shares = _shares(shaped, ground).dropna(subset=["building_id"])
    shares = shares.assign(unit=shaped["unit"].to_numpy(object)[shares["of"]]).query("share > 1 - @CUT")
    several = shares.groupby("building_id")["unit"].transform("nunique") > 1
    first = shares[several].drop_duplicates("building_id")
    rows = shaped["source_row"].to_numpy()[first["of"]]
    found = zip(rows, first["unit"], first["building_id"], first["share"], strict=True)
    return [(int(row), unit, None, building, "building_cut") for row, unit, building, share in found if share < CUT]


def _overlaps(shaped: pd.DataFrame) -> list[Finding]:
    """Name the pairs of units whose polygons lie over each other by more than a square metre."""
    shapes, unit, row = shaped["geometry"].to_numpy(object), shaped["unit"].to_numpy(object), shaped["source_row"]
    if not len(shapes):
        return []
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = np.flatnonzero((one < other) & (unit[one] != unit[other]))
    area = shapely.area(shapely.intersection(shapes[one[pairs]], shapes[other[pairs]]))
    found = zip(one[pairs], other[pairs], area, strict=True)
    return [
        (int(row.iloc[a]), unit[a], None, unit[b], "overlap", round(m2, 1)) for a, b, m2 in found if m2 > OVERLAP_M2
    ]


def _settled(claims: list[Claim]) -> tuple[pd.DataFrame, list[Finding]]:
    """Give each part to the unit that claims it most narrowly, then first; say who claims it as narrowly too."""
    frame = pd.DataFrame(claims, columns=["part_id", "unit", "row", "rank"])
    frame = frame.sort_values(["part_id", "rank", "row", "unit"], kind="stable")
    kept = frame.drop_duplicates("part_id").reset_index(drop=True)
    rival = frame.merge(kept, on="part_id", suffixes=("", "_kept"))
    rival = rival[
        (rival["unit"] != rival["unit_kept"]) & (rival["rank"] == rival["rank_kept"]) & (rival["rank"] < SHAPE)
    ]
    rival = rival.drop_duplicates(["part_id", "unit"])
    told = zip(rival["row"], rival["unit"], rival["part_id"], rival["unit_kept"], strict=True)
    findings: list[Finding] = [
        (int(row), unit, None, f"{part}: {other}", "claimed_twice") for row, unit, part, other in told
    ]
    return kept[["part_id", "unit", "row"]], findings
