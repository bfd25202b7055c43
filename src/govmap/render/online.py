"""Base maps that others serve, for the pages that were asked to have one: where their tiles are, and who is asked.

The tiles of `gcj02` lie some hundred metres off; the page moves them under our data, never our data.
"""

import re
from collections.abc import Mapping
from typing import Any

from govmap import catalog
from govmap.errors import InputError

BASES = "online_bases"
KEY = re.compile(r"[0-9A-Za-z]{8,64}")


def online(name: str, key: str | None = None) -> dict[str, Any]:
    """
    Give the facts of a base map by its name in `layers/online_bases.toml`, the office's own key filled in.

    Raises
    ------
    InputError
        There is no base map of this name; it needs a key and none was given; or the key is none.
    """
    known = catalog.layer(BASES)
    if name not in known:
        raise InputError("online_no_base", wanted=name, known=sorted(known))
    base = known[name]
    if base["key"] and key is None:
        raise InputError("online_needs_key", wanted=name)
    if key is not None and not KEY.fullmatch(key):
        raise InputError("online_bad_key")
    told = {fact: base[fact] for fact in ("title", "hosts", "most", "datum", "credit")}
    return {"name": name, **told, "tiles": [tile.replace("{key}", key or "") for tile in base["tiles"]]}


def hosts(base: Mapping[str, Any] | None) -> list[str]:
    """Give the hosts that a page with this base map may ask for pictures; none without one."""
    if base is None:
        return []
    found = (re.match(r"https://[^/]+", tile) for tile in base["tiles"])
    named = {one[0] for one in found if one}
    return sorted({host.replace("{s}", each) for host in named for each in base["hosts"] or " "})
