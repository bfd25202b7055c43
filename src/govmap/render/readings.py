"""How the Chinese characters of a page's names are read, so that they can be searched for by pinyin."""

from collections.abc import Mapping

import pandas as pd

from govmap.render.place import column

SEARCHED = {
    "units": ("code", "name"),
    "compounds": ("name", "name_zh"),
    "buildings": ("name", "number"),
    "features": ("name", "name_zh"),
    "resources": ("name",),
    "addresses": ("full",),
}
FIRST, LAST = "\u3400", "\u9fff"
READINGS = 2  # of a character: the usual one and one more; rarer ones would only bring what nobody looks for


def readings(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Give each Chinese character of the names that can be searched for, with its readings parted by a blank."""
    found = set[str]()
    for table, names in SEARCHED.items():
        if table in tables:
            for name in names:
                found.update(*column(tables[table], name).dropna().astype(str).unique())
    asked = sorted(one for one in found if FIRST <= one <= LAST)
    if not asked:
        return {}
    from pypinyin import Style, pinyin  # its tables take most of a second to load

    told = {one: pinyin(one, style=Style.NORMAL, heteronym=True)[0][:READINGS] for one in asked}
    return {one: " ".join(ways) for one, ways in told.items() if ways != [one]}
