"""What becomes of references when rows of a sheet are put in or taken out, as a spreadsheet program does it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError

REFERENCE = re.compile(
    r"(?:(?P<sheet>'(?:[^']|'')+'|[^'!:]+)!)?"
    r"(?P<c0>\$?[A-Za-z]{1,3})?(?P<a0>\$?)(?P<r0>\d+)(?::(?P<c1>\$?[A-Za-z]{1,3})?(?P<a1>\$?)(?P<r1>\d+))?"
)


@dataclass(frozen=True)
class Moved:
    """
    Rows `first` to `last` of a sheet that become `count` rows; what stands below moves.

    With `last` = `first` - 1 rows are put in before `first`.
    """

    sheet: str
    first: int
    last: int
    count: int

    @property
    def by(self) -> int:
        """Rows by which all below moves."""
        return self.count - (self.last - self.first + 1)

    @property
    def new_last(self) -> int:
        """The last row of the list as it is now."""
        return self.first + self.count - 1

    def row(self, row: int) -> int:
        """Give the place of a row; one of the list that is no more stands for the last."""
        if row > self.last:
            return row + self.by
        return row if row < self.first else min(row, max(self.new_last, self.first))

    def span(self, low: int, high: int) -> tuple[int, int]:
        """Give the place of a range: one that ends with the list still does."""
        if self.first <= low and high <= self.last < high + 1 and self.last >= self.first:
            return self.row(low), self.new_last
        if low < self.first <= self.last == high:
            return low, self.new_last
        return self.row(low), self.row(high)

    def area(self, text: str) -> str:
        """Give ranges such as A1:B2 C3 their new places."""
        return " ".join(self._one(one) for one in text.split())

    def formula(self, text: str, *, here: bool) -> str:
        """
        Give a formula whose references follow.

        Parameters
        ----------
        here
            The formula stands on the sheet itself, so that references without a sheet are to it.
        """
        return rewritten(text, lambda one: self._one(one) if self._is_ours(one, here=here) else one)

    def copied(self, text: str, row: int, to: int) -> str:
        """Give the formula of one row of the list for another: what it refers to in its own row goes with it."""

        def follow(one: str) -> str:
            return self._one(one, row, to) if self._is_ours(one, here=True) else one

        return rewritten(text, follow)

    def _is_ours(self, reference: str, *, here: bool) -> bool:
        found = REFERENCE.fullmatch(reference)
        if found is None:
            return False
        sheet = found["sheet"]
        return here if sheet is None else sheet.strip("'").replace("''", "'").casefold() == self.sheet.casefold()

    def _one(self, reference: str, row: int | None = None, to: int = 0) -> str:
        found = REFERENCE.fullmatch(reference)
        if found is None:
            return reference
        low, high = int(found["r0"]), int(found["r1"] or found["r0"])
        if row is not None and self.first <= low <= high <= self.last and not (found["a0"] or found["a1"]):
            low, high = low - row + to, high - row + to
        else:
            low, high = self.span(low, high) if found["r1"] else (self.row(low),) * 2
        sheet = f"{found['sheet']}!" if found["sheet"] else ""
        end = f":{found['c1'] or ''}{found['a1'] or ''}{high}" if found["r1"] else ""
        return f"{sheet}{found['c0'] or ''}{found['a0']}{low}{end}"


def rewritten(text: str, change: Callable[[str], str]) -> str:
    """Give a formula in which every reference is changed; one that cannot be read stays as it is."""
    try:
        tokens = Tokenizer(f"={text}").items
    except (TokenizerError, IndexError):
        return text
    return "".join(
        change(one.value) if one.type == Token.OPERAND and one.subtype == Token.RANGE else one.value for one in tokens
    )
