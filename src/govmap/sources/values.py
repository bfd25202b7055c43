"""Numbers and yes or no as people write them: parsed where there is one meaning, else named as bad."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap import addresses
from govmap.sources.moments import ages, times
from govmap.sources.texts import Parsed, clean, cleaned, each, pieces, texts

__all__ = ["Parsed", "ages", "clean", "cleaned", "flags", "numbers", "texts", "times"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
YES = frozenset(
    {"1", "是", "有", "对", "true", "t", "yes", "y", "√", "✓", "✔", "满意", "非常满意", "基本满意", "satisfied", "共享"}
)
NO = frozenset(
    {"0", "否", "无", "没有", "不", "false", "f", "no", "n", "×", "✗", "x", "不满意", "不共享", "unsatisfied"}
)
UNITS = re.compile(
    r"(?<=[\d.一二三四五六七八九十百千万两〇零])\s*"
    r"(?:户|人|口|套|栋|幢|层|楼|个|名|间|处|家|张|床|座|岁|周岁|米|分钟|小时|平方米|m2|㎡|m|hh|households?|persons?|people|min|h)$"
)
GROUPED = re.compile(r"[-+]?\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+|(?:'\d{3})+)(?:\.\d+)?")
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
SCALED = re.compile(r"(\d+(?:\.\d{1,4})?)\s*([百千万亿])")
SCALES = {"百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
# 三百五 is 350 to one and 305 to another; 万 alone is no number at all.
UNSURE_NUMERAL = re.compile(r"[百佰千仟万].*|.*[百佰千仟万][一二三四五六七八九两壹贰叁肆伍陆柒捌玖]")
LARGEST, MOST_DIGITS = 1e12, 12
BEYOND_WHOLE, BEYOND_PLAIN, BEYOND_SIGNED = (re.compile(rf"[^{marks}]") for marks in ("0-9", "0-9.", "0-9.-"))


def numbers(cells: "pd.Series[Any]", *, whole: bool, negative: bool = False) -> Parsed:
    """Read numbers: 1,234, １２, 十二户, 1.2万; a fraction where whole ones are wanted is bad, and so is 约120."""
    memo: dict[str, Any] = {}
    found = [_numbers(piece, memo, whole=whole, negative=negative) for piece in pieces(cells)]
    values = np.concatenate([one for one, _ in found]) if found else np.array([], dtype=float)
    bad = np.concatenate([one for _, one in found]) if found else np.array([], dtype=bool)
    column = pd.Series(values, index=cells.index)
    return Parsed(column.astype("Float64").astype("Int64") if whole else column, bad)


def flags(cells: "pd.Series[Any]") -> Parsed:
    """Read yes and no."""
    found = each(cells, _flag)
    bad = np.array([one is _BAD for one in found], dtype=bool)
    return Parsed(found.where(~bad, None).astype("boolean"), bad)


_BAD = object()
LONGEST, TOO_LONG = 120, "…"  # letters of a number with all that offices write around it; what stands for more


def _numbers(piece: Sequence[str], memo: dict[str, Any], *, whole: bool, negative: bool) -> tuple[Floats, Flags]:
    """Read some cells: at once where all are plain digits, else one by one."""
    beyond = BEYOND_WHOLE if whole else BEYOND_SIGNED if negative else BEYOND_PLAIN
    if not beyond.search("".join(piece)) and (not whole or max(map(len, piece)) <= MOST_DIGITS):
        try:
            values = np.fromiter(map(float, piece), dtype=float, count=len(piece))
        except ValueError:  # an empty cell, or a point too many
            pass
        else:
            bad = np.abs(values) > LARGEST
            return np.where(bad, np.nan, values), bad
    read = [
        memo[text] if text in memo else memo.setdefault(text, _number(text, whole=whole, negative=negative))
        for text in piece
    ]
    bad = np.array([one is _BAD for one in read], dtype=bool)
    return np.array([np.nan if one is None or one is _BAD else one for one in read], dtype=float), bad


def _number(text: str, *, whole: bool, negative: bool) -> Any:
    text = clean(text).casefold().replace("\u00a0", " ")
    text = UNITS.sub("", text if len(text) <= LONGEST else TOO_LONG).strip()
    if not text:
        return None
    numeral = addresses.numeral(text)
    if numeral is not None:
        return _BAD if UNSURE_NUMERAL.fullmatch(text) else numeral
    scaled = SCALED.fullmatch(text)
    if scaled:
        value = round(float(scaled[1]) * SCALES[scaled[2]], 4)
        return _BAD if value > LARGEST or (whole and not value.is_integer()) else value
    text = re.sub(r"[, ']", "", text) if GROUPED.fullmatch(text) else text
    if not NUMBER.fullmatch(text):
        return _BAD
    value = float(text)
    if abs(value) > LARGEST or (value < 0 and not negative) or (whole and not value.is_integer()):
        return _BAD
    return value


def _flag(text: str) -> Any:
    text = unicodedata.normalize("NFKC", text).strip().casefold()
    if text in YES:
        return True
    if text in NO:
        return False
    return None if not clean(text) else _BAD
