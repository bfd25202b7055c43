"""Counts by hexagon of which only the middle is given: nobody lives in the house that happens to stand there."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from govmap.sources import values

if TYPE_CHECKING:
    from govmap.sources.sieve import Sieve

# H3 (Uber Technologies, 2018): 15 hexadecimal digits, the first 8, the second the resolution, the end filled with f.
H3 = re.compile(r"8[0-9a-f]{6,14}f*")
DIGITS, MOST, LOOKED_AT = 15, 0.9, 100


def refuse(sieve: "Sieve", shapes: "pd.Series[Any]") -> None:
    """Reject rows that count hexagons known by their code and middle alone; hexagons drawn as areas are taken."""
    theirs = coded(sieve.frame)
    if theirs is None:
        return
    areas = shapely.area(np.asarray(shapes.to_numpy(object), dtype=object)) > 0
    sieve.mark(~np.nan_to_num(areas).astype(bool), "hexagon_without_shape", theirs)


def coded(frame: pd.DataFrame) -> str | None:
    """Name the column in which nearly every cell is a code of H3; None where there is none."""
    for theirs in frame.columns:
        if theirs == "source_row":
            continue
        head = next(filter(None, map(values.clean, frame[theirs].iloc[:LOOKED_AT])), None)
        if head is not None and len(head) != DIGITS:
            continue
        filled = frame[theirs].map(values.clean)
        filled = filled[filled != ""]
        if len(filled) and filled.iloc[0].casefold().startswith("8") and len(filled.iloc[0]) == DIGITS:
            codes = filled.str.casefold()
            if ((codes.str.len() == DIGITS) & codes.str.fullmatch(H3)).mean() >= MOST and codes.str.endswith("f").all():
                return str(theirs)
    return None
