"""What stands among the rows of a list and is none of them: totals, notes, the header again, examples, blank rows.

Each is told from whole columns: a million rows are looked at one by one only where a word of such a row occurs.
"""

import re
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap.sources import texts

_SUM = r"(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*和|合\s*計|總\s*計|小\s*計|共\s*計)"
# What Excel's own subtotals write below each group: 幸福小区 汇总, East Total, East Count.
GROUP = re.compile(r"(.{1,60}?)\s*(?:汇\s*总|(?<=\s)(?:sub-?)?(?:total|count))", re.IGNORECASE | re.DOTALL)
TOTAL = re.compile(
    rf"(?:本页|总|以上)?{_SUM}(?:数|[:：])?|[^\d]{{1,20}}{_SUM}"
    rf"|(?:本页|总|以上|.{{1,30}}\s)?{_SUM}\s*[:：]\s*\d.*"
    r"|(?:grand\s*|sub\s*-?)?totals?(?:\s*[:：])?|sum|(?:grand\s*|sub\s*-?)?totals?\b[^:：]{0,30}[:：]\s*\d.*|汇\s*总",
    re.IGNORECASE,
)
OF_ALL = re.compile(
    rf"(?:总|以上)?{_SUM}(?:数|[:：])?(?:\s*[:：]?\s*\d.*)?|(?:grand\s*)?(?:totals?|count|sum)\b[a-z\s:：-]*(?:\d.*)?",
    re.IGNORECASE,
)
SUBTOTAL = re.compile(r"小\s*[计計]|sub|本页", re.IGNORECASE)
FOOTER = re.compile(
    r"(?:填表|制表|填报|审核|复核|负责|经办|备注|说明|注|盖章|日期|统计时间|联系|打印|共|第"
    r"|note|notes|source|prepared by|page)"
    r"\s*(?:人|日期|时间|单位|电话)?\s*(?:[:：].*|\d+\s*(?:页|户|条|行|/|of).*)",
    re.IGNORECASE | re.DOTALL,
)
EXAMPLE = re.compile(r"(?:示例|example)\s*[:：].*", re.IGNORECASE | re.DOTALL)
HINTS = (
    "计", "計", "总和", "总 和", "汇总", "汇 总", "示例", "填表", "制表", "填报", "审核", "复核", "负责", "经办",
    "备注", "说明", "注", "盖章", "日期", "时间", "联系", "打印", "共", "第",
)  # fmt: skip
HINTS_ASCII = ("total", "count", "sum", "example", "note", "source", "prepared", "page")
ERRORS = frozenset({
    "#?", "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA",
    "#FIELD!", "#BLOCKED!", "#BUSY!",
})  # fmt: skip
WORD = re.compile(r"[^\W\d]")
MOST_WORDS_OF_A_TOTAL, MOST_CELLS_OF_A_FOOTER, FEWEST_NUMBERED = 2, 3, 3
Flags = npt.NDArray[np.bool_]


class Framing:
    """The text cells of a list, each column joined once, so that what occurs nowhere is sought nowhere."""

    def __init__(self, frame: pd.DataFrame, header: Sequence[str]) -> None:
        self._cells = {name: frame[name].tolist() for name in header}
        self._joined = {name: texts.SEPARATOR.join(cells) for name, cells in self._cells.items()}
        self._rows = len(frame)
        self._groups: dict[str, set[str]] = {}

    def furniture(self) -> dict[str, Flags]:
        """Tell totals, examples and notes: reason -> rows."""
        found = {reason: np.zeros(self._rows, dtype=bool) for reason in ("total_row", "example_row", "not_a_row")}
        hinted = set[int]().union(*(self._hinted(name) for name in self._cells))
        for row in sorted(hinted):
            told = {name: cells[row].strip() for name, cells in self._cells.items()}
            reason = _kind(list(told.values()), of_group=any(self._sums_a_group(*one) for one in told.items()))
            if reason:
                found[reason][row] = True
        found["column_numbers"] = self._numbered()
        return found

    def _sums_a_group(self, name: str, cell: str) -> bool:
        """Tell the sum of rows above by the name that these bear in the same column: a shop may be called Total."""
        found = GROUP.fullmatch(cell)
        if found is None:
            return False
        if name not in self._groups:
            self._groups[name] = {one.strip() for one in set(self._cells[name])}
        return found[1].strip() in self._groups[name]

    def _numbered(self) -> Flags:
        """Tell a row right below the header that only numbers the columns: 1, 2, 3 …"""
        found = np.zeros(self._rows, dtype=bool)
        if self._rows and len(self._cells) >= FEWEST_NUMBERED:
            first = [cells[0].strip() for cells in self._cells.values()]
            found[0] = first == [str(number) for number in range(1, len(first) + 1)]
        return found

    def again(self, names: Iterable[str]) -> Flags:
        """Tell rows that repeat the header."""
        known = list(names)
        same = np.zeros(self._rows, dtype=np.int64)
        for name in known:
            if name in self._joined[name]:
                cells = self._cells[name]
                same += np.fromiter((text.strip() == name for text in cells), dtype=bool, count=len(cells))
        return np.asarray(same >= min(2, max(1, len(known))))

    def blank(self, names: Iterable[str]) -> Flags:
        """Tell rows with nothing in any of these columns."""
        found = np.ones(self._rows, dtype=bool)
        for name in names:
            if not found.any():
                break
            found &= texts.blank(self._cells[name])
        return found

    def errors(self, name: str) -> Flags | None:
        """Tell cells in which the spreadsheet shows an error; None where there is none."""
        if "#" not in self._joined[name]:
            return None
        cells = self._cells[name]
        return np.fromiter((text.strip().upper() in ERRORS for text in cells), dtype=bool, count=len(cells))

    def _hinted(self, name: str) -> set[int]:
        """Give rows in whose cell a word of such rows occurs."""
        text = self._joined[name].casefold()
        wanted = [hint for hint in (HINTS_ASCII if text.isascii() else HINTS + HINTS_ASCII) if hint in text]
        if not wanted:
            return set()
        sought = re.compile("|".join(wanted), re.IGNORECASE)
        told = {one for one in set(self._cells[name]) if sought.search(one)}
        return {row for row, one in enumerate(self._cells[name]) if one in told}


def is_subtotal(cells: Iterable[str]) -> bool:
    """Tell the total of a page or group from that of the whole list."""
    stripped = [text.strip() for text in cells]
    told = [text for text in stripped if WORD.search(text) and TOTAL.fullmatch(text)]
    worded = [text for text in stripped if WORD.search(text)]
    return any(SUBTOTAL.search(text) for text in told) or (bool(told) and worded[0] != told[0]) or not _of_all(told)


def _of_all(told: Sequence[str]) -> bool:
    """Tell that a total names nothing of which it is the total: 合计, not 幸福小区合计."""
    return any(OF_ALL.fullmatch(text) for text in told)


def _kind(cells: Sequence[str], *, of_group: bool) -> str | None:
    """Say what a row is if it is none of the list, by its cells of words; `of_group`: one names a group and its sum."""
    words = [text for text in cells if WORD.search(text)]
    if not words:
        return None
    if (of_group or any(TOTAL.fullmatch(text) for text in words)) and len(words) <= MOST_WORDS_OF_A_TOTAL:
        return "total_row"
    if EXAMPLE.fullmatch(words[0]):
        return "example_row"
    footing = FOOTER.fullmatch(words[0]) and sum(map(bool, cells)) <= MOST_CELLS_OF_A_FOOTER
    return "not_a_row" if footing else None
