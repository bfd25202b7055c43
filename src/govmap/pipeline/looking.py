"""A list looked at before it is taken in: which table it is for, what each column means, what must be said first."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from govmap import catalog
from govmap.config import Config
from govmap.errors import TableError
from govmap.messages import Voice
from govmap.pipeline import remembering
from govmap.pipeline.importing import Reading, Taking, import_table
from govmap.pipeline.report import Progress, Report, failure, quiet
from govmap.project import Project
from govmap.schema import TABLES

if TYPE_CHECKING:
    from govmap.sources.columns import Columns
    from govmap.sources.files import RawTable

# What a face must ask for before a file can be read, by the fact of the error that holds the likely answers.
ASKED: Mapping[str, tuple[str, str]] = {
    "file_several_sheets": ("sheet", "sheets"),
    "file_several_layers": ("layer", "layers"),
    "file_encoding_unsure": ("encoding", "likely"),
    "file_encoding_wrong": ("encoding", "likely"),
    "import_crs_unknown": ("crs", "likely"),
    "import_crs_wrong": ("crs", "likely"),
    "import_datum_stated": ("datum", "datum"),
    "import_datum_unknown": ("datum", "datums"),
    "import_swapped": ("columns", ""),
    "import_columns_missing": ("columns", ""),
}
GUESSED = ("residents", "incidents", "workers", "resources", "units", "buildings", "communities", "compounds")
SAMPLES, SAMPLE_LETTERS = 3, 40
OWN, PLACE = 1.0, 0.15  # what a column says for a table: one of its own words, or where a thing is


def look(
    project: Project, table: str | None, file: Path, reading: Reading, *, config: Config, voice: Voice,
    progress: Progress = quiet,
) -> Report:  # fmt: skip
    """
    Look at a list and leave everything as it is.

    Returns
    -------
    report
        Figures: those of `import --look`, and `table` (the likely one where none was said), `tables` (all, the
        likeliest first), `columns` (each with `theirs`, `ours`, `withheld`, `samples`; what is withheld shows
        nothing), `meanings` (what a column can be, by name and title), `fault` (what is wrong, as one sentence) and
        `asks` (what must be said first, with the likely answers) where it cannot be taken in as it is.
    """
    earlier = remembering.past_of(project.read("imports"))
    try:
        raw = remembering.rows(file, reading, earlier, project_path=project.path)
    except TableError as error:
        return Report(figures={"table": table, **_fault(error, voice)})
    ranked = guesses(raw)
    table = table or ranked[0]
    figures = {"tables": ranked, "meanings": meanings(table, voice)}
    try:
        how = Taking(look=True)
        report = import_table(project.path, table, file, reading, how, config=config, voice=voice, progress=progress)
    except TableError as error:
        report = Report(figures={"table": table, "columns": _columns(raw, table, reading), **_fault(error, voice)})
    report.figures |= figures | {"columns": _shown(report.figures.get("columns", []), raw, voice)}
    return report


def guesses(raw: "RawTable") -> list[str]:
    """Rank the tables that a list may be for by what its columns are called: the likeliest first."""
    from govmap.sources import columns

    frame = raw.frame[list(raw.header)]
    places = set(catalog.layer("columns")["place"])
    weights = {}
    for table in GUESSED:
        known = columns.recognise(frame, table)
        own = [OWN if ours.partition("@")[0] not in places else PLACE for ours in known.ours.values()]
        shape = OWN if raw.geometry is not None and TABLES[table].geometry in ("MULTIPOLYGON", "POLYGON") else 0.0
        weights[table] = sum(own) + shape
    return sorted(GUESSED, key=lambda table: (-weights[table], GUESSED.index(table)))


def meanings(table: str, voice: Voice) -> list[dict[str, str]]:
    """List what a column of a list for a table can mean: `ours` and its title, by title."""
    from govmap.sources import columns

    known = [
        {"ours": ours, "title": columns.meaning(ours, table)[voice.language]} for ours in columns.columns_of(table)
    ]
    return sorted(known, key=lambda one: (one["title"], one["ours"]))


def _fault(error: TableError, voice: Voice) -> dict[str, Any]:
    asked, fact = ASKED.get(error.code, (None, ""))
    likely = error.note.facts.get(fact) or []
    answers = [likely] if isinstance(likely, str) else [f"{one}" for one in likely]
    return {"fault": failure(error, voice), "asks": {"option": asked, "answers": answers} if asked else None}


def _columns(raw: "RawTable", table: str, reading: Reading) -> list[dict[str, Any]]:
    """Say what the columns are where the list as a whole cannot be taken in yet."""
    from govmap.sources import columns

    try:
        known: Columns = columns.recognise(raw.frame[list(raw.header)], table, given=reading.mapping)
    except TableError:
        known = columns.recognise(raw.frame[list(raw.header)], table)
    return [{"theirs": one, "ours": known.ours.get(one), "withheld": known.withheld.get(one)} for one in raw.header]


def _shown(columns: list[dict[str, Any]], raw: "RawTable", voice: Voice) -> list[dict[str, Any]]:
    """Put the columns in the order of the file, with what stands in them; of what is withheld nothing is shown."""
    order = {name: at for at, name in enumerate(raw.header)}
    ordered = sorted(columns, key=lambda one: order.get(one["theirs"], len(order)))
    return [
        one | {"samples": [] if one["withheld"] else _samples(raw, one["theirs"]), "told": _told(one, voice)}
        for one in ordered
    ]


def _told(column: dict[str, Any], voice: Voice) -> str | None:
    """Say why a column is withheld."""
    kind, theirs = column["withheld"], [column["theirs"]]
    return voice.say(f"import_withheld_{kind}", columns=theirs) if kind else None


def _samples(raw: "RawTable", name: str) -> list[str]:
    if name not in raw.frame:
        return []
    cells = raw.frame[name]
    filled = cells[cells.fillna("").astype(str).str.strip() != ""].drop_duplicates()
    return [str(cell)[:SAMPLE_LETTERS] for cell in filled.head(SAMPLES)]
