"""Who answers for which unit, as a list of workers or of units says it: one statement a person, unit cell and role.

A mobile number is kept only where its column says that it is the office's own (办公电话) or the user does; any other
may be private, and is left out and told.
"""

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from govmap import addresses
from govmap.messages import note
from govmap.sources import moments, named, roles
from govmap.sources.sieve import Sieve, given

if TYPE_CHECKING:
    from govmap.sources.content import Clock

_BETWEEN = re.compile(r"[、,，;；/|\n]")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*([%％]?)")
WHOLE = 100
Said = dict[str, Any]


def of_workers(sieve: Sieve, frame: pd.DataFrame, clock: "Clock") -> pd.DataFrame:
    """Add to workers what their row says they answer for (`said`), and leave out telephones that may be private."""
    frame = frame.assign(office_phone=_phones(sieve, frame)) if "office_phone" in frame else frame
    role = _roles(sieve, frame)
    frame = frame.assign(role=role) if role is not None else frame
    unit = given(sieve, "unit")
    days = {name: _days(sieve, f"duty_{name}", clock) for name in ("from", "to")}
    wrong = [bool(a and b and a > b) for a, b in zip(days["from"], days["to"], strict=True)]
    sieve.mark(np.array(wrong, dtype=bool), "duty_ends_first", sieve.columns.theirs("duty_to"))
    shares = _shares(sieve)
    words = [None] * len(frame) if unit is None else [cell.strip() or None for cell in unit]
    role_words = frame["role"].tolist() if "role" in frame else words
    address = named.texts(sieve.frame, sieve.columns, own_words=True)
    found: list[list[Said]] = []
    for row, cell in enumerate(words):
        role_said = role_words[row] if "role" in frame else None
        told: Said = {"unit": cell, "role": role_said, "share": shares[row]}
        told |= {"from": days["from"][row], "to": days["to"][row], "building": None}
        if roles.of_a_building(role_said):  # 楼栋长 of 幸福小区3号楼: no unit is sought by that name
            told["building"] = (cell if addresses.parse(cell).building else None) if cell else address.iloc[row]
        found.append([told] if (cell and not roles.is_vacant(cell)) or told["building"] else [])
    return frame.assign(said=pd.Series(found, index=frame.index, dtype=object))


def of_units(sieve: Sieve, places: "pd.Series[Any]") -> "pd.Series[Any]":
    """
    Give for each row of a list of units the people it names: a list of name, phone, role, building.

    `places` are words for the ground of each row: who answers for a building does so for the one named there.
    """
    ours = sieve.columns.ours
    columns = [theirs for theirs, name in ours.items() if name.startswith(roles.WORKER + roles.AT)]
    found: list[list[Said]] = [[] for _ in range(len(sieve.frame))]
    private: dict[str, int] = {}
    position = given(sieve, roles.ROLE)
    for theirs in columns:
        role = ours[theirs].partition(roles.AT)[2]
        phone = _phone_column(sieve, theirs, role)
        cells = sieve.frame[phone].tolist() if phone else [""] * len(sieve.frame)
        for row, (cell, number) in enumerate(zip(sieve.frame[theirs].tolist(), cells, strict=True)):
            if not cell or roles.is_vacant(cell):
                continue
            said = _with_phones(cell, number)
            posts = _posts(position.iloc[row] if position is not None else "", len(said))
            for (person, own), post in zip(said, posts, strict=True):
                kept = None if own is None else _public(own, phone if own in number else theirs, sieve, private)
                held = post if post and roles.says_little(role) else role or post
                place = places.iloc[row] if roles.of_a_building(held) else None
                found[row].append({"name": person, "phone": kept, "role": held, "building": place})
    _tell_private(sieve, private)
    return pd.Series(found, index=sieve.frame.index, dtype=object)


def _with_phones(cell: str, numbers: str) -> list[tuple[str, str | None]]:
    """Give the people of a cell with their telephones: those beside them, else those of the next column in order."""
    there = roles.people(cell)
    every = [one.strip() for one in _BETWEEN.split(numbers)] if numbers.strip() else []
    listed = every if len(every) == len(there) else [one for one in every if one]
    beside = listed if len(listed) == len(there) else listed * len(there) if len(listed) == 1 else []
    return [(one.name, one.phone or (beside[at] if beside else None)) for at, one in enumerate(there)]


def _posts(cell: str, count: int) -> list[str | None]:
    """Give the role of each of some people whose roles stand in one cell: one each in their order, or one for all."""
    every = [one.strip() for one in _BETWEEN.split(cell)]
    if len(every) != count:
        return [cell.strip() or None] * count
    return [None if roles.is_vacant(one) else one for one in every]


def _phone_column(sieve: Sieve, theirs: str, role: str) -> str | None:
    """Name the column of telephones that belongs to a column of names: that of its role, the next one first."""
    header = list(sieve.columns.ours)
    wanted = (f"{roles.PHONE}{roles.AT}{role}", f"{roles.PHONE}{roles.AT}")  # behind a column of roles it has no role
    behind = [one for one in header[header.index(theirs) :] if sieve.columns.ours[one] in wanted]
    return next(iter(behind), None)


def _public(phone: str, theirs: str | None, sieve: Sieve, private: dict[str, int]) -> str | None:
    """Give a telephone that the office itself publishes, None for one that may be private; count these."""
    phone = " ".join(phone.split())
    if not roles.is_telephone(phone):
        return None
    if not roles.is_mobile(phone) or (theirs and (roles.of_the_office(theirs) or theirs in sieve.columns.said)):
        return phone
    private[theirs or ""] = private.get(theirs or "", 0) + 1
    return None


def _tell_private(sieve: Sieve, private: dict[str, int]) -> None:
    for theirs, count in sorted(private.items()):
        field = sieve.columns.ours.get(theirs, "office_phone").replace(roles.WORKER + roles.AT, roles.PHONE + roles.AT)
        sieve.notes.append(note("duties_mobiles_left_out", column=theirs, count=count, field=field))


def _phones(sieve: Sieve, frame: pd.DataFrame) -> "pd.Series[Any]":
    theirs = sieve.columns.theirs("office_phone") or ""
    if roles.of_the_office(theirs) or theirs in sieve.columns.said:
        return frame["office_phone"]
    mobile = np.array([isinstance(one, str) and roles.is_mobile(one) for one in frame["office_phone"]], dtype=bool)
    if mobile.any():
        _tell_private(sieve, {theirs: int(mobile.sum())})
    return frame["office_phone"].where(~mobile, None)


def _roles(sieve: Sieve, frame: pd.DataFrame) -> "pd.Series[Any] | None":
    """Give the role of each row; where the list has no such column, its column of names may say it: 网格长."""
    theirs = sieve.columns.theirs("name")
    claim = roles.claims({theirs: theirs}, "units").get(theirs, "") if theirs else ""
    role = claim.partition(roles.AT)[2] or None
    if role is None or theirs in (None, "worker"):
        return None
    if "role" not in frame:
        return pd.Series([role] * len(frame), index=frame.index, dtype=object)
    return frame["role"].where(frame["role"].notna(), role)


def _days(sieve: Sieve, ours: str, clock: "Clock") -> list[date | None]:
    cells = given(sieve, ours)
    if cells is None:
        return [None] * len(sieve.frame)
    parsed = moments.times(cells, zone=clock.zone, order=clock.order, since=moments.since_of(sieve.raw.found))
    reasons = parsed.reasons if parsed.reasons is not None else "bad_time"
    sieve.mark(parsed.bad, reasons, sieve.columns.theirs(ours))
    local = parsed.values.dt.tz_convert(clock.zone)
    return [None if pd.isna(one) else one.date() for one in local]


def _shares(sieve: Sieve) -> list[float | None]:
    """Read shares of a duty: 50 %, 0.5 and 50 are a half."""
    cells = given(sieve, "duty_share")
    if cells is None:
        return [None] * len(sieve.frame)
    found: list[float | None] = []
    wrong = []
    for cell in cells.tolist():
        text = cell.strip()
        match = _SHARE.fullmatch(text)
        value = float(match[1]) if match else None
        value = value / WHOLE if value is not None and match is not None and (match[2] or value > 1) else value
        bad = bool(text) and (value is None or not 0 < value <= 1)
        wrong.append(bad)
        found.append(None if bad else value)
    sieve.mark(np.array(wrong, dtype=bool), "bad_float", sieve.columns.theirs("duty_share"))
    return found
