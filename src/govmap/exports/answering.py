"""Who answers for a unit: the people who have its duty, else those who have that of the unit above it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

AT = "@"
JOINT, NOTHING = "、", "—"
FIELDS = ("worker", "worker_role", "worker_phone", "organisation")
OF_A_ROLE = ("worker", "worker_phone", "organisation")


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
