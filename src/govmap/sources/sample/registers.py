"""The lists that the office of a sample community keeps: residents as counts, resources, workers, last year's plan."""

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

import numpy as np

from govmap.messages import Voice
from govmap.sources.sample.houses import Dwelling
from govmap.sources.sample.plan import Town, points
from govmap.sources.sample.sheets import Sheet

Row = list[Any]
FIRST_SUM = 5


def residents(town: Town, dwellings: Iterable[Dwelling], seed: int, voice: Voice) -> Sheet:
    """Give the register of residents: counts a building, sums a compound where nothing finer is known, and a total."""
    rng = Random(f"{seed} residents")  # noqa: S311 - made-up people
    rows = [_resident_row(one, rng, voice) for one in _with_missing(list(dwellings), town)]
    rows = _summed(rows, {place.name for place in town.places if place.facts.get("total_only")})
    numbered = [[number, *row] for number, row in enumerate(rows, 1)]
    sums = [sum(row[column] for row in numbered) for column in range(FIRST_SUM, FIRST_SUM + 8)]
    return Sheet(
        title=voice.say("sample_residents_title", community=town.facts["community"]),
        head=_head(voice, "sample_residents_head"),
        rows=numbered,
        total=[voice.say("sample_total"), *[""] * (FIRST_SUM - 1), *sums, ""],
    )


def resources(town: Town, voice: Voice) -> Sheet:
    """Give the list of resources: some on the map too, some not; a few by address alone."""
    rows = []
    for number, line in enumerate(table(town, "resources"), 1):
        *facts, where = line
        lon, lat, address = "", "", where
        if where[0].isdigit() and "," in where:
            [(x, y)] = town.ground.degrees(town.ground.lay(points(where)))
            lon, lat, address = f"{x:.6f}", f"{y:.6f}", ""
        rows.append([number, *facts, address, lon, lat])
    return Sheet(title="", head=_head(voice, "sample_resources_head"), rows=rows)


def workers(town: Town, voice: Voice) -> Sheet:
    """Give the list of workers."""
    rows = [[number, *line[:-1], int(line[-1])] for number, line in enumerate(table(town, "workers"), 1)]
    title = voice.say("sample_workers_title", community=town.facts["community"])
    return Sheet(title=title, head=_head(voice, "sample_workers_head"), rows=rows)


def former_plan(town: Town, dwellings: tuple[Dwelling, ...], seed: int, voice: Voice) -> Sheet:
    """Give last year's division, in prose, with last year's counts."""
    rng = Random(f"{seed} former plan")  # noqa: S311 - made-up counts
    phones = {name: phone for name, phone, *_ in table(town, "workers")}
    rows: list[Row] = []
    for number, (name, sides, holds, worker) in enumerate(table(town, "former"), 1):
        told, held = _holds(holds, dwellings, voice)
        households = round(sum(one.households for one in held) * rng.uniform(0.95, 1.01))
        people = round(sum(one.households * one.lives[0] for one in held) * rng.uniform(0.95, 1.01))
        east, south, west, north = sides.split(",")
        bounds = voice.say("sample_bounds", east=east, south=south, west=west, north=north)
        rows.append(
            [number, town.facts["community"], name, bounds, told, households, people, worker, phones[worker], ""]
        )
    return Sheet(
        title=voice.say("sample_plan_title", community=town.facts["community"]),
        head=_head(voice, "sample_plan_head"),
        rows=rows,
        merged=1,
    )


def table(town: Town, name: str) -> list[list[str]]:
    """Give the rows of a table of the town's file."""
    return [line.split("|") for line in town.facts[name].strip().splitlines()]


def _head(voice: Voice, key: str) -> list[str]:
    return voice.say(key).split("|")


def _with_missing(dwellings: list[Dwelling], town: Town) -> list[Dwelling]:
    """Put what the register has and the map has not behind the last of its compound."""
    for facts in town.facts.get("missing", []):
        last = max(order for order, one in enumerate(dwellings) if one.place == facts["compound"])
        dwellings.insert(last + 1, _missing(town, facts))
    return dwellings


def _missing(town: Town, facts: Mapping[str, Any]) -> Dwelling:
    [at] = town.ground.lay(np.array([facts["at"]], dtype=float))
    return Dwelling(
        place=facts["compound"],
        lane="",
        number=facts["number"],
        label=town.facts["label"].format(n=facts["number"]),
        households=facts["households"],
        lives=tuple(town.facts["lives"]),
        at=(float(at[0]), float(at[1])),
    )


def _resident_row(one: Dwelling, rng: Random, voice: Voice) -> Row:
    """Give compound, building, address, base, eight counts, remark."""
    remarks = {"demolished": "sample_remark_demolished", "new": "sample_remark_new"}
    remark = voice.say(remarks[one.state]) if one.state in remarks else ""
    remark = voice.say("sample_remark_let", rooms=one.households) if one.let else remark
    compound = one.place if one.place != one.lane else ""
    building, address = ("", one.label) if one.by_street else (one.label, "")
    return [compound, building, address, voice.say("sample_base_actual"), one.households, *_people(one, rng), remark]


def _people(one: Dwelling, rng: Random) -> list[int]:
    """Give people, four ages that add up to them, of the oldest those over 80, and those who live alone."""
    size, *shares = one.lives
    people = round(one.households * size * rng.uniform(0.93, 1.07))
    young, school, _, old = (int(people * share * rng.uniform(0.8, 1.2) + rng.random()) for share in shares)
    grown = people - young - school - old
    if grown < 0:
        young, school, grown, old = 0, 0, people, 0
    return [people, young, school, grown, old, int(old * 0.2 + rng.random()), int(old * 0.12 + rng.random())]


def _summed(rows: list[Row], compounds: set[str]) -> list[Row]:
    """Put one row in place of the rows of a compound of which only the sum is known."""
    kept: list[Row] = []
    for row in rows:
        if row[0] in compounds and kept and kept[-1][0] == row[0]:
            kept[-1] = [*kept[-1][:4], *(a + b for a, b in zip(kept[-1][4:12], row[4:12], strict=True)), ""]
        else:
            kept.append([row[0], "", *row[2:]] if row[0] in compounds else row)
    return kept


def _holds(text: str, dwellings: tuple[Dwelling, ...], voice: Voice) -> tuple[str, list[Dwelling]]:
    """Say in prose what a unit holds, and give it."""
    told, held = [], []
    for item in (one.strip() for one in text.split(";")):
        said, found = _held(item, dwellings, voice)
        told.append(said)
        held += found
    return voice.say("sample_comma").join(told), held


def _held(item: str, dwellings: tuple[Dwelling, ...], voice: Voice) -> tuple[str, list[Dwelling]]:
    """Read `=whole`, `+words`, `street odd 12-48`, `compound 1-8 !3`."""
    if item[0] in "=+":
        return item[1:], [one for one in dwellings if item[0] == "=" and item[1:] in (one.place, one.lane)]
    named = [one for one in dwellings if item == one.label]
    if named:
        return item, named
    held_as, _, without_text = item.partition(" !")
    *name, span = held_as.split(" ")
    side = name.pop() if name[-1] in ("odd", "even") else ""
    place, (first, _, last) = " ".join(name), span.partition("-")
    without = without_text.split(",") if without_text else []
    key = f"sample_holds_{side or ('range' if last else 'one')}"
    told = voice.say(key, place=place, first=first, last=last or first)
    told += voice.say("sample_holds_without", numbers=without) if without else ""
    wanted = {str(number) for number in range(int(first), int(last or first) + 1)} - set(without)
    wanted = {number for number in wanted if not side or int(number) % 2 == (side == "odd")}
    return told, [one for one in dwellings if place in (one.place, one.lane) and one.number in wanted]
