"""Incidents of which only a stretch of a street is known, put on its segment."""

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap import addresses as wording
from govmap.attach.blocks import OnStreet, Streets, hundreds
from govmap.attach.gazetteer import plain
from govmap.attach.lines import BLOCK
from govmap.attach.places import Places, has_shape, texts

ON_STREET = ("block", "crossing", "stretch")
# Units often end in the middle of a street: the ground nearest to the place within half of a wide one holds it.
HALF_STREET_M = 30.0
FACTS = ("reason", "placed_by", "place_score", "among")
NO_HOUSE = frozenset({"unknown_address", "street_only", "address_without_building", "compound_only"})


class Waysides:
    """The streets of a project, for incidents that name a block, a crossing or a stretch."""

    def __init__(self, streets: gpd.GeoDataFrame, addresses: pd.DataFrame, aliases: pd.DataFrame | None) -> None:
        self._frame, self._addresses = streets, addresses
        self._chosen: dict[str, str] = {}
        if aliases is not None and "meaning" in aliases:
            told = aliases.dropna(subset=["meaning"])
            self._chosen = dict(zip(map(_stretch, told["text"]), told["meaning"], strict=True))

    def put(self, rows: pd.DataFrame, places: Places) -> pd.DataFrame:
        """
        Put the rows on streets that name a stretch of one and have no other place.

        A list whose numbers are nearly all full hundreds writes blocks so, and no house. Rows of sensitive kinds get
        neither segment nor point.
        """
        blank = {"street_id": pd.Series([None] * len(rows), dtype=object)}
        rows = rows.assign(**blank)
        if "address" not in rows or not len(self._frame):
            return rows
        asked = self._asked(rows)
        said = texts(rows, "address").copy()
        said[~asked] = None
        codes, unique = pd.factorize(said)
        if not len(unique):
            return rows
        streets = Streets(self._frame, self._addresses)
        answers = [self._answer(text, streets) for text in unique]
        told = np.flatnonzero(np.array([*(one is not None for one in answers), False])[codes])
        return _written(rows, told, codes[told], _places(answers, streets, places))

    def _asked(self, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Tell which rows are asked of streets: those in words for blocks, and numbers in lists of blocks."""
        secret = rows["sensitive"].fillna(value=False).astype(bool).to_numpy() if "sensitive" in rows else False
        own = rows["placed_by"].isin(["id", "alias"]).to_numpy(bool)
        open_ = rows["address"].notna().to_numpy(bool) & ~has_shape(rows) & ~own & ~np.asarray(secret)
        codes, unique = pd.factorize(texts(rows, "address"))
        ways = [wording.way(text) for text in unique]
        kind = np.array([*(way.kind if way else "" for way in ways), ""], dtype=object)[codes]
        full = np.array([*(way is not None and (way.number or 0) % 100 == 0 for way in ways), False])[codes]
        worded = np.isin(kind, ["block", "crossing", "between"])
        house = ~rows["reason"].isin(NO_HOUSE).to_numpy(bool) & (kind != "block")
        blocks = (kind == "number") & full & self._of_blocks(rows, codes, unique)
        return np.asarray(open_ & ((worded & ~house) | blocks), dtype=bool)

    def _of_blocks(self, rows: pd.DataFrame, codes: npt.NDArray[np.int64], unique: Any) -> npt.NDArray[np.bool_]:
        """Tell of which lists the numbers are blocks."""
        lists, of = pd.factorize(texts(rows, "import_id"), use_na_sentinel=False)
        blocks = []
        for one in range(len(of)):
            held, counts = np.unique(codes[(lists == one) & (codes >= 0)], return_counts=True)
            blocks.append(hundreds([unique[code] for code in held], counts.tolist()))
        return np.array(blocks, dtype=bool)[lists]

    def _answer(self, text: str, streets: Streets) -> OnStreet | None:
        found = streets.find(text)
        wanted = self._chosen.get(_stretch(text))
        if found is None or wanted is None:
            return found
        meant = [one.stop for one in found.among if one.label == wanted]
        return OnStreet(found.how, meant[0]._replace(score=1.0)) if meant else found


def _stretch(text: str) -> str:
    """Write the stretch that a text means in one way: 100 BLK CHARLES ST is what 100 block of Charles Street is."""
    found = wording.way(text)
    if found is None:
        return plain(text)
    names = [wording.street_name(one) for one in found.streets]
    streets = [f"{one.core}/{one.kind}/{one.side}" for one in names]
    if found.kind in ("block", "number") and found.number is not None:
        return f"{found.number // BLOCK * BLOCK} {streets[0]}"
    return " & ".join([found.kind, *(sorted(streets) if found.kind == "crossing" else streets)])


def _places(answers: list[OnStreet | None], streets: Streets, places: Places) -> pd.DataFrame:
    """Give for each answer what a row of it says: segment, point and ground, or why it has none."""
    stops = [None if one is None else one.stop for one in answers]
    points = np.array([*(None if stop is None else stop.point for stop in stops), None], dtype=object)[:-1]
    cells, _ = places.cell_of(pd.Series(points, dtype=object), HALF_STREET_M)
    facts = [
        (cell, streets.ids[stop.row], None, one.how, stop.score, None, point)
        if one is not None and stop is not None and cell is not None
        else (None, None, _why(one), None, np.nan, _labels(one), None)
        for one, stop, cell, point in zip(answers, stops, cells, points, strict=True)
    ]
    frame = pd.DataFrame(facts, columns=["cell_id", "street_id", *FACTS, "geometry"], dtype=object)
    return frame.assign(part_id=places.ground_parts(cells), building_id=None)


def _why(one: OnStreet | None) -> str | None:
    return None if one is None else one.reason or "outside"


def _labels(one: OnStreet | None) -> tuple[str, ...] | None:
    return tuple(choice.label for choice in one.among) or None if one is not None else None


def _written(
    rows: pd.DataFrame, told: npt.NDArray[np.int64], codes: npt.NDArray[np.int64], answers: pd.DataFrame
) -> pd.DataFrame:
    """Write what the answers say into the rows that were told."""
    columns: dict[str, Any] = {}
    for name in map(str, answers):
        column = texts(rows, name).copy()
        column[told] = answers[name].to_numpy(object)[codes]
        columns[name] = pd.Series(column, dtype=object)
    columns["place_score"] = columns["place_score"].astype("float64")
    columns["geometry"] = gpd.GeoSeries(columns["geometry"], crs=getattr(rows, "crs", None))
    return rows.assign(**columns)
