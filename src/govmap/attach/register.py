"""Registers of residents put in place of estimates: what was counted stays, totals are spread, bases are kept apart.

Every number goes down to the leaves (parts) and is summed up again from there, so that what units, buildings and the
community hold is always the same number counted differently.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from govmap.attach.direct import Direct, direct
from govmap.attach.leaves import Bools, Floats, Ground, Ints, Leaves, bulk, leaves, named, stairwell
from govmap.attach.places import texts
from govmap.attach.totals import Spread
from govmap.messages import Note, note
from govmap.shares import share_out

ORDER = ("area", "compound", "unit", "community")
MEASURES = {"households": "households", "people": "residents"}
AGES = ("age_0_6", "age_7_14", "age_15_59", "age_60_plus", "age_80_plus", "living_alone_60")
BASES = ("actual", "registered", "rented")
# Columns that count on a basis of their own beside that of their row: column -> base, what is counted.
BESIDE = {
    "households_registered": ("registered", "households"),
    "people_registered": ("registered", "people"),
    "people_rented": ("rented", "people"),
    "rooms_rented": ("rented", "rooms"),
}
OF_BUILDINGS = ("shops", "workplaces")
LONG = ("part_id", "building_id", "base", "category", "number")
MOST_TOLD = 3
TINY = 1e-9
STRANGE, FEWEST = 10.0, 30.0  # counted people a person thought of, and how many a building may hold in any case


@dataclass(frozen=True)
class Counted:
    """Buildings and parts with what registers say of them, what they say alone, and what did not fit together."""

    buildings: pd.DataFrame
    parts: pd.DataFrame | None
    notes: tuple[Note, ...]


def households(
    buildings: pd.DataFrame,
    residents: pd.DataFrame,
    *,
    parts: pd.DataFrame | None = None,
    members: Mapping[str, Collection[str]] | None = None,
    communities: pd.DataFrame | None = None,
) -> Counted:
    """
    Put the registers' households and residents into the buildings and their parts.

    What was counted for a part, stairwell or building stands as it is (`register`). Totals of areas, compounds, units
    and communities, the narrowest first, are spread over those of their parts nobody counted, by the households they
    are thought to have (`spread`), so that every total given is met exactly; one that cannot be met is told and left.
    Persons who live there count (`actual`); those registered there where nobody counted these.

    Parameters
    ----------
    buildings
        With the estimates of `households.estimate`: households, households_low, households_high, residents,
        households_source; households_given and residents_given, what their own rows say; community_id, compound_id,
        status, geometry.
    residents
        Rows that `attach` placed; those of areas with their shape. `adds` tells lists of persons, whose rows add up;
        `turn` which list came later.
    parts
        Parts of the buildings, with households_given where the user counted them; without them buildings are whole.
    members
        unit_id -> parts of it, for totals of units of any level and plan.
    communities
        Where given, an area that lies partly outside them counts by the share of its ground inside.
    """
    case = _Case(buildings, residents, parts, members, communities)
    frame = case.frame.copy()
    shops = {name: _shops(case, name) for name in OF_BUILDINGS}
    homes = _main(case, "households")
    people = _main(case, "people")
    frame = _sourced(frame, case.found, homes)
    frame["residents"] = _residents(case, frame, people)
    frame = frame.assign(**{name: numbers for name, numbers in shops.items() if name in frame})
    made = None if parts is None else _parts(case, parts, frame, homes.spread, people.spread)
    return Counted(frame.set_axis(case.index).loc[buildings.index], made, case.notes())


def by_part(
    buildings: pd.DataFrame,
    residents: pd.DataFrame,
    *,
    parts: pd.DataFrame | None = None,
    members: Mapping[str, Collection[str]] | None = None,
    communities: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """
    Give what registers alone say of each part, basis by basis, totals spread; what nobody counted is in no row.

    Parameters
    ----------
    buildings, parts
        With households and residents as `households` gave them, by which totals are spread here.

    Returns
    -------
    counts
        part_id, building_id, base, category (households, people, rooms and age bands), number.
    """
    case = _Case(buildings, residents, parts, members, communities)
    frames = [
        _of_one(case, base, category)
        for base in BASES
        for category in ("households", "people", *AGES, "rooms")
        if len(case.rows(base, category))
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(LONG))


class _Case:
    """One reckoning: buildings sorted, their leaves, and the rows of registers as numbers about these."""

    def __init__(
        self,
        buildings: pd.DataFrame,
        residents: pd.DataFrame,
        parts: pd.DataFrame | None,
        members: Mapping[str, Collection[str]] | None,
        communities: pd.DataFrame | None,
    ) -> None:
        ordered = buildings.sort_values("building_id", kind="stable")
        self.index = ordered.index
        self.frame: pd.DataFrame = ordered.reset_index(drop=True)
        self.parts = parts
        self.found: Leaves = leaves(self.frame, parts)
        self._rows = _told(residents, self.frame, self.found)
        self._ground = Ground(self.frame, self.found, members, communities)
        self._wide = self._rows[self._rows["place_kind"].isin(ORDER)]
        self._sets = dict(zip(self._wide.index, self._ground.of(self._wide), strict=True))
        self.backup = self.found.spread(bulk(self.frame))
        self._misfits: list[tuple[str, int, int]] = []
        self._superseded: set[object] = set()
        self._strange: list[str] = []
        self._uncovered = (0, 0)

    def rows(self, base: str, category: str) -> pd.DataFrame:
        """Give the rows that count one thing on one basis, as `number`."""
        names = [name for name, what in BESIDE.items() if what == (base, category) and name in self._rows]
        found = [self._rows.assign(number=self._rows[name]) for name in names]
        if category in self._rows:
            mine = self._rows["base"] == base if category not in OF_BUILDINGS else slice(None)
            found.append(self._rows[mine].assign(number=self._rows.loc[mine, category]))
        every = pd.concat(found) if found else self._rows.head(0).assign(number=None)
        every = every[every["number"].notna()]
        return every.assign(number=every["number"].astype("int64"))

    def direct(self, rows: pd.DataFrame, thought: Floats) -> Direct:
        """Give what rows say of buildings and what lies in them, and remember what does not fit."""
        made = direct(rows[rows["building"] >= 0], self.found, thought)
        names = self.frame["building_id"]
        self._misfits += [(str(names.iloc[row]), given, left) for row, given, left in made.misfits]
        self._superseded |= made.superseded
        return made

    def wide(self, rows: pd.DataFrame, spread: Spread, *, counts: str) -> None:
        """Spread the totals of wider places, that of the fewest leaves first; of two of the same place the later."""
        mine = rows[rows["place_kind"].isin(ORDER)]
        newest = mine.groupby(["place_kind", "place_id"])["turn"].transform("max")
        earlier = mine.loc[mine["turn"] < newest, ["place_kind", "place_id"]]
        self._superseded.update(earlier.itertuples(index=False, name=None))
        mine = mine[mine["turn"] == newest]
        sizes = [len(self._sets[at]) for at in mine.index]
        mine = mine.assign(size=sizes, order=mine["place_kind"].map(ORDER.index))
        for at, row in mine.sort_values(["size", "order", "place_id", "source_row"]).iterrows():
            shape = row["geometry"] if "geometry" in mine else None
            place = str(row["place_id"])
            total = self._ground.total(row["place_kind"], place, shape, int(row["number"]), told=counts == "people")
            left = spread.give(self._sets[at], total)
            if left:
                self._misfits.append((place, total, left))

    def notes(self) -> tuple[Note, ...]:
        """Say what could not be placed: few totals one by one, many in one sentence."""
        told = []
        if self._superseded:
            told.append(note("counts_superseded", count=len(self._superseded)))
        if self._ground.cut:
            told.append(note("attach_areas_cut", count=len(self._ground.cut), people=sum(self._ground.cut.values())))
        if self._strange:
            told.append(note("counts_implausible", count=len(self._strange), first=self._strange[:MOST_TOLD]))
        if self._uncovered[0]:
            told.append(note("counts_not_covered", count=self._uncovered[0], people=self._uncovered[1]))
        misfits = list(dict.fromkeys(self._misfits))
        if len(misfits) > MOST_TOLD:
            places = list(dict.fromkeys(place for place, _, _ in misfits))
            return (*told, note("attach_totals_do_not_fit", count=len(misfits), first=places[:MOST_TOLD]))
        one_by_one = [note("attach_total_does_not_fit", place=p, given=g, left=left) for p, g, left in misfits]
        return (*told, *one_by_one)

    def look(self, counts: pd.DataFrame, made: Direct, people: Floats) -> None:
        """Look for buildings that cannot hold what is counted, and for such that lie in no area of a list of areas."""
        counted = np.bincount(self.found.building, np.where(made.fixed, made.values, 0), minlength=len(self.frame))
        most = STRANGE * np.maximum(_numbers(self.frame, "residents"), FEWEST)
        rows = self.frame.reindex(columns=["name", "building_id"])[counted > most]
        self._strange = rows["name"].where(rows["name"].notna(), rows["building_id"]).astype(str).tolist()
        areas = counts.index[counts["place_kind"] == "area"]
        if len(areas):
            mine = self.found.counts.copy()
            mine[np.concatenate([self._sets[at] for at in areas])] = False
            mine &= ~made.fixed & (people > 0)
            self._uncovered = (len(np.unique(self.found.building[mine])), round(float(people[mine].sum())))


def _told(residents: pd.DataFrame, buildings: pd.DataFrame, found: Leaves) -> pd.DataFrame:
    """Give the rows that count here: the row of their building, the leaf they mean, the stairwell they name."""
    rows = pd.DataFrame(residents[residents["reason"].isna()]).reset_index(drop=True)
    row_of = dict(zip(buildings["building_id"], range(len(buildings)), strict=True))
    leaf_of = {part: at for at, part in enumerate(found.part_id) if part is not None}
    alone = np.bincount(found.building, minlength=len(buildings)) == 1
    building = np.array([row_of.get(one, -1) for one in texts(rows, "building_id")], dtype=np.int64)
    leaf = np.array([leaf_of.get(one, -1) for one in texts(rows, "part_id")], dtype=np.int64)
    place = texts(rows, "place_id")
    stairs = {text: stairwell(text) for text in set(place[rows["place_kind"] == "address"])}
    stair = np.array([stairs.get(one) for one in place], dtype=object)
    # a building that is one part: whose part a row names is no more than the building
    leaf[(leaf >= 0) & (building >= 0) & alone[np.maximum(building, 0)]] = -1
    more: dict[str, Any] = {"building": building, "leaf": leaf, "stair": pd.Series(stair, dtype=object)}
    more["adds"] = rows["adds"].astype(bool) if "adds" in rows else False
    more["turn"] = rows["turn"].astype("int64") if "turn" in rows else 0
    return rows.assign(**more)


# the numbers that a plan is made of --------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Main:
    """Numbers of leaves, with those that are counted for themselves."""

    spread: Spread
    thought: Floats
    counted: Bools = field(repr=False)


def _main(case: _Case, counts: str) -> _Main:
    """Fill one measure: who lives there, what buildings say of themselves, who is registered; then wider totals."""
    frame, found, measure = case.frame, case.found, MEASURES[counts]
    thought = found.spread(_numbers(frame, measure))
    bounds = [found.spread(_numbers(frame, f"households_{end}")) for end in ("low", "high")]
    spread = Spread(found.building, thought.copy(), case.backup, *bounds)
    actual = case.direct(case.rows("actual", counts), thought)
    _take(spread, actual, np.ones(len(thought), dtype=bool))
    if counts == "people":
        case.look(case.rows("actual", counts), actual, thought)
    counted = spread.fixed.copy()
    _take(spread, case.direct(_own(case, measure), thought), ~_touched(found, spread.fixed))
    registered = case.direct(case.rows("registered", counts), thought)
    untouched = ~_touched(found, spread.fixed) & registered.fixed
    # who is registered there says more of how a total of those who live there is spread than an estimate does
    spread.thought[untouched] = registered.values[untouched]
    case.wide(case.rows("actual", counts), spread, counts=counts)
    still = untouched & ~spread.fixed
    _take(spread, registered, still)
    counted |= still
    case.wide(case.rows("registered", counts), spread, counts=counts)
    return _Main(spread, thought, counted)


def _take(spread: Spread, made: Direct, among: Bools) -> None:
    mine = np.flatnonzero(made.fixed & among)
    spread.count(mine, made.values[mine])


def _touched(found: Leaves, fixed: Bools) -> Bools:
    """Tell the leaves of buildings of which anything is fixed."""
    held = np.bincount(found.building, fixed) > 0
    touched: Bools = held[found.building]
    return touched


def _own(case: _Case, measure: str) -> pd.DataFrame:
    """Give what buildings and parts say of themselves as rows of a register."""
    found, frame, parts = case.found, case.frame, case.parts
    given = frame[f"{measure}_given"] if f"{measure}_given" in frame else pd.Series(dtype="Int64")
    at = np.flatnonzero(given.notna().to_numpy(bool))
    rows = [(int(row), -1, int(given.iloc[row])) for row in at]
    if parts is not None and f"{measure}_given" in parts:
        told = parts[parts[f"{measure}_given"].notna()]
        number = dict(zip(told["part_id"], told[f"{measure}_given"], strict=True))
        rows += [(int(b), leaf, int(number[p])) for leaf, (p, b) in enumerate(zip(found.part_id, found.building, strict=True)) if p in number]  # fmt: skip  # noqa: E501
    made = pd.DataFrame(rows, columns=["building", "leaf", "number"])
    return made.assign(stair=pd.Series([None] * len(made), dtype=object), adds=False, turn=0)


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    if name not in frame:
        return np.zeros(len(frame))
    return np.asarray(frame[name].fillna(0).astype(float).to_numpy())


def _summed(case: _Case, numbers: Floats | Ints | Bools) -> Floats:
    return np.asarray(np.bincount(case.found.building, numbers, minlength=len(case.frame)))


def _sourced(frame: pd.DataFrame, found: Leaves, homes: _Main) -> pd.DataFrame:
    """Put households into the buildings, say where they come from, and within what bounds they lie."""
    rows = len(frame)
    spread = homes.spread

    def summed(numbers: Floats | Ints | Bools) -> Floats:
        return np.asarray(np.bincount(found.building, numbers, minlength=rows))

    changed, counted = summed(spread.fixed) > 0, summed(~homes.counted) == 0
    own = (summed(spread.exact & ~homes.counted) > 0) & (summed(~spread.exact) == 0) & ~counted
    values = np.where(spread.fixed, spread.values, homes.thought)
    source = frame["households_source"].astype(object).to_numpy().copy()
    source[changed & ~own] = "spread"
    source[counted | own] = "register"
    whole = np.where(changed, np.rint(summed(values)), _numbers(frame, "households")).astype(np.int64)
    low, high = (
        summed(np.where(spread.exact, spread.values, spread.low)),
        summed(np.where(spread.exact, spread.values, spread.high)),
    )
    columns = {
        "households": whole,
        "households_low": np.minimum(np.floor(low + TINY), whole).astype(np.int64),
        "households_high": np.maximum(np.ceil(high - TINY), whole).astype(np.int64),
    }
    same = ~changed
    for name in ("households_low", "households_high"):
        columns[name][same] = _numbers(frame, name).astype(np.int64)[same]
    made = {name: pd.array(values, dtype="Int64") for name, values in columns.items()}
    return frame.assign(**made, households_source=source)


def _residents(case: _Case, frame: pd.DataFrame, people: _Main) -> "pd.Series[Any]":
    """Give residents as counted; where only households were, at the size of household that was thought of."""
    before = case.frame
    fixed = _summed(case, people.spread.fixed) > 0
    values = np.rint(_summed(case, np.where(people.spread.fixed, people.spread.values, people.thought)))
    homes, were = _numbers(frame, "households"), _numbers(before, "households")
    follows = ~fixed & (homes != were)
    guessed = before["households_source"].ne("register").to_numpy(bool)
    some = guessed if (guessed & (were > 0)).any() else np.ones(len(before), dtype=bool)
    thought, held = _numbers(before, "residents")[some].sum(), were[some].sum()
    if held > 0:
        values[follows] = np.floor(homes[follows] * thought / held + 0.5)
    return pd.Series(pd.array(values.astype(np.int64), dtype="Int64"), index=frame.index)


def _parts(case: _Case, parts: pd.DataFrame, frame: pd.DataFrame, homes: Spread, people: Spread) -> pd.DataFrame:
    """Give the parts what their buildings have: what was counted for them, the rest by floors."""
    held = pd.DataFrame({"part_id": case.found.part_id, "at": np.arange(len(case.found.part_id))})
    held = held[held["part_id"].notna()]
    made = parts.sort_values("part_id", kind="stable", ignore_index=True)
    where = made["part_id"].map(dict(zip(held["part_id"], held["at"], strict=True)))
    there = where.notna().to_numpy(bool)
    for measure, spread in (("households", homes), ("residents", people)):
        values = made[measure].fillna(0).to_numpy(np.int64).copy()
        numbers = _on_leaves(case.found, _numbers(frame, measure).astype(np.int64), spread)
        values[there] = numbers[where[there].to_numpy(np.int64)]
        made[measure] = values
    return made.assign(**_bounds(homes, made["households"].to_numpy(np.int64), where.to_numpy(float, na_value=np.nan)))


def _bounds(homes: Spread, whole: Ints, leaf: Floats) -> dict[str, Any]:
    """Say within what bounds the households of parts lie, by their leaves; what was counted is certain."""
    there = np.isfinite(leaf)
    at = leaf[there].astype(np.int64)
    bounds = {}
    for name, ends in (("households_low", homes.low), ("households_high", homes.high)):
        told = whole.astype(float)
        told[there] = np.where(homes.exact, homes.values, ends)[at]
        bounds[name] = told
    low = np.minimum(np.floor(bounds["households_low"] + TINY), whole).astype(np.int64)
    high = np.maximum(np.ceil(bounds["households_high"] - TINY), whole).astype(np.int64)
    return {"households_low": pd.array(low, dtype="Int64"), "households_high": pd.array(high, dtype="Int64")}


def _on_leaves(found: Leaves, totals: Ints, spread: Spread) -> Ints:
    """Divide the numbers of buildings among their leaves, those that are fixed as they are."""
    values = np.where(spread.fixed, spread.values, 0).astype(np.int64)
    free = ~spread.fixed
    count = np.bincount(found.building, minlength=len(totals))
    single = free & (count[found.building] == 1)
    values[single] = totals[found.building[single]]
    for building in np.unique(found.building[free & ~single]):
        mine = np.flatnonzero(found.building == building)
        rest = int(totals[building]) - int(values[mine][~free[mine]].sum())
        values[mine[free[mine]]] = share_out(rest, found.share[mine[free[mine]]])
    return values


# what registers alone say ------------------------------------------------------------------------------------------
def _of_one(case: _Case, base: str, category: str) -> pd.DataFrame:
    """Give one category on one basis for every leaf of which a register speaks."""
    weights = _by_what_stands(case, "households" if category in ("households", "rooms") else "residents")
    spread = Spread(case.found.building, weights, case.backup, np.zeros(len(weights)), np.zeros(len(weights)))
    rows = case.rows(base, category)
    _take(spread, case.direct(rows, weights), np.ones(len(weights), dtype=bool))
    case.wide(rows, spread, counts=category)
    told = spread.fixed & (named(case.found.part_id) | (case.parts is None))
    columns = {
        "part_id": case.found.part_id[told],
        "building_id": case.frame["building_id"].to_numpy(object)[case.found.building[told]],
        "number": spread.values[told],
    }
    return pd.DataFrame(columns).assign(base=base, category=category)[list(LONG)]


def _by_what_stands(case: _Case, measure: str) -> Floats:
    """Weigh leaves by what their parts hold now, else by their buildings."""
    weights = case.found.spread(_numbers(case.frame, measure))
    if case.parts is None:
        return weights
    held = dict(zip(case.parts["part_id"], _numbers(case.parts, measure), strict=True))
    return np.array([held.get(one, weight) for one, weight in zip(case.found.part_id, weights, strict=True)])


def _shops(case: _Case, name: str) -> Any:
    """Give the shops or workplaces of buildings: as registers count them, else what buildings say of themselves."""
    own = case.frame[f"{name}_given"] if f"{name}_given" in case.frame else pd.Series([pd.NA] * len(case.frame))
    rows = case.rows("", name)
    if rows.empty:
        return own.astype("Int64").to_numpy()
    thought = case.found.spread(_numbers(pd.DataFrame({name: own}), name))
    spread = Spread(case.found.building, thought, case.backup, np.zeros(len(thought)), np.zeros(len(thought)))
    _take(spread, case.direct(rows, thought), np.ones(len(thought), dtype=bool))
    case.wide(rows, spread, counts=name)
    fixed = _summed(case, spread.fixed) > 0
    counted = pd.array(_summed(case, np.where(spread.fixed, spread.values, 0)).astype(np.int64), dtype="Int64")
    return pd.Series(counted).where(fixed, own.astype("Int64").reset_index(drop=True)).array
