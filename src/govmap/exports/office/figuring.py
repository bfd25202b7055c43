"""Results of the formulas that forms have: sums, counts and the four operations, so that a preview shows them too.

What is not understood is left to the program that opens the workbook, which calculates everything anew.
"""

import re
from typing import TYPE_CHECKING, Any

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.utils import range_boundaries

from govmap.exports.office.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable

DEEPEST = 50
SUBTOTALS = {1: "AVERAGE", 2: "COUNT", 3: "COUNTA", 4: "MAX", 5: "MIN", 9: "SUM"}
HIDDEN_TOO = 100
MOST_CELLS = 200_000


class _UnknownError(Exception):
    """A formula that is not understood."""


def figure(sheet: Sheet) -> None:
    """Write the result of every formula of a sheet that is understood, and take out those that are not."""
    known: dict[tuple[int, int], float | None] = {}
    for row, column in sorted(sheet.cells):
        if sheet.formula(row, column) is not None:
            sheet.put_result(row, column, _Reckoner(sheet, known).result(row, column))


class _Reckoner:
    def __init__(self, sheet: Sheet, known: dict[tuple[int, int], float | None]) -> None:
        self.sheet, self.known, self.depth = sheet, known, 0
        self.tokens: list[Any] = []
        self.here = (0, 0)
        self.without_subtotals = False

    def result(self, row: int, column: int) -> float | None:
        """Give the result of one cell's formula, None where it is not understood."""
        if (row, column) not in self.known:
            self.known[row, column] = None  # a circle has no result
            inner = _Reckoner(self.sheet, self.known)
            inner.depth, inner.here = self.depth + 1, (row, column)
            try:
                self.known[row, column] = inner.reckon(self.sheet.formula(row, column) or "")
            except (_UnknownError, TokenizerError, ZeroDivisionError, OverflowError, ValueError, IndexError):
                self.known[row, column] = None
        return self.known[row, column]

    def reckon(self, text: str) -> float:
        """Read a formula by precedence: sums of products of signed terms."""
        if self.depth > DEEPEST:
            raise _UnknownError
        self.tokens = [one for one in Tokenizer(f"={text}").items if one.type != Token.WSPACE]
        value = self._sum()
        if self.tokens:
            raise _UnknownError
        return round(value, 10) if value != int(value) else float(int(value))

    def _sum(self) -> float:
        value = self._product()
        while self._next("+", "-"):
            sign = 1 if self.tokens.pop(0).value == "+" else -1
            value += sign * self._product()
        return value

    def _product(self) -> float:
        value = self._term()
        while self._next("*", "/"):
            times = self.tokens.pop(0).value == "*"
            other = self._term()
            value = value * other if times else value / other
        return value

    def _next(self, *signs: str) -> bool:
        return bool(self.tokens) and self.tokens[0].type == Token.OP_IN and self.tokens[0].value in signs

    def _term(self) -> float:
        one = self.tokens.pop(0)
        if one.type == Token.OP_PRE:
            return self._term() * (-1 if one.value == "-" else 1)
        if one.type == Token.OPERAND and one.subtype == Token.NUMBER:
            return float(one.value)
        if one.type == Token.OPERAND and one.subtype == Token.RANGE:
            return self._single(one.value)
        if one.type == Token.PAREN and one.subtype == Token.OPEN:
            value = self._sum()
            self.tokens.pop(0)
            return value
        if one.type == Token.FUNC and one.subtype == Token.OPEN:
            return self._function(one.value[:-1].upper())
        raise _UnknownError

    def _function(self, name: str) -> float:
        if name == "ROW" and self.tokens[0].type == Token.FUNC:
            self.tokens.pop(0)
            return float(self.here[0])
        self.without_subtotals = name == "SUBTOTAL"
        given = self._arguments()
        if name == "SUBTOTAL":
            name = SUBTOTALS.get(int(given[0][0] or 0) % HIDDEN_TOO, "")
            return self._aggregate(name, [one for some in given[1:] for one in some])
        if name == "ROUND":
            return round(given[0][0] or 0.0, int(given[1][0] or 0))
        return self._aggregate(name, [one for some in given for one in some])

    def _aggregate(self, name: str, values: list[Any]) -> float:
        numbers = [one for one in values if isinstance(one, float)]
        known: dict[str, Callable[[], float]] = {
            "SUM": lambda: sum(numbers),
            "COUNT": lambda: float(len(numbers)),
            "COUNTA": lambda: float(sum(one is not None for one in values)),
            "AVERAGE": lambda: sum(numbers) / len(numbers),
            "MAX": lambda: max(numbers, default=0.0),
            "MIN": lambda: min(numbers, default=0.0),
        }
        if name not in known:
            raise _UnknownError
        return known[name]()

    def _arguments(self) -> list[list[Any]]:
        """Read the arguments of a function: each the cells of a range, or one value."""
        given: list[list[Any]] = []
        while not (self.tokens[0].type == Token.FUNC and self.tokens[0].subtype == Token.CLOSE):
            if self.tokens[0].type == Token.SEP:
                self.tokens.pop(0)
            first, second = self.tokens[0], self.tokens[1]
            if first.type == Token.OPERAND and first.subtype == Token.RANGE and second.type in (Token.SEP, Token.FUNC):
                given.append(self._cells(self.tokens.pop(0).value))
            else:
                given.append([self._sum()])
        self.tokens.pop(0)
        return given

    def _single(self, reference: str) -> float:
        cells = self._cells(reference)
        if len(cells) != 1 or isinstance(cells[0], str):
            raise _UnknownError
        return cells[0] or 0.0

    def _cells(self, reference: str) -> list[Any]:
        """Give the values of a range: numbers, words, None where a cell is empty."""
        if not re.fullmatch(r"\$?[A-Z]{1,3}\$?\d+(:\$?[A-Z]{1,3}\$?\d+)?", reference):
            raise _UnknownError
        c0, r0, c1, r1 = range_boundaries(reference.replace("$", ""))
        if r0 is None or c0 is None or r1 is None or c1 is None or (r1 - r0 + 1) * (c1 - c0 + 1) > MOST_CELLS:
            raise _UnknownError
        places = [(row, column) for row in range(r0, r1 + 1) for column in range(c0, c1 + 1)]
        return [self._value(*place) for place in places if not (self.without_subtotals and self._subtotals(*place))]

    def _subtotals(self, row: int, column: int) -> bool:
        return (self.sheet.formula(row, column) or "").upper().startswith("SUBTOTAL(")

    def _value(self, row: int, column: int) -> Any:
        cell = self.sheet.cells.get((row, column))
        if cell is None:
            return None
        if self.sheet.formula(row, column) is not None:
            inside = self.result(row, column)
            if inside is None:
                raise _UnknownError
            return inside
        text = self.sheet.text(row, column)
        if not text:
            return None
        return text if cell.getAttribute("t") in ("s", "inlineStr", "str", "b", "e") else float(text)
