"""The list of numbers on its way back: wrong rows go back once more, the others become numbers, stairwells, floors."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govmap import addresses, catalog
from govmap.messages import Note, note
from govmap.pipeline import enclosing
from govmap.pipeline.numbering import MOST, listed
from govmap.project import Project

if TYPE_CHECKING:
    from govmap.sources.files import RawTable
    from govmap.sources.gate import Admitted

OF_THE_FORM = frozenset({"building_id", "mark"})
HALF = 0.5
MOST_TOLD = 3


def is_form(admitted: "Admitted") -> bool:
    """Tell by its columns whether a list of buildings is the one that `form` wrote."""
    return set(admitted.columns.ours.values()) >= OF_THE_FORM


def comes_back(header: Sequence[str]) -> bool:
    """Tell by its header, in any language, whether a list of buildings is the one that `form` wrote."""
    from govmap.sources.columns import plain, vocabulary

    words = vocabulary("buildings")
    return {words.get(plain(theirs), (0, ""))[1] for theirs in header} >= OF_THE_FORM


def taken(project: Project, raw: "RawTable", admitted: "Admitted") -> "Admitted":
    """Give a list of buildings in our words; wrong rows of the form go back."""
    tables = project.reading("buildings", "compounds", "streets")
    if is_form(admitted):
        meant = enclosing.meant(admitted.rows, tables["compounds"], tables["buildings"])
        admitted = replace(admitted, rows=admitted.rows.assign(compound_id=meant))
    found = _checked(tables, raw, admitted) if is_form(admitted) else admitted
    return replace(found, rows=in_our_words(found.rows, tables["compounds"], found))


def _checked(tables: dict[str, pd.DataFrame], raw: "RawTable", admitted: "Admitted") -> "Admitted":
    """
    Give back the rows of the form that cannot be right, and say what else is strange.

    An unknown id, a number out of reason, one number for several buildings of a compound; buildings that the list does
    not name, and households that do not go with stairwells, floors and homes a floor, are told.
    """
    rows = admitted.rows.reset_index(drop=True)
    stands = tables["buildings"].set_index("building_id")
    made = rows["building_id"].astype(str).str.fullmatch(r"i[0-9a-f]{12}.*-\d+").to_numpy(bool)
    reason = np.full(len(rows), None, dtype=object)
    reason[_again(rows, stands)] = "form_number_again"
    reason[_out_of_range(rows)] = "form_out_of_range"
    reason[~rows["building_id"].isin(stands.index).to_numpy(bool)] = "form_unknown_building"
    reason[made] = "form_no_id"
    bad = np.array([one is not None for one in reason], dtype=bool)
    kept = rows[~bad].reset_index(drop=True)
    named = raw.frame[admitted.columns.theirs("building_id")].astype(str).str.strip()
    notes = _told(kept, stands, listed(tables)[0], set(named))
    rejects = given_back(raw, admitted, rows[bad], reason[bad], column=admitted.columns.theirs("building_id"))
    return replace(
        admitted,
        rows=kept,
        rejects=rejects,
        rows_kept=admitted.rows_kept - int(bad.sum()),
        notes=(*admitted.notes, *notes),
    )


def in_our_words(rows: pd.DataFrame, compounds: pd.DataFrame, admitted: "Admitted") -> Any:
    """
    Give rows of a list of buildings in our words for use and status, with the homes that stairwells and floors make.

    What the form has as the building's number is not its name: that stays what it was.
    """
    words = _words()
    for name in sorted(set(words) & set(rows.columns)):
        known = {one: words[name].get(_plain(one), one) for one in rows[name].dropna().unique()}
        rows = rows.assign(**{name: rows[name].map(known).astype(object)})
    homes = _homes(rows)
    if homes.notna().any():
        rows["dwellings"] = _whole(rows, "dwellings").fillna(homes)
    if not is_form(admitted):
        return rows
    home = rows["compound_id"].map(_called(compounds))
    said = zip(rows["name"], home, rows["compound"], strict=True)
    numbers = [_number(text, (*_names(compound), *_names((words,)))) for text, compound, words in said]
    return rows.assign(number=pd.Series(numbers, index=rows.index, dtype=object), name=None)


def _whole(rows: pd.DataFrame, name: str) -> "pd.Series[Any]":
    cells = rows[name] if name in rows else pd.Series([pd.NA] * len(rows), index=rows.index)
    return pd.to_numeric(cells, errors="coerce").round().astype("Int64")


def _homes(rows: pd.DataFrame) -> "pd.Series[Any]":
    """Count the homes of buildings whose stairwells, floors and homes a floor are all known."""
    return _whole(rows, "stairwells") * _whole(rows, "levels") * _whole(rows, "homes_a_floor")


def _out_of_range(rows: pd.DataFrame) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    bad = np.zeros(len(rows), dtype=bool)
    for name in ("stairwells", "levels", "homes_a_floor"):
        number = _whole(rows, name)
        bad |= ((number < 1) | (number > MOST[name])).fillna(value=False).to_numpy(bool)
    return bad


def _again(rows: pd.DataFrame, stands: pd.DataFrame) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Tell rows that give a number, new to them, which another building of their compound has in this list."""
    text = rows["name"].map(addresses.normalise, na_action="ignore").astype(object)
    compound = rows["compound_id"].to_numpy(object)
    key = pd.Series([f"{one}|{number}" for one, number in zip(compound, text, strict=True)], index=rows.index)
    there = text.notna() & pd.notna(compound)
    again = key.where(there, None).duplicated(keep=False) & there
    old = stands["number"].where(stands["number"].notna(), stands["name"]).reindex(rows["building_id"])
    same = [a == b for a, b in zip(text, old.map(addresses.normalise, na_action="ignore"), strict=True)]
    return np.asarray(again.to_numpy(bool) & ~np.array(same, dtype=bool), dtype=bool)


def _told(rows: pd.DataFrame, stands: pd.DataFrame, ours: pd.DataFrame, named: set[str]) -> list[Note]:
    stairs = _whole(rows, "stairwells")
    found = [note("form_numbered", numbered=int(rows["name"].notna().sum()), stairwells=int(stairs.notna().sum()))]
    missing = ours[~ours["building_id"].isin(named)]
    if len(missing):
        found.append(note("form_missing", count=len(missing), first=missing["mark"].head(MOST_TOLD).tolist()))
    homes, households = _homes(rows), _whole(rows, "households")
    differs = ((homes - households).abs() > HALF * homes).fillna(value=False)
    if differs.any():
        marks = stands["mark"].reindex(rows.loc[differs, "building_id"]).fillna("?")
        found.append(note("form_homes_differ", count=len(marks), first=marks.head(MOST_TOLD).tolist()))
    return found


def given_back(
    raw: "RawTable", admitted: "Admitted", rows: pd.DataFrame, reason: Any, *, column: str | None = None
) -> pd.DataFrame:
    """Add rows to those that were given back, as the user wrote them."""
    if rows.empty:
        return admitted.rejects
    theirs = [name for name in admitted.columns.ours if name not in admitted.columns.withheld]
    cells = raw.frame.set_index("source_row")[theirs].reindex(rows["source_row"]).fillna("")
    told = {
        "import_id": admitted.import_id,
        "row": rows["source_row"].to_numpy(np.int64),
        "reason_code": reason,
        "their_column": column,
        "raw": [{str(name): str(cell) for name, cell in row.items()} for row in cells.to_dict("records")],
    }
    every = pd.concat([admitted.rejects, pd.DataFrame(told)], ignore_index=True)
    return every.sort_values("row", ignore_index=True)


def _words() -> dict[str, dict[str, str]]:
    """Give our words for use and status by what offices write."""
    facts = catalog.layer("buildings")
    words = {
        kind: {_plain(text): ours for ours, texts in known.items() for text in texts}
        for kind, known in facts["words"].items()
    }
    for one in facts["uses"]:
        words["use"] |= {_plain(text): one["name"] for text in (one["name"], *one["title"].values())}
    words["status"] |= {_plain(ours): ours for ours in ("standing", "demolished", "new")}
    return words


def _plain(text: Any) -> str:
    return addresses.normalise(str(text)).replace(" ", "")


def _called(compounds: pd.DataFrame) -> Mapping[str, tuple[str, ...]]:
    names = compounds[["name", "name_zh"]].astype(object).itertuples(index=False)
    return {
        one: tuple(name for name in row if isinstance(name, str) and name)
        for one, row in zip(compounds["compound_id"], names, strict=True)
    }


def _names(told: Any) -> tuple[str, ...]:
    return tuple(one for one in told if isinstance(one, str) and one) if isinstance(told, tuple) else ()


def _number(text: Any, compound: tuple[str, ...]) -> str | None:
    """Give the number without the name of the compound that the building lies in anyhow."""
    if not isinstance(text, str):
        return None
    for name in compound:
        if text.startswith(name) and text != name:
            return text.removeprefix(name).strip()
    return text
