"""Who answers for a unit: the people who have its duty, else those who have that of the unit above it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from govmap.messages import Voice

AT = "@"
JOINT, NOTHING = "、", "—"
FIELDS = ("worker", "worker_role", "worker_phone", "organisation")
OF_A_ROLE = ("worker", "worker_phone", "organisation")
LEADER = ("building_leader", "building_leader_phone")


@dataclass(frozen=True)
class Answering:
    """
    Who answers, one row a unit: `unit_id`, `FIELDS`, and for each role `worker@ROLE` and the like.

    `held` are the units for which anybody answers.
    """

    rows: pd.DataFrame
    roles: tuple[str, ...]
    held: frozenset[str]


def answering(tables: Mapping[str, pd.DataFrame], chains: Mapping[str, list[str]]) -> Answering:
    """
    Find who answers for each unit.

    Parameters
    ----------
    tables
        `duties` and `workers`, where the audience may see them.
    chains
        Of every unit itself and all above it, from itself up.
    """
    told = facts(tables)
    mine = {str(unit): rows for unit, rows in told.groupby("unit_id")}
    roles = tuple(sorted({one for one in told["worker_role"] if one}))
    rows = pd.DataFrame([_row(unit, chain, mine, roles) for unit, chain in chains.items()], dtype=object)
    held = frozenset(unit for unit, chain in chains.items() if any(one in mine for one in chain))
    return Answering(rows, roles, held)


def leaders(tables: Mapping[str, pd.DataFrame], rows: pd.DataFrame, of: str, voice: Voice) -> pd.DataFrame:
    """
    Give who answers for buildings, those of a stairwell with its number, one row a building or unit.

    Parameters
    ----------
    tables
        `leaders` and `workers`, where the audience may see them.
    rows, of
        Buildings with their `building_id`, and the column by which they are put together.
    """
    blank = pd.DataFrame({name: pd.Series([], dtype=object) for name in (of, *LEADER)})
    told, workers = tables.get("leaders"), tables.get("workers")
    if told is None or workers is None or told.empty:
        return blank
    who = told.merge(workers[["worker_id", "name", "office_phone"]], on="worker_id")
    who = who.merge(rows[list(dict.fromkeys(("building_id", of)))].drop_duplicates(), on="building_id")
    if who.empty:
        return blank
    who = who.sort_values(["building_id", "entrance", "said_id"], na_position="first", kind="stable")
    named = zip(who["name"].tolist(), who["entrance"].tolist(), strict=True)
    who["building_leader"] = [_with_door(str(name), door, voice) for name, door in named]
    who["building_leader_phone"] = who["office_phone"]
    made = [{of: one, **_aligned(some, LEADER)} for one, some in who.groupby(of, sort=True)]
    return pd.DataFrame(made, dtype=object)


def _with_door(name: str, entrance: str | None, voice: Voice) -> str:
    """Name somebody with the stairwell that is theirs."""
    if not isinstance(entrance, str):
        return name
    return voice.say("leaders_of_door", name=name, door=voice.say("roster_door", door=entrance))


def facts(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Give one row a duty: `unit_id` and `FIELDS` of whoever has it."""
    duties, workers = tables.get("duties"), tables.get("workers")
    if duties is None or workers is None:
        return pd.DataFrame({name: pd.Series([], dtype=object) for name in ("unit_id", *FIELDS)})
    known = workers.set_index("worker_id")
    duties = duties[duties["worker_id"].isin(known.index)].sort_values(["unit_id", "role", "worker_id"])
    worker = duties["worker_id"]
    role = duties["role"].where(duties["role"].notna() & (duties["role"] != ""), worker.map(known["role"]))
    return pd.DataFrame(
        {
            "unit_id": duties["unit_id"],
            "worker": worker.map(known["name"]),
            "worker_role": role.fillna(""),
            "worker_phone": worker.map(known["office_phone"]),
            "organisation": worker.map(known["organisation"]),
        },
        dtype=object,
    )


def _row(
    unit: str, chain: list[str], mine: Mapping[str, pd.DataFrame], roles: tuple[str, ...]
) -> dict[str, str | None]:
    nearest = next((mine[one] for one in chain if one in mine), None)
    row: dict[str, str | None] = {"unit_id": unit}
    row |= dict.fromkeys(FIELDS) if nearest is None else _aligned(nearest, FIELDS)
    for role in roles:
        found = (mine[one][mine[one]["worker_role"] == role] for one in chain if one in mine)
        theirs = next((rows for rows in found if len(rows)), None)
        told = dict.fromkeys(OF_A_ROLE) if theirs is None else _aligned(theirs, OF_A_ROLE)
        row |= {f"{name}{AT}{role}": text for name, text in told.items()}
    return row


def _aligned(rows: pd.DataFrame, fields: Sequence[str]) -> dict[str, str | None]:
    """
    Write people into one cell a field, in the same order in each, so that a reader can tell whose telephone is whose.

    What is the same for all of them is written once.
    """
    facts = rows[list(fields)].astype(object).where(rows[list(fields)].notna(), "").drop_duplicates()
    once = [list(dict.fromkeys(map(str, facts[name]))) for name in fields]
    return {
        name: _cell([str(one) or NOTHING for one in facts[name]] if len(some) > 1 else some)
        for name, some in zip(fields, once, strict=True)
    }


def _cell(words: list[str]) -> str | None:
    return JOINT.join(words) if any(word not in ("", NOTHING) for word in words) else None
