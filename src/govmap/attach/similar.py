"""Names that differ by one slip of the pen: a letter too many, too few, another, or two exchanged.

The names are indexed by what is left of them without any one letter (symmetric deletion, W. Garbe 2012), so that a
look-up costs as many steps as the name has letters, however many names there are. Chinese names are short, and one
other character makes another name of them: there only a character that sounds the same, two exchanged or one written
twice is a slip.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

SHORTEST, SHORTEST_HAN = 5, 3


class Similar:
    """Known names, to be found by others that are nearly the same."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_rest: dict[str, set[str]] = defaultdict(set)
        for name in sorted(set(names)):
            if _long_enough(name):
                for rest in (name, *_rests(name)):
                    self._by_rest[rest].add(name)

    def nearest(self, text: str) -> str | None:
        """
        Give the one name that a single slip turns into this text.

        None where there is no such name, where there are several, or where the text is too short for a slip to be told
        from another name; digits are never taken for a slip.
        """
        if not _long_enough(text):
            return None
        near = {name for rest in (text, *_rests(text)) for name in self._by_rest.get(rest, ()) if one_slip(text, name)}
        return near.pop() if len(near) == 1 else None


def one_slip(text: str, name: str) -> bool:
    """Tell whether one letter added, left out, written wrong or exchanged with the next makes one of the other."""
    if text == name or _digits(text) != _digits(name):
        return False
    same = next((at for at, (one, other) in enumerate(zip(text, name, strict=False)) if one != other), None)
    if same is None:
        same = min(len(text), len(name))
    one, other = text[same:], name[same:]
    if one[:2] == other[1::-1] and one[2:] == other[2:]:
        return True
    if one[1:] == other[1:] and one and other:
        return not (_is_han(one[0]) or _is_han(other[0])) or _sound(one[0]) == _sound(other[0])
    longer, shorter = (text, name) if len(text) > len(name) else (name, text)
    extra = longer[same : same + 1]
    return longer[same + 1 :] == shorter[same:] and (not _is_han(extra) or longer[same - 1 : same] == extra)


def _sound(letter: str) -> str:
    """Give how a character sounds, without tone and without what many speakers do not tell apart: zh z, ng n."""
    from pypinyin import lazy_pinyin  # its tables take most of a second to load

    sound: str = lazy_pinyin(letter)[0]
    return sound[:1] + sound[1:].removeprefix("h").removesuffix("g")


def _is_han(letter: str) -> bool:
    return "一" <= letter <= "鿿"


def _rests(text: str) -> Iterator[str]:
    for at in range(len(text)):
        yield text[:at] + text[at + 1 :]


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


def _long_enough(text: str) -> bool:
    han = sum(map(_is_han, text))
    return han >= SHORTEST_HAN or sum(letter.isalpha() for letter in text) >= SHORTEST
