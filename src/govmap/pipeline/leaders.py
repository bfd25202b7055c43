"""Who answers for a building or a stairwell of it (楼栋长, 单元长): found from what lists say, whatever the plan.

Lists say a place in words (`duties_said.building_said`); `leaders` holds which building that is. It is made anew from
what is said whenever a list of people comes or goes, and with every attach: a building that has its number only now is
found then.
"""

from typing import Any

import pandas as pd

from govmap import addresses
from govmap.attach.gazetteer import Gazetteer
from govmap.messages import Note, note
from govmap.project import Change
from govmap.schema import TABLES

TABLE = "leaders"
MOST_TOLD = 3


def settle(change: Change, said: pd.DataFrame) -> list[Note]:
    """Find the buildings that statements name, and say how many were found; inside a change."""
    mine = said[said["building_said"].notna() & said["worker_id"].notna()].sort_values("said_id")
    session = change.session
    if mine.empty:
        session.delete(TABLE)
        return []
    tables = {name: session.read(name) for name in ("buildings", "addresses", "compounds", "aliases")}
    gazetteer = Gazetteer(*(tables[name] for name in ("buildings", "addresses", "compounds", "aliases")))
    known = {text: _building(str(text), gazetteer) for text in mine["building_said"].unique()}
    found = mine.assign(building_id=mine["building_said"].map(known).astype(object))
    found["entrance"] = [addresses.parse(text).entrance or None for text in found["building_said"]]
    made = found[found["building_id"].notna()]
    before = session.count(TABLE)
    session.replace(TABLE, made[[name for name in TABLES[TABLE].names if name in made]])
    return _told(found, made, before)


def _building(text: str, gazetteer: Gazetteer) -> str | None:
    return text if text in gazetteer.ids else gazetteer.find(text).building_id


def _told(found: pd.DataFrame, made: pd.DataFrame, before: int) -> list[Note]:
    """Say what is new, and which places no building is known by."""
    told = []
    if len(made) != before and len(made):
        people, buildings = made["worker_id"].nunique(), made["building_id"].nunique()
        told.append(note("leaders_done", people=people, buildings=buildings))
    lost: list[Any] = found.loc[found["building_id"].isna(), "building_said"].drop_duplicates().tolist()
    if lost:
        told.append(note("leaders_unknown", count=len(lost), examples=lost[:MOST_TOLD]))
    return told
