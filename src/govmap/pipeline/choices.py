"""Words that fit several places: listed for the user's choice after every attach, and remembered once chosen.

The list is a workbook beside the project: the words, how many rows have them, what they may mean, and an empty column
for the choice. Given back by `import PROJECT aliases FILE`, choices become aliases, which go before all other matching.
A list of one's own, of words and what they mean, is taken the same way.
"""

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from govmap.attach.gazetteer import Gazetteer, plain
from govmap.errors import TableError
from govmap.messages import LANGUAGES, Note, Voice, note
from govmap.pipeline.report import Report, titled
from govmap.project import Project

if TYPE_CHECKING:
    from govmap.sources.files import RawTable

TABLE = "aliases"
MOST_CANDIDATES, MOST_TOLD, MOST_LISTED = 6, 3, 5000
# Other headers under which people keep such lists.
WORDS = frozenset({"text", "alias", "别名", "俗称", "叫法", "又名", "words", "also called"})
MEANS = frozenset(
    {"choice", "meaning", "building", "building_id", "address", "楼栋", "楼号", "地址", "标准地址", "means"}
)


class _Open(NamedTuple):
    """Words that fit several places: how many rows have them, and what they may mean by label."""

    text: str
    rows: int
    means: tuple[str, ...]


def found(attached: Mapping[str, pd.DataFrame], places: Mapping[str, pd.DataFrame]) -> list[_Open]:
    """Give the words that fit several places, those of most rows first."""
    counts: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for table, rows in attached.items():
        if "among" in rows:
            open_ = rows[rows["among"].notna() & rows["reason"].notna()]
            said = open_["place_id" if table == "residents" else "address"]
            counts.update(zip(said, open_["among"], strict=True))
    labels = _labels({place for _, among in counts for place in among}, places)
    listed = [_Open(text, rows, tuple(labels.get(one, one) for one in among)) for (text, among), rows in counts.items()]
    return sorted(listed, key=lambda one: (-one.rows, one.text))


def told(listed: Sequence[_Open]) -> list[Note]:
    """Say what is open, with examples: 3号楼: 幸福小区3号楼 or 平安小区3号楼."""
    if not listed:
        return []
    examples = [note("choices_example", text=one.text, means=_or(one.means)) for one in listed[:MOST_TOLD]]
    return [note("choices_open", texts=len(listed), rows=sum(one.rows for one in listed), examples=examples)]


def write(project: Project, listed: Sequence[_Open], voice: Voice) -> list[Path]:
    """Write the list beside the project, where something is open."""
    if not listed:
        return []
    path = project.path.with_name(f"{project.path.stem}.choices.xlsx")
    from govmap.exports.files import write_whole

    write_whole(path, _workbook(listed[:MOST_LISTED], voice))
    return [path]


def take_in(project: Project, raw: "RawTable") -> Report:
    """
    Learn what words mean from a list of choices; they are used from the next attach on.

    Raises
    ------
    TableError
        The list has no column of words, or none of choices.
    """
    words, choice = (_column(raw, key, known) for key, known in (("choices_text", WORDS), ("choices_choice", MEANS)))
    tables = project.reading("buildings", "addresses", "compounds")
    means = _Meanings(raw, Gazetteer(tables["buildings"], tables["addresses"], tables["compounds"]))
    rows, reasons = [], {"choice_empty": 0, "choice_unknown": 0}
    unknown: list[str] = []
    for text, said, row in zip(raw.frame[words], raw.frame[choice], raw.frame.to_dict("records"), strict=True):
        meant = means.of(str(said).strip(), row) if str(text).strip() else None
        if meant is not None:
            # what means a stretch of a street is kept as it was written: it is known again in other words for it
            rows.append({"text": plain(text) if meant["meaning"] is None else str(text).strip(), **meant})
            continue
        reasons["choice_unknown" if str(said).strip() else "choice_empty"] += 1
        unknown += [f"{text}: {said}"] if str(said).strip() else []
    with project.change("import", {"table": TABLE, "file": raw.path.name}) as change:
        learnt = pd.DataFrame(rows, columns=["text", "building_id", "meaning"], dtype=object)
        learnt = learnt.drop_duplicates("text", keep="last")
        if len(learnt):
            change.session.upsert(TABLE, learnt.assign(by=change.author, at=change.at))
    return _report(project, raw, len(rows), reasons, unknown)


def _report(project: Project, raw: "RawTable", kept: int, reasons: dict[str, int], unknown: list[str]) -> Report:
    figures = {"rows_in": len(raw.frame), "rows_kept": kept, "rows_rejected": sum(reasons.values())}
    given = {reason: count for reason, count in reasons.items() if count}
    report = Report(figures={"table": TABLE, **figures, "reasons": given, "rejects": None})
    report.notes = [note("choices_done", table=titled(TABLE), count=kept, open=reasons["choice_empty"])]
    if unknown:
        report.warnings = [note("choices_unknown", count=len(unknown), examples=unknown[:MOST_TOLD])]
    report.next = f"govmap attach {project.path.name}"
    return report


# the list ----------------------------------------------------------------------------------------------------------
def _or(means: Iterable[str]) -> Note | str:
    first, *others = means
    so_far: Note | str = first
    for other in others:
        so_far = note("choices_or", one=so_far, other=other)
    return so_far


def _labels(ids: set[str], places: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Give buildings by words that tell them apart: compound and name, else an address, and the id."""
    buildings = places["buildings"]
    mine = buildings[buildings["building_id"].isin(list(ids))]
    compounds = places["compounds"].set_index("compound_id")["name"].to_dict()
    full = places["addresses"].dropna(subset=["building_id", "full"]).drop_duplicates("building_id")
    addressed = full.set_index("building_id")["full"].to_dict()
    made = {}
    for one in mine.reindex(columns=["building_id", "name", "compound_id"]).astype(object).itertuples(index=False):
        name = one.name if isinstance(one.name, str) else None
        compound = compounds.get(one.compound_id)
        known = "" if name and compound and plain(str(compound)) in plain(name) else compound or ""
        words = f"{known} {name}".strip() if name else addressed.get(one.building_id) or known
        made[str(one.building_id)] = f"{words} [{one.building_id}]".strip()
    return made


def _workbook(listed: Sequence[_Open], voice: Voice) -> bytes:
    """Write the list: the choice is picked from the candidates beside it."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    from govmap.exports.sheets import timeless

    book = Workbook()
    sheet = book.active
    sheet.title = voice.say("choices_sheet")[:31]
    most = min(max(len(one.means) for one in listed), MOST_CANDIDATES)
    head = [voice.say(key) for key in ("choices_text", "choices_rows", "choices_choice")]
    head += [voice.say("choices_candidate", number=number) for number in range(1, most + 1)]
    last = get_column_letter(len(head))
    for row, cells in enumerate([head, *((one.text, one.rows, None, *one.means[:most]) for one in listed)], start=1):
        for place, cell in enumerate(cells, start=1):
            made = sheet.cell(row, place)
            made.value = cell
            made.data_type = "s" if isinstance(cell, str) else made.data_type
            made.font = Font(bold=row == 1)
    for place in range(1, len(head) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = 10 if place == 2 else 30  # noqa: PLR2004 - the count
    rule = DataValidation(type="list", formula1=f"=$D2:${last}2", allow_blank=True, showErrorMessage=False)
    rule.promptTitle, rule.prompt = head[2][:32], voice.say("choices_prompt")[:255]
    sheet.add_data_validation(rule)
    rule.add(f"C2:C{len(listed) + 1}")
    sheet.freeze_panes = "A2"
    page = io.BytesIO()
    book.save(page)
    return timeless(page.getvalue())


# back again --------------------------------------------------------------------------------------------------------
class _Meanings:
    """What a choice means: a candidate by its words or number, a building by id, or any name that one alone has."""

    def __init__(self, raw: "RawTable", gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        heads = {Voice(one).say("choices_candidate", number=number) for one in LANGUAGES for number in range(1, 10)}
        self._candidates = [name for name in raw.header if name in heads]

    def of(self, said: str, row: Mapping[Any, Any]) -> dict[str, str | None] | None:
        """Give building or place on a street; None where the words mean neither."""
        candidates = [str(row[name]) for name in self._candidates if str(row[name]).strip()]
        number = int(said) if said.isascii() and said.isdigit() else 0
        if 1 <= number <= len(candidates):
            said = candidates[number - 1]
        inside = said.rpartition("[")[2].removesuffix("]") if said.endswith("]") else said
        if inside in self._gazetteer.ids:
            return {"building_id": inside, "meaning": None}
        if said in candidates:
            return {"building_id": None, "meaning": said}
        building = self._gazetteer.find(said).building_id
        return None if building is None else {"building_id": building, "meaning": None}


def _column(raw: "RawTable", key: str, known: frozenset[str]) -> str:
    """Find a column by our own header in any language, or by another that people use."""
    ours = {plain(Voice(language).say(key)) for language in LANGUAGES} | {plain(one) for one in known}
    name = next((one for one in raw.header if plain(one) in ours), None)
    if name is None:
        wanted = [Voice(language).say(key) for language in LANGUAGES]
        raise TableError("choices_column_missing", where=str(raw.path), wanted=wanted, header=list(raw.header))
    return name
