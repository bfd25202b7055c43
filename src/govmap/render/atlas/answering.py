"""The box that says who answers for a unit: names and telephones, the line above them, facts, and the unit's code."""

from collections.abc import Sequence
from dataclasses import dataclass

from govmap.render.atlas.desk import LARGE_MM, Desk, Person
from govmap.render.atlas.fonts import fitted, measured, shrunk, wrapped
from govmap.render.atlas.paper import Box
from govmap.render.svg import FAINT, INK, SOFT, Drawing

QR_MM = 17.0
LINE = "_"
FACE_MM = 24.0  # how high a photo is
PEOPLE = 3  # that the box has room for
LEAST = 0.7  # share of the usual size of letters that a name may shrink to before it is cut
MOST_LINES = 5  # of one fact
ENDS = (", ", "，", "、", "; ", "；")  # between the things that a fact lists
NOBODY = (Person("", "", ""),)


@dataclass(frozen=True)
class Written:
    """One line of the box: so far under the one before it, in millimetres, in letters of this size."""

    text: str
    down: float
    size: float
    colour: str = INK
    bold: bool = False


def people_of(desk: Desk, unit_id: str) -> tuple[Person, ...]:
    """Give who answers; a line to write on where nobody is known, and words for it where nobody is named yet."""
    if unit_id in desk.untold:
        return (Person("", desk.say("atlas_untold"), ""),)
    return desk.people.get(unit_id) or NOBODY


def height(desk: Desk, facts: Sequence[str], unit_id: str, wide: float) -> float:
    """Say how high the box must be to hold all its lines at a width, in millimetres."""
    text = sum(one.down for one in _lines(desk, facts, unit_id, wide))
    return max(text + 2, QR_MM + 8, (FACE_MM * desk.larger + 4) * (_photo(desk, unit_id) is not None))


def draw(made: Drawing, desk: Desk, facts: Sequence[str], unit_id: str, box: Box) -> None:
    """Write who answers, with lines to write on where nobody is named, the line above them, and the unit's code."""
    made.rect(box.x, box.y, box.wide, box.high, "#f5f7f8", stroke=FAINT, stroke_width=0.2)
    photo, high = _photo(desk, unit_id), min(FACE_MM * desk.larger, box.high - 4)
    if photo is not None:
        made.picture(box.x + 2, box.y + 2, high * 0.75, high, photo)
    x, y = box.x + 2 + _beside(desk, unit_id), box.y
    for one in _lines(desk, facts, unit_id, box.wide):
        y += one.down
        if y < box.low - 0.6:
            made.text(x, y, one.text, one.size, one.colour, bold=one.bold)
    _qr(made, str(desk.unit(unit_id)["unit_code"]), box.right - QR_MM - 2, box.y + 2)


def _lines(desk: Desk, facts: Sequence[str], unit_id: str, wide: float) -> list[Written]:
    """Write the box's lines for its width; those beside the code are shorter."""
    size, silent = LARGE_MM if desk.large else 3.4 * desk.larger, unit_id in desk.untold
    taken = _beside(desk, unit_id)
    room = wide - 6 - QR_MM - taken
    told = [Written(fitted(desk.say("atlas_who"), size * 0.8, room), size * 1.25, size * 0.8, SOFT, bold=True)]
    for person in people_of(desk, unit_id)[:PEOPLE]:
        told += _person(desk, person, size, room, silent=silent)
    small, row = size * 0.85 if desk.large else 2.7 * desk.larger, desk.unit(unit_id)
    more = [desk.line and desk.say("atlas_line", line=desk.line), *facts]
    more += [desk.say(f"atlas_{key}", told=row[key]) for key in ("responsible_org", "meeting_place") if row.get(key)]
    gap = small * 0.4
    for one in filter(None, more):
        beside_code = sum(line.down for line in told) < QR_MM + 4
        for line in _fact(str(one), small, room if beside_code else wide - 4 - taken):
            told.append(Written(line, small * 1.35 + gap, small))
            gap = 0.0
    return told


def _fact(told: str, size: float, room: float) -> list[str]:
    """Give the lines of a fact; one that is too long ends with dots after a whole thing of those it lists."""
    lines = wrapped(told, size, room)
    if len(lines) <= MOST_LINES:
        return lines
    most = sum(map(len, lines[:MOST_LINES]))
    cut = max(told.rfind(one, 0, most) for one in ENDS)
    return wrapped(f"{told[:cut]} …" if cut > 0 else told, size, room, most=MOST_LINES)


def _person(desk: Desk, person: Person, size: float, room: float, *, silent: bool) -> list[Written]:
    """Write one person: role and name in a line where they fit in it, else one under the other, and the telephone."""
    role, name = person.role or desk.say("atlas_answers"), person.name or desk.say("atlas_blank")
    told, above = name if silent else f"{role}  {name}", size * 1.6
    lines: list[Written] = []
    if person.name and measured(told, size * 1.15, bold=True) > room:
        lines.append(Written(fitted(role, size * 0.8, room), above, size * 0.8, SOFT))
        told, above = name, size * 1.35
    lines.append(_shrunk(told, above, size * 1.15, room, bold=True))
    phone = "" if silent else desk.say("atlas_phone", phone=person.phone or desk.say("atlas_blank"))
    return [*lines, _shrunk(phone, size * 1.45, size * 1.1, room)] if phone else lines


def _shrunk(told: str, down: float, size: float, room: float, *, bold: bool = False) -> Written:
    """Write a line smaller where it is too long, and cut it only then; a line to write on just ends there."""
    while told.endswith(LINE * 2) and measured(told, size, bold=bold) > room:
        told = told[:-1]
    kept, smaller = shrunk(told, size, room, size * LEAST, bold=bold)
    return Written(kept, down, smaller, INK, bold=bold)


def _photo(desk: Desk, unit_id: str) -> bytes | None:
    """Give the first photo there is of those who answer."""
    return next((one.photo for one in people_of(desk, unit_id)[:PEOPLE] if one.photo), None)


def _beside(desk: Desk, unit_id: str) -> float:
    """Say how much of the width a photo takes."""
    return 0.0 if _photo(desk, unit_id) is None else FACE_MM * desk.larger * 0.75 + 2


def _qr(made: Drawing, code: str, x: float, y: float) -> None:
    """Draw the unit's code, and nothing else, for a telephone's camera."""
    import segno

    rows = [list(row) for row in segno.make(code, micro=False, error="m").matrix]
    each = (QR_MM - 2) / len(rows)
    dark = [
        f"M{round((x + 1 + across * each) * 100)} {round((y + 1 + down * each) * 100)}"
        f"h{round(each * 100)}v{round(each * 100)}h-{round(each * 100)}z"
        for down, row in enumerate(rows)
        for across, one in enumerate(row)
        if one
    ]
    made.rect(x, y, QR_MM, QR_MM, "#ffffff")
    made.path("".join(dark), INK, shape_rendering="crispEdges")
    made.text(x + QR_MM / 2, y + QR_MM + 2.2, fitted(code, 2.2, QR_MM), 2.2, INK, anchor="middle")
