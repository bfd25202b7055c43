"""Work as a measure of parts: the office's own weights, and what each part asks for in a month."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from govmap.assess import load as working
from govmap.assess import patrol
from govmap.errors import InputError
from govmap.messages import Note, note
from govmap.pipeline.walking import Homes, homes
from govmap.project import Project

WEIGHTS = "load_weights"
GROUND = ("parts", "buildings", "cells", "streets", "incidents")
DAYS_IN_MONTH = 30.4375
MINUTES = "load_min"
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Work:
    """What every part asks for (`amounts`, see `assess.load`), by which items, and what could not be counted."""

    items: tuple[working.Item, ...]
    amounts: pd.DataFrame
    notes: tuple[Note, ...]


def items_of(fact: Callable[[str], str | None]) -> tuple[working.Item, ...]:
    """Give the items of work with the weights the office set."""
    return working.items(json.loads(fact(WEIGHTS) or "[]"))


def take_weights(project: Project, file: Path) -> Note:
    """
    Take over an office's own weights from a TOML file with `[[items]]`; they hold until others are given.

    Raises
    ------
    InputError
        The file cannot be read as such, or an item counts what may not be weighed.
    """
    rows = _read(file)
    try:
        found = working.items(rows)
    except InputError as error:
        error.where = str(file)
        raise
    with project.change("load weights", {"file": file.name}) as change:
        change.set(WEIGHTS, json.dumps(rows, ensure_ascii=False, sort_keys=True))
    return note("load_weights_taken", count=len(rows), items=[one.title for one in found])


def _read(file: Path) -> list[dict[str, Any]]:
    """Read the items of a file; what it does not say of its source is that file."""
    try:
        rows = tomllib.loads(file.read_bytes().decode("utf-8-sig")).get("items")
    except OSError:
        raise InputError("load_no_file", where=str(file)) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise InputError("load_not_toml", where=str(file), told=str(fault)) from None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError("load_no_items", where=str(file))
    return [{"source": file.name, **row} for row in rows]


def work_of(project: Project, tables: Tables, plan_id: str | None = None) -> Work:
    """
    Say what every part asks for in a month.

    Parameters
    ----------
    tables
        `GROUND`, read at one moment.
    """
    items = items_of(project.fact)
    counts, estimated = _counts(homes(project, plan_id), tables)
    cases, months, left = _cases(tables)
    metres = patrol.of_parts(patrol.street_m(tables["streets"], tables["cells"]), tables["parts"])
    found = [working.counted(items, counts, estimated), working.patrolled(items, metres)]
    found += [working.handled(items, cases, months)] if len(cases) else []
    known = [one for one in found if len(one)]
    amounts = pd.concat(known, ignore_index=True) if known else found[0]
    return Work(items, amounts, tuple(_told(items, counts, tables, cases, months, left)))


def minutes_by_part(project: Project) -> pd.Series:
    """Give the whole minutes of work a month of each part, by part_id, without ways there and back."""
    return working.minutes_of(work_of(project, project.reading(*GROUND)).amounts)


def write_minutes(project: Project) -> None:
    """Write the minutes of work a month of each part, where they are not those that stand there already."""
    parts = project.read("parts", columns=["part_id", MINUTES])
    made = parts["part_id"].map(minutes_by_part(project)).fillna(0).astype("Int64")
    if not made.equals(parts[MINUTES].astype("Int64")):
        with project.change("weigh work") as change:
            change.session.upsert("parts", parts.assign(**{MINUTES: made}))


def _counts(places: Homes, tables: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give what is counted in each part, and how much of it is an estimate."""
    frame = places.frame.set_index("part_id")
    counts = frame[[name for name in working.COUNTED if name in frame]].astype(float)
    of = tables["buildings"].set_index("building_id")
    first = ~frame["building_id"].duplicated()  # shops are of the whole building, whatever its parts
    for name in ("shops", "workplaces"):
        counts[name] = frame["building_id"].map(of[name]).astype(float).where(first)
    thought = frame["estimated"].astype(float)
    estimated = pd.DataFrame({name: counts[name] * thought for name in ("households", "residents")})
    return counts, estimated


def _cases(tables: Tables) -> tuple[pd.DataFrame, float, int]:
    """Give incidents that lie in a part and are no repeats, the months they span, and how many have no place."""
    rows = tables["incidents"]
    counted = rows[rows["duplicate_of"].isna() & rows["reported_at"].notna()]
    if counted.empty:
        return counted, 1.0, 0
    days = (counted["reported_at"].max() - counted["reported_at"].min()).total_seconds() / 86_400
    main = tables["parts"].sort_values("part_id").drop_duplicates("cell_id").set_index("cell_id")["part_id"]
    part = counted["part_id"].where(counted["part_id"].notna(), counted["cell_id"].map(main))
    secret = counted["sensitive"].astype("boolean").fillna(value=False).to_numpy(bool)
    placed = counted.assign(part_id=part)[part.notna().to_numpy() & ~secret]
    return placed[["part_id", "kind", "category"]], max(days / DAYS_IN_MONTH, 1.0), len(counted) - len(placed)


def _told(
    items: tuple[working.Item, ...], counts: pd.DataFrame, tables: Tables, cases: pd.DataFrame, months: float, left: int
) -> list[Note]:
    """Say what of the work is not known here."""
    has = {name for name in counts if counts[name].notna().any()}
    has |= {working.TRIPS} | ({working.INCIDENTS} if len(cases) else set())
    has |= {working.STREETS} if len(tables["streets"]) else set()
    missing = [one.title for one in items if one.counts not in has]
    told = [note("load_not_known", items=missing)] if missing else []
    if len(cases):
        told.append(note("load_incidents", count=len(cases), months=f"{months:.1f}"))
    return [*told, *([note("load_without_place", count=left)] if left else [])]
