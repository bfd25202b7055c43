"""What a list in prose names: buildings of a compound, stretches of a street, whole names; and how numbers run on."""

from dataclasses import dataclass

from govmap.addresses.forms import numeral

LONGEST_RANGE = 500
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Stretch:
    """
    What one name of a list covers.

    `kind` is `building` (numbers of a compound's buildings), `street` (house numbers, `low` to `high` on one side or
    both; `number` where one alone is said, as it is written), or `whole` (a name without numbers). `entrances` and
    `floors` (the lowest and the highest) narrow one building. `going_on` says that numbers which follow are exceptions
    too.
    """

    name: str
    kind: str
    numbers: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    parity: str = "all"
    without: tuple[str, ...] = ()
    entrances: tuple[str, ...] = ()
    floors: tuple[int, int] | None = None
    number: str = ""
    going_on: bool = False


@dataclass(frozen=True)
class Listed:
    """
    What a piece of prose names, and what in it was not understood: place in the text, words.

    `nameless` are buildings that are only counted: place, the compound they stand in (empty for none), how many.
    """

    stretches: tuple[Stretch, ...]
    unknown: tuple[tuple[int, str], ...]
    nameless: tuple[tuple[int, str, int], ...] = ()


def span(low_text: str, high_text: str) -> tuple[str, ...]:
    """Give every number from low to high; a letter before them stays, and letters alone run from A to D."""
    if len(low_text) == len(high_text) == 1 and low_text in _LETTERS and high_text in _LETTERS:
        return tuple(_LETTERS[_LETTERS.index(low_text) : _LETTERS.index(high_text) + 1]) or (low_text,)
    low, high = value(low_text), value(high_text)
    letter = low_text[0] if low_text[:1].isascii() and low_text[:1].isalpha() else ""
    if low is None or high is None or not 0 <= high - low <= LONGEST_RANGE or low == high:
        return (low_text if numeral(low_text) is None else str(numeral(low_text)),)
    return tuple(f"{letter}{number}" for number in range(low, high + 1))


def value(text: str) -> int | None:
    """Read a number with or without a letter beside it, in digits or Chinese; None where it is none."""
    digits = text.lstrip(_LETTERS).rstrip(_LETTERS)
    return int(digits) if digits.isdigit() else numeral(digits)
