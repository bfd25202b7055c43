"""Who answers for which unit: what lists say of it kept, found in the plan, and carried along where plans change.

`duties_said` holds what lists say, `duties` what that means in each plan. A person whom only a list of units names
becomes a worker, until a list of workers has the same name: then it is that one.
"""

from typing import TYPE_CHECKING, Any

import pandas as pd

from govmap import catalog
from govmap.govern import duties as following
from govmap.govern.units_said import Names, called
from govmap.messages import Note, note
from govmap.pipeline import leaders, unposting
from govmap.plan import Plan, named
from govmap.project import Change, Project, now, plan_of
from govmap.schema import TABLES

if TYPE_CHECKING:
    from govmap.sources.gate import Admitted

SAID, DUTIES = "duties_said", "duties"
TELLING = ("workers", "units")
MOST_TOLD = 5
Row = dict[str, Any]


# what lists say -------------------------------------------------------------------------------------------------------
def take_in(change: Change, table: str, admitted: "Admitted", plan: dict[str, Any] | None) -> list[Note]:
    """
    Keep what a list of workers or units says of who answers, and find it in the plan; inside a change.

    Parameters
    ----------
    plan
        Of a list of units: `plan_id` of the plan that it came in as, and whether that one stood already (`known`).
    """
    if table not in TELLING or (table == "units" and plan is None):
        return []
    rows = pd.DataFrame(admitted.rows)
    made = _of_units(change, rows, admitted.import_id, plan) if plan else _of_workers(change, rows, admitted.import_id)
    if len(made):
        change.session.append(SAID, made)
        change.written["workers"] = int(made["name"].notna().sum() or made["worker_id"].nunique())
    return settle(change)


def settle(change: Change) -> list[Note]:
    """Say anew who the people are whom lists name, and find the units of those that are still open."""
    session = change.session
    said = session.read(SAID)
    _without_people(session)
    if said.empty and session.count("workers") == 0:
        session.delete(leaders.TABLE)
        return []
    said = _with_workers(change, said)
    fresh, told = _found(change, said)
    stored = session.read(DUTIES)
    who = dict(zip(said["said_id"], said["worker_id"], strict=True))
    now_ = stored["said_id"].map(who)
    stored = stored.assign(worker_id=now_.where(now_.notna(), stored["worker_id"]))
    every = pd.concat([stored, fresh], ignore_index=True) if len(fresh) else stored
    session.replace(DUTIES, every.drop_duplicates(following.KEY))
    return [*told, *leaders.settle(change, said)]


def _without_people(session: Any) -> None:
    """Take out what was assigned to people who are no more in any list."""
    there = set(session.read("workers", columns=["worker_id"])["worker_id"])
    rows = session.read(DUTIES, columns=[*following.KEY, "said_id"])
    gone = sorted(set(rows.loc[rows["said_id"].isna(), "worker_id"]) - there)
    if gone:
        session.delete(DUTIES, where={"worker_id": gone})


def taken_out(change: Change, import_id: str) -> None:
    """Take out what an import said of who answers, and the people whom it alone named."""
    session = change.session
    ids = list(session.read(SAID, where={"import_id": import_id})["said_id"])
    if ids:
        session.delete(DUTIES, where={"said_id": ids})
        session.delete(leaders.TABLE, where={"said_id": ids})
        session.delete("workers", where={"worker_id": ids})
        session.delete(SAID, where={"said_id": ids})


def put_back(change: Change, import_id: str) -> None:
    """Put back what a newer list had taken the place of, and say anew who the people are."""
    from govmap.pipeline.aside import laid_aside

    for table in (SAID, DUTIES):
        before = laid_aside(change, import_id, table)
        if len(before):
            change.session.append(table, before)


def forgotten(change: Change) -> int:
    """Take out every worker and duty, whichever list told of them; say how many workers."""
    session = change.session
    workers = list(session.read("workers")["worker_id"])
    for table in (DUTIES, SAID, leaders.TABLE, "workers"):
        session.replace(table, session.read(table).iloc[:0])
    unposting.forgotten(change)
    return len(workers)


def _of_workers(change: Change, rows: pd.DataFrame, import_id: str) -> pd.DataFrame:
    """Give what a list of workers says; what it said before of the same people gives way, and is laid aside."""
    stands = change.session.read("workers", columns=["worker_id", "name"])
    ids = _ids(rows, stands)
    found = [
        _statement(f"{import_id}-{row}-{at}", worker_id=worker, **_where(one), **_plainly(one))
        for worker, row, said in zip(ids, rows["source_row"], rows["said"], strict=True)
        for at, one in enumerate(said)
    ]
    made = _statements(found)
    before = change.session.read(SAID)
    placed = before[["unit_said", "building_said"]].notna().any(axis=1)
    before = before[before["worker_id"].isin(made["worker_id"]) & placed & before["name"].isna()]
    if len(before):
        from govmap.pipeline.aside import lay_aside

        lay_aside(change, import_id, SAID, before)
        gone = list(before["said_id"])
        lay_aside(change, import_id, DUTIES, change.session.read(DUTIES, where={"said_id": gone}))
        for table in (DUTIES, SAID):
            change.session.delete(table, where={"said_id": gone})
    return made


def _ids(rows: pd.DataFrame, stands: pd.DataFrame) -> list[str | None]:
    """Give the worker that each row is: by id, else, where a newer list has none, by the one of that name."""
    known = set(stands["worker_id"])
    once = stands[~stands["name"].duplicated(keep=False)]
    by_name = dict(zip(once["name"], once["worker_id"], strict=True))
    return [
        one if one in known else by_name.get(name) for one, name in zip(rows["worker_id"], rows["name"], strict=True)
    ]


def _of_units(change: Change, rows: pd.DataFrame, import_id: str, plan: dict[str, Any]) -> pd.DataFrame:
    """Give what a list of units says: each person once a unit and role."""
    plan_id = str(plan["plan_id"])
    units = change.session.read("units", where={"plan_id": plan_id}, columns=["unit_id", "name"])
    by_name = dict(zip(units["name"], units["unit_id"], strict=True))
    once: dict[tuple[Any, ...], Row] = {}
    for row in rows.to_dict("records"):
        unit = by_name.get(row["name"]) or by_name.get(row["unit"])
        for at, one in enumerate(row["said"] or ()):
            said_id = f"{import_id}-{row['source_row']}-{at}"
            made = _statement(said_id, **_where({**one, "unit": str(row["unit"])}), **_person(one))
            made |= {} if one["building"] else {"plan_id": plan_id, "units": [unit] if unit else []}
            key = (one["building"] or row["unit"], one["name"], one["role"])
            once.setdefault(key, made)
            once[key]["office_phone"] = once[key]["office_phone"] or one["phone"]
    found = _statements(list(once.values()))
    if len(found) and not plan.get("known"):
        change.session.delete(DUTIES, where={"plan_id": plan_id})  # the list itself says who answers in its own plan
    if not plan.get("known"):
        _also_here(change, plan_id)
    return found


def _also_here(change: Change, plan_id: str) -> None:
    """Find in a division that came in later what lists of workers had said before, by the words it has for units."""
    said, stored = change.session.read(SAID), change.session.read(DUTIES)
    said = said[said["plan_id"].notna() & (said["plan_id"] != plan_id) & said["name"].isna()]
    here = set(stored.loc[stored["plan_id"] == plan_id, "said_id"])
    said = said[~said["said_id"].isin(here) & said["unit_said"].notna()]
    if len(said):
        units = change.session.read("units", where={"plan_id": plan_id})
        resolved, _ = _resolved(said, units, plan_id)
        fresh = _duties_of(said.drop(columns=["plan_id", "units"]).merge(resolved, on="said_id"))
        if len(fresh):
            change.session.append(DUTIES, fresh)


def _person(one: Row) -> Row:
    """Give a person of a list of units in the columns of `duties_said`."""
    return {"name": one["name"], "office_phone": one["phone"], "role": one["role"] or ""}


def _where(one: Row) -> Row:
    """Say for what somebody answers: for a building in words, else for units in words."""
    return {"building_said": one["building"], "unit_said": None if one["building"] else one["unit"]}


def _plainly(one: Row) -> Row:
    return {"role": one["role"] or "", "share": one["share"], "from": one["from"], "to": one["to"]}


def _statement(said_id: str, **facts: Any) -> Row:
    return {**dict.fromkeys(TABLES[SAID].names), "said_id": said_id, **facts}


def _statements(found: list[Row]) -> pd.DataFrame:
    """Give statements as rows, each with the import and row that its id tells."""
    made = pd.DataFrame(found, columns=TABLES[SAID].names, dtype=object)
    pieces = [one.rsplit("-", 2) for one in made["said_id"]]
    made["import_id"], made["source_row"] = [piece[0] for piece in pieces], [int(piece[1]) for piece in pieces]
    return made


# who they are ---------------------------------------------------------------------------------------------------------
def _with_workers(change: Change, said: pd.DataFrame) -> pd.DataFrame:
    """Say of each person named which worker it is; make workers of those whom no list of workers has."""
    from govmap.sources.roles import key

    session = change.session
    workers = session.read("workers")
    ids = set(said["said_id"])
    own = workers[~workers["worker_id"].isin(ids)]
    by_name: dict[str, list[Row]] = {}
    for row in own.sort_values("worker_id").to_dict("records"):
        if isinstance(row["name"], str):
            by_name.setdefault(key(row["name"]), []).append({str(name): one for name, one in row.items()})
    made: dict[tuple[str, str | None], Row] = {}
    found = []
    for record in said.sort_values("said_id").to_dict("records"):
        one: Row = {str(column): value for column, value in record.items()}
        who = one["worker_id"]
        if isinstance(one["name"], str):
            name = key(one["name"])
            who = _same(by_name.get(name, []), one["office_phone"]) or _made(made, name, one)
        found.append((one["said_id"], who))
    _write_made(change, workers, ids, list(made.values()))
    which = dict(found)
    fresh = said.assign(worker_id=said["said_id"].map(which).astype(object))
    if len(fresh):
        session.upsert(SAID, fresh[["said_id", "worker_id"]])
    return fresh


def _same(known: list[Row], phone: str | None) -> str | None:
    """Find the worker of a name: the only one, or the one with this telephone."""
    if len(known) > 1:
        known = [row for row in known if phone and row["office_phone"] == phone]
    return str(known[0]["worker_id"]) if len(known) == 1 else None


def _made(made: dict[tuple[str, str | None], Row], name: str, row: Row) -> str:
    """Find the worker made of a name before, another one only for another telephone; else make it."""
    phone = row["office_phone"] if isinstance(row["office_phone"], str) else None
    like = [other for (one, _), other in made.items() if one == name]
    same = [other for other in like if phone is None or other["office_phone"] in (None, phone)]
    if same:
        same[0]["office_phone"] = same[0]["office_phone"] or phone
        return str(same[0]["worker_id"])
    facts = {"worker_id": row["said_id"], "name": row["name"], "office_phone": phone, "role": row["role"] or None}
    made[name, phone] = {**facts, "import_id": row["import_id"], "source_row": row["source_row"]}
    return str(row["said_id"])


def _write_made(change: Change, workers: pd.DataFrame, ids: set[str], made: list[Row]) -> None:
    """Write the workers that lists of units make; those that have become somebody else's go."""
    gone = sorted(set(workers["worker_id"]) & ids)
    if gone:
        change.session.delete("workers", where={"worker_id": gone})
    if made:
        change.session.append("workers", pd.DataFrame(made, dtype=object).astype({"source_row": "Int64"}))


# what they answer for -------------------------------------------------------------------------------------------------
def _found(change: Change, said: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Find the units of what is said and still open; give the new duties, and what is to be told."""
    session, active = change.session, change.get("active_plan_id")
    known = set(session.read(DUTIES, columns=["said_id"])["said_id"].dropna())
    told: list[Note] = []
    open_ = said[said["plan_id"].isna() & said["unit_said"].notna()]
    if len(open_) and active is None:
        told.append(note("duties_no_plan_yet", count=len(open_)))
    elif len(open_):
        units = session.read("units", where={"plan_id": active})
        resolved, told = _resolved(open_, units, str(active))
        session.upsert(SAID, resolved)
        said = said.set_index("said_id")
        said.update(resolved.set_index("said_id"))
        said = said.reset_index()
    rows = said[~said["said_id"].isin(known) & said["plan_id"].notna() & said["worker_id"].notna()]
    fresh = _duties_of(rows)
    if len(fresh):
        workers, units_ = fresh["worker_id"].nunique(), fresh["unit_id"].nunique()
        told = [note("duties_done", count=len(fresh), people=workers, count_units=units_), *told]
    return fresh, told


def _duties_of(said: pd.DataFrame) -> pd.DataFrame:
    """Give one duty for each unit of what is said."""
    columns = ["said_id", "worker_id", "plan_id", "role", "share", "from", "to"]
    made = [
        {**{name: row[name] for name in columns}, "unit_id": unit, "role": row["role"] or "", "followed_from": None}
        for row in said.to_dict("records")
        for unit in row["units"] or ()
    ]
    return pd.DataFrame(made, columns=TABLES[DUTIES].names, dtype=object).drop_duplicates(following.KEY)


def _resolved(open_: pd.DataFrame, units: pd.DataFrame, plan_id: str) -> tuple[pd.DataFrame, list[Note]]:
    """Find the units that words mean in a plan; what names none stays open."""
    names, every = Names(units), catalog.layer("roles")["all"]["words"]
    found: list[Row] = []
    unknown: list[str] = []
    several: list[str] = []
    for said_id, words in zip(open_["said_id"], open_["unit_said"], strict=True):
        meant = names.meant(str(words), every=every)
        unknown += meant.unknown
        several += meant.ambiguous
        if meant.units:
            found.append({"said_id": said_id, "plan_id": plan_id, "units": list(meant.units)})
    told = [
        note(key, count=len(words), examples=list(dict.fromkeys(words))[:MOST_TOLD])
        for key, words in (("duties_unknown_unit", unknown), ("duties_unclear_unit", several))
        if words
    ]
    return pd.DataFrame(found, columns=["said_id", "plan_id", "units"], dtype=object), told


# along with plans -----------------------------------------------------------------------------------------------------
def into_plan(change: Change, plan: Plan, base_id: str, parts: pd.DataFrame) -> None:
    """Let the duties of a plan go along into the one that goes on from it; inside a change."""
    stored = change.session.read(DUTIES, where={"plan_id": base_id})
    if stored.empty:
        return
    before = plan_of(change.session, base_id)
    made = following.into_plan(stored, before, plan_of(change.session, plan.plan_id), parts)
    if len(made.duties):
        change.session.append(DUTIES, made.duties)


def through_edit(change: Change, before: Plan, parts: pd.DataFrame) -> list[Note]:
    """Let duties go along through an edit that is written already, and say what could not; inside a change."""
    session, plan_id = change.session, before.plan_id
    stored = session.read(DUTIES, where={"plan_id": plan_id})
    if stored.empty:
        return []
    made = following.through_edit(stored, before, plan_of(session, plan_id), parts)
    fresh = len(made.duties.merge(stored[following.KEY], how="left", indicator=True).query("_merge == 'left_only'"))
    if not made.duties.equals(stored):
        session.replace(DUTIES, made.duties, where={"plan_id": plan_id})
    units = session.read("units", where={"plan_id": plan_id}, columns=["plan_id", "unit_id", "code"])
    told = [note("duties_went_along", count=fresh)] if fresh else []
    told += [note("duties_lost", count=len(made.lost))] if len(made.lost) else []
    if made.without:
        told.append(note("duties_without", count=len(made.without), examples=called(units, made.without)))
    return told


def told_of(project: Project, plan_id: str, base_id: str | None) -> list[Note]:
    """Say of a new plan how many duties came along from the one before, and which units nobody answers for."""
    with project.store.reading() as session:
        rows = session.read(DUTIES)
        plan = plan_of(session, plan_id)
        units = session.read("units", where={"plan_id": plan_id}, columns=["plan_id", "unit_id", "code"])
    mine, theirs = (rows[rows["plan_id"] == one] for one in (plan_id, base_id))
    if mine.empty and theirs.empty:
        return []
    lost = set(theirs["worker_id"]) - set(mine["worker_id"])
    told = [note("duties_in_plan", count=len(mine), people=mine["worker_id"].nunique())]
    told += [note("duties_people_left", count=len(lost))] if lost else []
    return [*told, *_vacant(mine, plan, units)]


def vacancies(project: Project) -> tuple[list[Note], dict[str, Any]]:
    """Say which units of the active plan nobody answers for, where anybody answers for any."""
    active = project.fact("active_plan_id")
    if active is None:
        return [], {}
    with project.store.reading() as session:
        rows = session.read(DUTIES, where={"plan_id": active})
        if rows.empty:
            return [], {}
        plan = plan_of(session, active)
        units = session.read("units", where={"plan_id": active}, columns=["plan_id", "unit_id", "code"])
    rows = in_force(rows, units)
    facts = {"duties": len(rows), "workers": int(rows["worker_id"].nunique())}
    codes = called(units, following.vacant(rows, plan))
    return _vacant(rows, plan, units), {**facts, "units_vacant": codes}


def in_force(duties: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Keep the duties that hold today, of units that are there."""
    return following.in_force(duties, set(zip(units["plan_id"], units["unit_id"], strict=True)), now().date())


def _vacant(rows: pd.DataFrame, plan: Plan, units: pd.DataFrame) -> list[Note]:
    codes = called(units, following.vacant(in_force(rows, units), plan))
    return [note("duties_vacant", count=len(codes), of=len(plan.units), examples=named(codes))] if codes else []
