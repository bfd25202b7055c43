"""Which incidents are of a sensitive kind: those that never become a point, a street segment or a hot spot.

The words stand in `layers/sensitive.toml`. A kind is meant widely, for a mark too few costs little and one too many may
cost a person much; sentences are read more narrowly, for a word in passing makes no kind.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from govmap import catalog

BETWEEN = "\n"
WIDE = re.compile("[\uff21-\uff3a\uff41-\uff5a]")
Flags = npt.NDArray[np.bool_]


def rows(cells: "pd.Series[str] | pd.Series", *, sentences: bool = False) -> Flags:
    """
    Tell which cells name a sensitive kind.

    Parameters
    ----------
    cells
        Kinds and categories, or any text.
    sentences
        Read them as free text: phrases only, no single words that stand in many a sentence.
    """
    codes, unique = pd.factorize(cells, use_na_sentinel=True)
    told = np.append(_among([f"{one}" for one in unique], sentences=sentences), False)
    return np.asarray(told[codes], dtype=bool)


def _among(texts: list[str], *, sentences: bool) -> Flags:
    """Look through all texts in one pass, each a line of a long one; then once more at those where something stood."""
    found = np.zeros(len(texts), dtype=bool)
    lines = [text.replace(BETWEEN, " ") for text in texts]
    whole = _plain(BETWEEN.join(lines))
    ends = np.cumsum([len(line) + 1 for line in whole.split(BETWEEN)])
    words = _words("text" if sentences else "parts")
    for row in np.unique(np.searchsorted(ends, [*words.places(whole)], side="right")).tolist():
        spared = _words("except").without(_plain(lines[row]))
        found[row] = next(words.places(spared), None) is not None
    return found


def _plain(text: str) -> str:
    """Give a text in narrow and small letters; the costly look at every letter only where there are wide ones."""
    text = unicodedata.normalize("NFKC", text) if WIDE.search(text) else text
    return text.lower()


@dataclass(frozen=True)
class Words:
    """Words that are looked for anywhere (of signs) or where a word begins (of letters)."""

    signs: re.Pattern[str]
    letters: tuple[str, ...]

    def places(self, text: str) -> Iterator[int]:
        """Give where any of the words stands; single words of letters are found faster one by one."""
        yield from (match.start() for match in self.signs.finditer(text))
        for word in self.letters:
            at = text.find(word)
            while at >= 0:
                if at == 0 or not text[at - 1].isalpha() or not text[at - 1].isascii():
                    yield at
                at = text.find(word, at + 1)

    def without(self, text: str) -> str:
        """Take the words out of a text."""
        text = self.signs.sub(" ", text)
        for word in self.letters:
            text = text.replace(word, " ")
        return text


@cache
def _words(group: str) -> Words:
    layer = catalog.layer("sensitive")["incidents"]
    said = [*layer[group], *(layer["text"] if group == "parts" else ())]  # a phrase of sentences names a kind too
    words = sorted({word.lower() for word in said})
    signs = [re.escape(word) for word in words if not word.isascii()]
    return Words(re.compile("|".join(signs)), tuple(word for word in words if word.isascii()))
