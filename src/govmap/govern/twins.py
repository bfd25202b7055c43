"""Which resources may be one: of one category, near each other, of like names. Suggested, never merged.

A list of one's own and the map name the same clinic twice as a rule: counted twice, it hides a gap. What stands in one
source twice is mostly two things (the stops on both sides of a road), and only asked about where name and place agree.
"""

import unicodedata
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

COLUMNS = ("resource_id", "duplicate_of", "score", "distance_m", "likeness")
NEAR_M, NEAR_UNNAMED_M, NEAR_WITHIN_M = 150.0, 30.0, 15.0
LEAST, SAME = 0.6, 1.0
CONTAINED, SHORTEST = 0.8, 3  # 卫生服务站 in 幸福社区卫生服务站
Numbers = npt.NDArray[np.int64]


def suggest(resources: pd.DataFrame) -> pd.DataFrame:
    """
    Name for each resource the one that it most probably repeats.

    Parameters
    ----------
    resources
        resource_id, category, name, import_id (of lists; of the map none), geometry (points, in metres).

    Returns
    -------
    suggestions
        resource_id, duplicate_of, score (0 to 1), distance_m, likeness (of the names; none where one has no name), the
        surest first. What a list says stands before what the map says, else the smaller id before the larger. Each
        resource is in one suggestion as a repeat, and none repeats one that is a repeat itself.
    """
    shaped = shapely.is_geometry(resources["geometry"].to_numpy(object))
    rows = resources[shaped & resources["category"].notna().to_numpy(bool)]
    order = rows.assign(map=rows["import_id"].isna()).sort_values(["map", "resource_id"], kind="stable")
    order = order.reset_index(drop=True)
    kept, twin = _near(order)
    likeness = _likeness(order["name"], kept, twin)
    metres = shapely.distance(*(order["geometry"].to_numpy(object)[one] for one in (kept, twin)))
    source = order["import_id"].astype(object).where(order["import_id"].notna(), "").to_numpy()
    within = source[kept] == source[twin]
    named = np.isfinite(likeness)
    far = np.where(named, NEAR_M, NEAR_UNNAMED_M)
    score = np.where(named, (likeness + 1 - metres / NEAR_M) / 2, 1 - metres / NEAR_UNNAMED_M)
    fits = (metres <= far) & (~named | (likeness >= LEAST)) & (score >= LEAST / 2)
    fits &= ~within | ((likeness == SAME) & (metres <= NEAR_WITHIN_M))
    twin, kept, at = _roots(kept, twin, score, np.flatnonzero(fits))
    ids, points = order["resource_id"].to_numpy(object), order["geometry"].to_numpy(object)
    told = [ids[twin], ids[kept], score[at].round(2), shapely.distance(points[twin], points[kept]).round(0)]
    found = pd.DataFrame(dict(zip(COLUMNS, [*told, likeness[at].round(2)], strict=True)))
    return found.sort_values(["score", "resource_id"], ascending=[False, True], ignore_index=True)


def _near(rows: pd.DataFrame) -> tuple[Numbers, Numbers]:
    """Pair rows of one category that lie near each other, the one that is kept first."""
    points = rows["geometry"].to_numpy(object)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=NEAR_M)
    category = pd.factorize(rows["category"])[0]
    mine = (one < other) & (category[one] == category[other])
    return one[mine], other[mine]


def _roots(
    kept: Numbers, twin: Numbers, score: npt.NDArray[np.float64], among: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Give for each repeat the one that it repeats in the end, and its surest pair; who is kept stands before it."""
    best: dict[int, int] = {}
    for at in among[np.lexsort((kept[among], -score[among].round(6)))].tolist():
        best.setdefault(int(twin[at]), at)
    root: dict[int, int] = {}
    for one in sorted(best):
        first = int(kept[best[one]])
        root[one] = root.get(first, first)
    order = sorted(best)
    return (
        np.array(order, dtype=np.int64),
        np.array([root[one] for one in order], dtype=np.int64),
        np.array([best[one] for one in order], dtype=np.int64),
    )


def _likeness(names: "pd.Series[Any]", kept: Numbers, twin: Numbers) -> npt.NDArray[np.float64]:
    """Say how like two names are: the share of pairs of letters that both have; NaN where one has none."""
    plain = [_plain(one) for one in names]
    return np.array([_alike(plain[a], plain[b]) for a, b in zip(kept.tolist(), twin.tolist(), strict=True)], float)


def _alike(one: str, other: str) -> float:
    if not one or not other:
        return float("nan")
    if one == other:
        return SAME
    a, b = ({text[at : at + 2] for at in range(max(1, len(text) - 1))} for text in (one, other))
    shared = 2 * len(a & b) / (len(a) + len(b))
    shorter, longer = sorted((one, other), key=len)
    return max(shared, CONTAINED) if len(shorter) >= SHORTEST and shorter in longer else shared


def _plain(name: Any) -> str:
    if not isinstance(name, str):
        return ""
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())
