"""Numbers on the buildings: a list that is printed, filled in on the spot and taken in again.

Every building gets a mark such as A-12: a letter for its compound (or street), then its place on a walk through it. The
mark is stored, so that list and map say the same next year too; what is new later gets the next number.
"""

import string
from itertools import count, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from govmap import addresses, catalog
from govmap.errors import InputError
from govmap.messages import Voice, note
from govmap.pipeline.report import Report
from govmap.pipeline.rounds import walk
from govmap.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from govmap.exports.forms import Field

FORMS = ("buildings",)
NOBODY = frozenset({"shed", "garage", "roof", "utility", "ruins", "parking"})
SMALLEST_M2, STREET_M = 20.0, 150.0
LONGEST_LIST = 250  # letters that a workbook takes in a list of choices
MOST = {"stairwells": 60, "levels": 150, "homes_a_floor": 100, "households": 20_000}
OFFERED = (
    "residential", "apartments", "house", "village", "dormitory", "elder_home", "school", "kindergarten", "hospital",
    "retail", "office", "hotel", "civic", "industrial", "warehouse",
)  # fmt: skip
WIDTHS = {
    "mark": 11, "building_id": 15, "compound": 20, "nearest_street": 16, "number": 13, "stairwells": 9, "levels": 8,
    "homes_a_floor": 10, "households": 9, "use": 16, "status": 10,
}  # fmt: skip
OPEN = frozenset({"compound", "number", "stairwells", "levels", "homes_a_floor", "households", "use", "status"})
Rows = pd.DataFrame


def form(project: Project, table: str, output: Path, *, voice: Voice) -> Report:
    """
    Write the list in which an office puts numbers, stairwells and floors to the buildings of the map.

    In the language of the project; known cells are filled in.

    Raises
    ------
    InputError
        There is no such list, the file's ending is not .xlsx, or no building stands in a community yet.
    """
    from govmap.exports import forms
    from govmap.exports.files import write_whole

    if table not in FORMS:
        raise InputError("form_table_unknown", table=table, tables=list(FORMS))
    if output.suffix.lower() != ".xlsx":
        raise InputError("form_not_xlsx", where=str(output))
    tables = project.reading("buildings", "compounds", "streets", "communities")
    rows, left_out = listed(tables)
    if rows.empty:
        raise InputError("form_no_buildings", where=str(project.path))
    _store_marks(project, rows)
    spoken = project.profile.voice(project.fact("language") or voice.language)
    filled = _filled(rows, spoken)
    names = [one for one in tables["communities"]["name"] if isinstance(one, str) and one]
    title = spoken.say("form_title", name=names[:3] or project.path.stem)
    gone = spoken.say("form_status_demolished")
    notes = [spoken.say(f"form_note_{name}", gone=gone) for name in ("number", "homes", "back")]
    paper = str(project.profile.facts["print"]["paper"])
    page = forms.form(
        filled, _fields(spoken, tables["compounds"]), title=title, notes=notes, paper=paper, group="group"
    )
    write_whole(output, page)
    groups = int(rows["group"].nunique())
    told = [note("form_done", rows=len(rows), groups=groups)]
    told += [note("form_left_out", count=left_out)] if left_out else []
    figures = {"rows": len(rows), "groups": groups, "left_out": left_out}
    following = f"govmap import {project.path.name} buildings {output.name} --update"
    return Report(figures=figures, notes=told, files=[output], next=following)


def listed(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, int]:
    """
    Give the buildings that are numbered, in the order of their marks, and how many small ones are left out.

    Returns
    -------
    rows
        Buildings with `mark`, `group`, `compound` (its name) and `nearest_street`.
    """
    buildings = tables["buildings"].sort_values("building_id", ignore_index=True)
    inside = buildings["community_id"].notna() & buildings["status"].isin(["standing", "new"])
    shapes = buildings["geometry"].to_numpy(object)
    inside &= ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    small = buildings["use"].isin(NOBODY) | (shapely.area(shapes) < SMALLEST_M2)
    small &= buildings[["number", "name", "mark"]].isna().all(axis=1)
    rows = buildings[inside & ~small].reset_index(drop=True)
    if rows.empty:
        return rows.assign(group=None, compound=None, nearest_street=None), int((inside & small).sum())
    compounds = tables["compounds"]
    called = compounds["name_zh"].where(compounds["name"].isna(), compounds["name"])
    name_of = dict(zip(compounds["compound_id"], called, strict=True))
    rows["compound"] = rows["compound_id"].map(name_of).astype(object)
    rows["nearest_street"] = _streets(rows, tables["streets"])
    street = "s:" + rows["nearest_street"].fillna("").astype(str)
    rows["group"] = ("c:" + rows["compound_id"].astype(object)).where(rows["compound_id"].notna(), street)
    rows["mark"] = _marks(rows)
    order = rows["mark"].map(_rank)
    return rows.loc[order.sort_values(kind="stable").index].reset_index(drop=True), int((inside & small).sum())


# marks ---------------------------------------------------------------------------------------------------------------
def _marks(rows: Rows) -> "pd.Series[Any]":
    """Give every building its mark: those that have one keep it, the others follow, compound by compound."""
    points = shapely.get_coordinates(shapely.point_on_surface(rows["geometry"].to_numpy(object)))
    marks = rows["mark"].astype(object).where(rows["mark"].notna(), None)
    letter = _letters_known(rows, marks)
    letters = _letters()
    for group in _in_order(rows, points):
        mine = np.flatnonzero((rows["group"] == group).to_numpy(bool))
        if group not in letter:
            letter[group] = next(one for one in letters if one not in letter.values())
        known = [int(str(one).rpartition("-")[2]) for one in marks.iloc[mine] if _is_mark(one)]
        numbers = count(max(known, default=0) + 1)
        fresh = [at for at in mine[walk(*points[mine].T)] if not _is_mark(marks.iloc[at])]
        for at in fresh:
            marks.iloc[at] = f"{letter[group]}-{next(numbers)}"
    return marks


def _in_order(rows: Rows, points: "np.ndarray[Any, Any]") -> list[str]:
    """Walk from compound to compound, then from street to street."""
    middles = pd.DataFrame(points, columns=["x", "y"]).groupby(rows["group"].to_numpy(object), sort=True).mean()
    kinds = [middles[middles.index.str.startswith(kind)] for kind in ("c:", "s:")]
    return [str(held.index[at]) for held in kinds for at in walk(held["x"].to_numpy(), held["y"].to_numpy())]


def _letters_known(rows: Rows, marks: "pd.Series[Any]") -> dict[str, str]:
    """Give the letter that most of a group's marks have; a letter that two groups use goes to the first."""
    letter = [str(one).partition("-")[0] if _is_mark(one) else None for one in marks]
    held = pd.DataFrame({"group": rows["group"], "letter": letter})
    sizes = held.dropna().groupby(["letter", "group"], sort=True).size().reset_index(name="rows")
    best = sizes.sort_values(["rows", "letter", "group"], ascending=[False, True, True], kind="stable")
    found: dict[str, str] = {}
    for letter, group in zip(best["letter"], best["group"], strict=True):
        if group not in found and letter not in found.values():
            found[str(group)] = str(letter)
    return found


def _letters() -> "Iterator[str]":
    """Count in letters: A to Z without I and O, which look like numbers, then AA and so on."""
    clear = [one for one in string.ascii_uppercase if one not in "IO"]
    for length in count(1):
        yield from ("".join(one) for one in product(clear, repeat=length))


def _is_mark(text: Any) -> bool:
    if not isinstance(text, str):
        return False
    letters, dash, number = text.rpartition("-")
    return bool(dash) and letters.isascii() and letters.isalpha() and letters.isupper() and number.isdecimal()


def _rank(mark: str) -> tuple[int, str, int]:
    letters, _, number = mark.rpartition("-")
    return len(letters), letters, int(number)


def _streets(rows: Rows, streets: pd.DataFrame) -> "pd.Series[Any]":
    """Name the nearest street of each building; none where none is near."""
    named = streets[streets["name"].notna()].sort_values(["name", "street_id"], ignore_index=True)
    found = np.full(len(rows), None, dtype=object)
    if len(named):
        tree = shapely.STRtree(named["geometry"].to_numpy(object))
        shapes = rows["geometry"].to_numpy(object)
        building, street = tree.query_nearest(shapes, max_distance=STREET_M, all_matches=True)
        order = np.lexsort((street, building))
        first = order[np.diff(building[order], prepend=-1) != 0]
        found[building[first]] = named["name"].to_numpy(object)[street[first]]
    return pd.Series(found, index=rows.index, dtype=object)


def _store_marks(project: Project, rows: Rows) -> None:
    """Keep new marks with the buildings; a copy that cannot be written prints them all the same."""
    if project.store.read_only:
        return
    stored = project.read("buildings", columns=["building_id", "mark"])
    was = dict(zip(stored["building_id"], stored["mark"], strict=True))
    fresh = rows.loc[rows["building_id"].map(was) != rows["mark"], ["building_id", "mark"]]
    if len(fresh):
        with project.change("form", {"table": "buildings"}) as change:
            change.session.upsert("buildings", pd.DataFrame(fresh))


# the sheet -----------------------------------------------------------------------------------------------------------
def _filled(rows: Rows, voice: Voice) -> Rows:
    """Give the cells of the form: what is known, in the words of the language."""
    uses = {one["name"]: one["title"][voice.language] for one in catalog.layer("buildings")["uses"]}
    number = rows["number"].where(rows["number"].notna(), rows["name"].map(_number_in, na_action="ignore"))
    standing = rows["status"].eq("standing")
    status = pd.Series(voice.say("form_status_standing"), index=rows.index, dtype=object).where(
        standing, rows["status"]
    )
    whole = rows["levels"].round().astype("Int64")
    use = rows["use"].map(uses).where(rows["use"].isin(uses), rows["use"])
    return rows.assign(
        number=number.astype(object), use=use, status=status, levels=whole, households=rows["households_given"]
    )


def _number_in(name: str) -> str | None:
    """Take a building's number out of its name, where the name is little more."""
    address = addresses.parse(name)
    return name if address.building or name.strip().isdigit() else None


def _fields(voice: Voice, compounds: pd.DataFrame) -> "list[Field]":
    from govmap.exports.forms import Field

    called = compounds["name_zh"].where(compounds["name"].isna(), compounds["name"]).dropna()
    offered = [one for one in sorted(set(called)) if "," not in one]

    uses = {one["name"]: one["title"][voice.language] for one in catalog.layer("buildings")["uses"]}
    choices = {
        "use": tuple(uses[one] for one in OFFERED),
        "status": tuple(voice.say(f"form_status_{one}") for one in ("standing", "demolished")),
        "compound": tuple(offered) if len(",".join(offered)) <= LONGEST_LIST else (),
    }
    return [
        Field(
            name=name,
            head=voice.say(f"form_head_{name}"),
            width=width,
            open=name in OPEN,
            choices=choices.get(name, ()),
            least=(0 if name == "households" else 1) if name in MOST else None,
            most=MOST.get(name),
            refusal=voice.say("form_refusal", least=0 if name == "households" else 1, most=MOST.get(name, 0)),
        )
        for name, width in WIDTHS.items()
    ]
