"""How high and how wide a text is on paper; the width comes from whoever knows the font that is embedded."""

from typing import Protocol

from govmap.render.svg import WIDE

DIGITS_HIGH = 0.74  # of the size: digits and capitals of Noto Sans stand 0.733 high
TALL, FLAT, DEEP, WIDE_DEEP = 0.86, 0.02, 0.22, 0.10
HANGING = frozenset("gjpqyµ,;()[]{}|_Q@$/ÇçĄąĘęŞşŢţ")
FIRST_WIDE = 0x2E80
HIGHEST_PLAIN = 0x7F
STANDING = " -+.'’°"


class Measure(Protocol):
    """What says how wide a text of one line is, in millimetres."""

    def __call__(self, text: str, size_mm: float, *, bold: bool = False) -> float:
        """Measure a text."""


def extent(text: str) -> tuple[float, float]:
    """Say how far a text reaches above and below its base line, in parts of its size."""
    low = all(one.isdigit() or one.isupper() or one in STANDING for one in text)
    above = DIGITS_HIGH if low and all(ord(one) <= HIGHEST_PLAIN for one in text) else TALL
    if any(one in HANGING for one in text):
        return above, DEEP
    return above, WIDE_DEEP * WIDE if any(ord(one) >= FIRST_WIDE for one in text) else FLAT
