"""A year of incidents as a hotline exports them: some without coordinates, some doubled, a few plainly wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import shapely

from govmap.messages import Voice
from govmap.sources.sample.houses import Dwelling
from govmap.sources.sample.plan import Town
from govmap.sources.sample.registers import table
from govmap.sources.sample.sheets import Sheet
from govmap.sources.sample.town import ground_of, streets

YEAR = 2025
AS_TEXT = "%Y-%m-%d %H:%M"
DOUBLED = 3
# how a report says where it happened: by place and point, place alone, point alone, nothing, point with sides exchanged
SAID, SHARES = ("both", "place", "point", "nothing", "swapped"), (0.72, 0.21, 0.055, 0.01, 0.005)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of incident, how often, when and where it happens."""

    kind: str
    category: str
    weight: int
    hour: int
    months: tuple[int, ...]
    days: int
    places: tuple[str, ...]
    weights: tuple[int, ...]
    handler: str


def incidents(town: Town, dwellings: tuple[Dwelling, ...], seed: int, voice: Voice) -> Sheet:
    """Give the incidents of a year in the order of their coming in."""
    rng = Random(f"{seed} incidents")  # noqa: S311 - made-up events
    kinds = [_kind(line) for line in table(town, "incidents")]
    spots = _spots(town, dwellings)
    chosen = rng.choices(kinds, [kind.weight for kind in kinds], k=town.facts["incident_count"])
    moments = sorted((_moment(kind, rng), order) for order, kind in enumerate(chosen))
    rows = [_row(town, number, moment, chosen[order], spots, rng) for number, (moment, order) in enumerate(moments, 1)]
    rows += [list(rows[place]) for place in sorted(rng.sample(range(len(rows)), DOUBLED))]
    return Sheet(title="", head=voice.say("sample_incidents_head").split("|"), rows=rows)


def _kind(line: list[str]) -> Kind:
    kind, category, weight, hour, months, days, places, handler = line
    first, _, last = months.partition("-")
    named = [pair.rpartition(":") for pair in places.split(" ")]
    return Kind(
        kind=kind,
        category=category,
        weight=int(weight),
        hour=int(hour),
        months=tuple(range(int(first), int(last) + 1)),
        days=int(days),
        places=tuple(name.replace("_", " ") for name, _, _ in named),
        weights=tuple(int(weight) for _, _, weight in named),
        handler=handler,
    )


Spots = dict[str, list[tuple[str, tuple[float, float]]]]


def _spots(town: Town, dwellings: Iterable[Dwelling]) -> Spots:
    """Give the places where something can happen: buildings of a compound, points on a street."""
    found: Spots = {}
    for one in (one for one in dwellings if one.state == "standing"):
        plain = one.by_street or one.label.startswith(one.place)
        said = one.label if plain else town.facts["within"].format(place=one.place, label=one.label)
        found.setdefault(one.place, []).append((said, one.at))
    ground = shapely.buffer(ground_of(town), 12.0)
    for name, line in streets(town).items():
        inside = shapely.get_coordinates(shapely.intersection(shapely.segmentize(line, 15.0), ground))
        found.setdefault(name, [(name, (float(x), float(y))) for x, y in inside])
    return found


def _moment(kind: Kind, rng: Random) -> datetime:
    month = rng.choice(kind.months)
    day = datetime(YEAR, month, 1) + timedelta(days=rng.randrange(28) + rng.choice((0, 0, 0, 2)))  # noqa: DTZ001
    hour = min(23.9, max(0.1, rng.gauss(kind.hour, 2.6)))
    return day.replace(hour=int(hour), minute=rng.randrange(60))


def _row(town: Town, number: int, moment: datetime, kind: Kind, spots: Spots, rng: Random) -> list[Any]:
    [place] = rng.choices(kind.places, kind.weights)
    said, at = rng.choice(spots[place])
    closed = _in_office(moment + timedelta(days=rng.expovariate(1 / kind.days)), rng)
    stages, severities = town.facts["stages"], town.facts["severities"]
    stage = stages[0] if closed < datetime(YEAR + 1, 1, 1) else rng.choice(stages[1:])  # noqa: DTZ001
    return [
        f"{town.facts['ticket']}{YEAR}{number:05d}",
        kind.kind,
        kind.category,
        rng.choices(severities, (8, 2, 1))[0],
        moment.strftime(AS_TEXT),
        (moment + timedelta(days=2 * kind.days)).strftime(AS_TEXT),
        max(closed, moment).strftime(AS_TEXT) if stage == stages[0] else "",
        stage,
        *_where(town, said, at, rng),
        kind.handler,
        _satisfied(town, rng) if stage == stages[0] else "",
        f"000-{rng.randrange(10**8):08d}",
    ]


def _in_office(moment: datetime, rng: Random) -> datetime:
    """Give the next hour of work after a moment."""
    return moment.replace(hour=rng.randrange(9, 17), minute=rng.randrange(60)) + timedelta(days=moment.hour > 16)  # noqa: PLR2004 - four o'clock


def _where(town: Town, said: str, at: tuple[float, float], rng: Random) -> tuple[str, str, str]:
    """Give place, longitude and latitude as the report has them."""
    point = np.array([[at[0] + rng.gauss(0, 5), at[1] + rng.gauss(0, 5)]])
    [(x, y)] = town.ground.degrees(point)
    lon, lat = f"{x:.6f}", f"{y:.6f}"
    [way] = rng.choices(SAID, SHARES)
    ways = {"both": (said, lon, lat), "place": (said, "", ""), "point": ("", lon, lat), "swapped": (said, lat, lon)}
    return ways.get(way, ("", "", ""))


def _satisfied(town: Town, rng: Random) -> str:
    return str(rng.choices((town.facts["yes"], town.facts["no"], ""), (6, 1, 3))[0])
