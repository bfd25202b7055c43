"""A made-up community with everything real ones have, written as the files that a real one would bring.

The town stands in `towns/`, one plan a language; it is drawn as OSM XML and read again by the same readers as real
data. Nothing in it is real: it lies in the open sea, and every name, number and telephone is invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from govmap.messages import Note, Voice, note
from govmap.sources.sample import plan, registers, sheets, tickets, town
from govmap.sources.sample.houses import Dwelling

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The files of a sample community: the extract, the lists by table, and by what name its boundary is known."""

    osm: Path
    lists: Mapping[str, Path]
    boundary: str
    notes: tuple[Note, ...] = ()


def write(folder: Path, *, language: str = "zh", seed: int = 1) -> Sample:
    """
    Write a sample community into a folder.

    Parameters
    ----------
    folder
        Where the files go; made where it is missing.
    language
        `zh` for a Chinese community of about 300 buildings, `en` for a small English town.
    seed
        Another number gives other houses in the village, other counts and other incidents in the same town.

    Returns
    -------
    sample
        `lists` holds residents, resources, incidents, workers, and under `plans` last year's division in prose.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spoken, drawn = plan.town(language), town.draw(plan.town(language), seed)
    osm = folder / "community.osm"
    drawn.canvas.write(osm)
    lists = _write_lists(folder, spoken, drawn.dwellings, seed)
    return Sample(osm=osm, lists=lists, boundary=spoken.facts["community"], notes=_notes(drawn))


def _write_lists(folder: Path, spoken: plan.Town, dwellings: tuple[Dwelling, ...], seed: int) -> dict[str, Path]:
    voice = Voice(spoken.language)
    names = ("residents", "resources", "incidents", "workers", "plans")
    files = {name: folder / voice.say(f"sample_{name}_file") for name in names}
    sheets.write_xlsx(files["residents"], registers.residents(spoken, dwellings, seed, voice))
    sheets.write_csv(files["resources"], registers.resources(spoken, voice), encoding=spoken.facts["encoding"])
    sheets.write_csv(files["incidents"], tickets.incidents(spoken, dwellings, seed, voice), encoding="utf-8-sig")
    sheets.write_xlsx(files["workers"], registers.workers(spoken, voice))
    sheets.write_xlsx(files["plans"], registers.former_plan(spoken, dwellings, seed, voice))
    return files


def _notes(drawn: town.Drawn) -> tuple[Note, ...]:
    households = sum(one.households for one in drawn.dwellings)
    return (
        note("sample_fictional"),
        note("sample_drawn", buildings=drawn.canvas.count("building"), households=households),
    )
