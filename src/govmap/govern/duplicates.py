"""Which incidents may be one: of one category, near in place and time, in like words. Suggested, never merged.

Each incident is compared with the few before it in the same block (category and building, or category and a square of
ground, the squares laid four times so that no edge divides neighbours): a million rows take seconds.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

BACK = 6
BEST = 3
NO_WORDS, UNLIKE = 0.75, 0.2
COLUMNS = ("incident_id", "duplicate_of", "score", "distance_m", "hours", "likeness", "state")
OPEN, UNLIKE_WORDS = "open", "unlike"
Numbers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Nearness:
    """How near two reports must be to be thought one: metres, hours, and the least score (0 to 1)."""

    metres: float = 60.0
    hours: float = 72.0
    least: float = 0.55


@dataclass(frozen=True)
class Pairs:
    """Rows that may be the same, the later and the earlier, with how far apart they are."""

    later: Numbers
    earlier: Numbers
    metres: Floats
    hours: Floats

    def take(self, rows: npt.NDArray[Any]) -> "Pairs":
        """Give some of them."""
        return Pairs(self.later[rows], self.earlier[rows], self.metres[rows], self.hours[rows])


def suggest(
    incidents: pd.DataFrame, *, nearness: Nearness | None = None, text: "pd.Series[Any] | None" = None
) -> pd.DataFrame:
    """
    Name for each incident the earlier one that it most probably repeats.

    Parameters
    ----------
    incidents
        incident_id, category, reported_at, building_id, geometry (points, in metres), sensitive, duplicate_of. Those
        of sensitive kinds, those already said to be duplicates, and those without category, time or place stay out.
    nearness
        What counts as near.
    text
        What was said of each, in the order of the rows, where the list is at hand: unlike words end a suggestion.

    Returns
    -------
    suggestions
        incident_id, duplicate_of, score (0 to 1), distance_m, hours, likeness (of the words; none where there are
        none), state (`open`, or `unlike` where place and time would fit and the words do not): one row an incident,
        the surest first.
    """
    near = nearness or Nearness()
    words = None if text is None else text.set_axis(incidents.index)
    rows = _usable(incidents).sort_values(["reported_at", "incident_id"], kind="stable")
    said = None if words is None else words.loc[rows.index].tolist()
    pairs = _pairs(rows.reset_index(drop=True), near)
    place, time = 1 - pairs.metres / near.metres, 1 - pairs.hours / near.hours
    first = (place + time) / 2
    kept = _best(pairs, first, BEST)
    pairs, first = pairs.take(kept), first[kept]
    likeness = _likeness(said, pairs)
    known = np.isfinite(likeness)
    score = np.where(known, (first + likeness) / 2, first)
    unlike = known & (likeness < UNLIKE) & (first >= NO_WORDS)
    sure = np.where(known, (score >= near.least) & (likeness >= UNLIKE), score >= max(near.least, NO_WORDS))
    found = np.flatnonzero(sure | unlike)
    found = found[_best(pairs.take(found), score[found] - unlike[found], 1)]
    ids = rows["incident_id"].to_numpy(object)
    told = [ids[pairs.later[found]], ids[pairs.earlier[found]], score[found].round(2)]
    told += [pairs.metres[found].round(0), pairs.hours[found].round(1), likeness[found].round(2)]
    told += [np.where(unlike[found], UNLIKE_WORDS, OPEN).astype(object)]
    frame = pd.DataFrame(dict(zip(COLUMNS, told, strict=True)))
    return frame.sort_values(["score", "incident_id"], ascending=[False, True], ignore_index=True)


def settled(accepted: Mapping[str, str], known: Mapping[str, str | None]) -> dict[str, str]:
    """
    Give the incident that each accepted one repeats, chains followed to their beginning.

    Parameters
    ----------
    accepted
        incident -> the one it repeats, as the user said.
    known
        Every incident of the project -> what it is said to repeat already.

    Returns
    -------
    settled
        Only those that can stand: both are there, and nothing repeats itself by way of others.
    """
    links = {one: of for one, of in known.items() if isinstance(of, str)}
    links |= {one: of for one, of in accepted.items() if one in known and of in known}
    found: dict[str, str] = {}
    for one in sorted(set(accepted) & set(links)):
        seen, at = {one}, links[one]
        while at in links and at not in seen:
            seen.add(at)
            at = links[at]
        if at not in seen:
            found[one] = at
    return found


def _usable(incidents: pd.DataFrame) -> pd.DataFrame:
    shaped = shapely.is_geometry(incidents["geometry"].to_numpy(object))
    placed = shaped | incidents["building_id"].notna().to_numpy()
    told = incidents[["category", "reported_at"]].notna().all(axis=1).to_numpy()
    secret = incidents["sensitive"].fillna(value=False).astype(bool).to_numpy()
    return pd.DataFrame(incidents[placed & told & ~secret & incidents["duplicate_of"].isna().to_numpy()])


def _pairs(rows: pd.DataFrame, near: Nearness) -> Pairs:
    """Pair the rows, sorted by time, that share a block and lie near each other."""
    hours = rows["reported_at"].to_numpy("datetime64[s]").astype(np.int64) / 3600.0
    shapes = rows["geometry"].to_numpy(object)
    xy = np.column_stack([shapely.get_x(shapes), shapely.get_y(shapes)])
    kind = pd.factorize(rows["category"])[0].astype(np.int64)
    building = pd.factorize(rows["building_id"])[0].astype(np.int64)
    codes = [_key([kind, building], building >= 0)]
    side, pointed = 2 * near.metres, np.asarray(np.isfinite(xy).all(axis=1), dtype=bool)
    squares = np.where(pointed[:, None], xy, 0.0) / side
    for shift in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)):
        square = np.floor(squares + shift).astype(np.int64)
        codes.append(_key([kind, square[:, 0], square[:, 1]], pointed))
    found = [pair for code in codes for pair in _within(code, hours, near.hours)]
    both = np.unique(np.concatenate(found, axis=1), axis=1) if found else np.zeros((2, 0), dtype=np.int64)
    later, earlier = both
    metres = np.hypot(*(xy[later] - xy[earlier]).T)
    same = (building[later] == building[earlier]) & (building[later] >= 0)
    metres = np.where(np.isfinite(metres), metres, np.where(same, 0.0, np.inf))
    pairs = Pairs(later, earlier, metres, hours[later] - hours[earlier])
    return pairs.take(pairs.metres <= near.metres)


def _key(columns: list[Numbers], there: npt.NDArray[np.bool_]) -> Numbers:
    """Number the blocks; -1 for a row that is in none."""
    together = np.zeros(len(there), dtype=np.int64)
    for column in columns:
        together = pd.factorize(together)[0] * (int(np.ptp(column)) + 1 if len(column) else 1) + (column - column.min(initial=0))  # fmt: skip  # noqa: E501
    return np.where(there, pd.factorize(together)[0], -1)


def _within(code: Numbers, hours: Floats, most: float) -> list[Numbers]:
    """Pair each row with those before it in its block, a few back: rows are sorted by time."""
    order = np.argsort(code, kind="stable")
    order = order[code[order] >= 0]
    found = []
    for back in range(1, BACK + 1):
        later, earlier = order[back:], order[:-back]
        near = (code[later] == code[earlier]) & (hours[later] - hours[earlier] <= most)
        found.append(np.stack([later[near], earlier[near]]))
    return found


def _best(pairs: Pairs, score: Floats, most: int) -> Numbers:
    """Give the best few of each later row, the earliest partner of equals first."""
    order = np.lexsort((pairs.earlier, -score, pairs.later))
    later = pairs.later[order]
    start = np.searchsorted(later, later, side="left")
    return np.asarray(order[np.arange(len(order)) - start < most], dtype=np.int64)


def _likeness(said: list[Any] | None, pairs: Pairs) -> Floats:
    """Say how like the words of two reports are: the share of pairs of letters that both have; NaN without words."""
    if said is None:
        return np.full(len(pairs.later), np.nan)
    told = zip(pairs.later.tolist(), pairs.earlier.tolist(), strict=True)
    return np.array([_alike(said[one], said[other]) for one, other in told], dtype=np.float64)


def _alike(one: Any, other: Any) -> float:
    a, b = (_grams(text) if isinstance(text, str) else frozenset() for text in (one, other))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else float("nan")


@lru_cache(maxsize=4096)
def _grams(text: str) -> frozenset[str]:
    plain = "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())
    return frozenset(plain[at : at + 2] for at in range(max(1, len(plain) - 1))) if plain else frozenset()
