"""Which duty answers for a report: the worker of the unit, or a contact by category; a complaint goes one level up.

Nobody answers for a complaint about himself or herself, and nobody sees it: it goes to the leader of the unit, else to
the leader of the unit above, else to the community's office. Sensitive kinds go to the office alone.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from govmap import catalog
from govmap.govern.posts import posts

OFFICE: None = None
BY_UNIT, BY_CATEGORY, ONE_UP, SENSITIVE, NO_UNIT, VACANT = (
    "unit", "category", "one_up", "sensitive", "no_unit", "vacant",
)  # fmt: skip
Held = Mapping[tuple[str, str], Sequence[str]]


def answers(incidents: pd.DataFrame, duties: pd.DataFrame, parents: Mapping[str, str | None]) -> pd.DataFrame:
    """
    Say who answers for each report.

    Parameters
    ----------
    incidents
        incident_id, unit_id (of the lowest level, missing where it lies in none), category, sensitive, `against` (the
        worker whom a complaint names, missing for all others).
    duties
        In force, with `post`: unit_id, worker_id, post.
    parents
        The unit above of each unit that has one.

    Returns
    -------
    answers
        One row a report, in the order given: incident_id, worker_id (None: the community's office), unit_id of the
        duty, post, why.
    """
    held = _held(duties)
    known: dict[tuple[object, ...], tuple[object, ...]] = {}
    rows = []
    columns = ["incident_id", "unit_id", "category", "sensitive", "against"]
    for incident, unit, category, sensitive, against in incidents[columns].itertuples(index=False):
        asked = (_text(unit), _route(_text(category)), bool(sensitive), _text(against))
        if asked not in known:
            known[asked] = _answer(*asked, held, parents)
        rows.append((incident, *known[asked]))
    return pd.DataFrame(rows, columns=["incident_id", "worker_id", "unit_id", "post", "why"], dtype=object)


def open_to(incidents: pd.DataFrame, worker_id: str | None = None) -> pd.DataFrame:
    """Leave out complaints that name this worker; without one (a list that goes to all workers) those that name any."""
    against = incidents["against"] if "against" in incidents else pd.Series(None, index=incidents.index, dtype=object)
    hidden = against.notna() if worker_id is None else against == worker_id
    return incidents[~hidden.fillna(value=False).to_numpy(bool)]


def _held(duties: pd.DataFrame) -> dict[tuple[str, str], list[str]]:
    """Give the workers of each unit and post, by id."""
    rows = duties.dropna(subset=["post"]).sort_values(["unit_id", "post", "worker_id"], kind="stable")
    found: dict[tuple[str, str], list[str]] = {}
    for unit, post, who in rows[["unit_id", "post", "worker_id"]].itertuples(index=False):
        found.setdefault((str(unit), str(post)), []).append(str(who))
    return found


def _answer(
    unit: str | None,
    route: str | None,
    secret: object,
    against: str | None,
    held: Held,
    parents: Mapping[str, str | None],
) -> tuple[object, ...]:
    if secret:
        return OFFICE, None, None, SENSITIVE
    if unit is None:
        return OFFICE, None, None, NO_UNIT
    chain = _chain(unit, parents)
    leaders = [name for name, post in posts().items() if post.leads]
    if against is not None:
        return _first(chain, leaders, held, ONE_UP, without=against)
    if route is not None:
        found = _first(chain, [route], held, BY_CATEGORY)
        if found[0] is not OFFICE:
            return found
    workers = [name for name, post in posts().items() if post.facts.get("wants")]
    return _first(chain, [*workers, *leaders], held, BY_UNIT)


def _first(
    chain: Sequence[str], wanted: Sequence[str], held: Held, why: str, *, without: str | None = None
) -> tuple[object, ...]:
    """Give the first who has one of these posts, from the unit up; the office where nobody has."""
    for unit in chain:
        for post in wanted:
            for who in held.get((unit, post), ()):
                if who != without:
                    return who, unit, post, why
    return OFFICE, None, None, why if without else VACANT


def _chain(unit: str, parents: Mapping[str, str | None]) -> list[str]:
    chain = [unit]
    while (above := parents.get(chain[-1])) is not None and isinstance(above, str) and above not in chain:
        chain.append(above)
    return chain


def _route(category: str | None) -> str | None:
    """Name the post that answers for a category, by the words of `[routes]` in `layers/roles.toml`."""
    text = (category or "").casefold()
    routes = catalog.layer("roles")["routes"]
    return next(
        (post for post, facts in routes.items() if any(word.casefold() in text for word in facts["words"])), None
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
