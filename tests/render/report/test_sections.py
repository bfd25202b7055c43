"""What sections say: figures with their source, mark and caveat; what is missing and what would fill it."""

import re

import pandas as pd
import pytest

from govmap.messages import LANGUAGES
from govmap.render.report.paper import Picture, Table, Words

RESULTS = {
    "gaps": "gaps", "loads": "load", "matches": "matches", "fits": "fit", "unit_lineage": "changes", "duties": "duties",
}  # fmt: skip
CJK = re.compile(r"[\u4e00-\u9fff]")


def section(paper, key):
    return next((one for one in paper.sections if one.key == key), None)


def words(found, *kinds):
    return [one.text for one in found.blocks if isinstance(one, Words) and (not kinds or one.kind in kinds)]


def tables(found):
    return [one for one in found.blocks if isinstance(one, Table)]


def everything(paper):
    cells = [cell.text for one in paper.sections for block in tables(one) for row in block.rows for cell in row]
    return "\n".join([*cells, *(text for one in paper.sections for text in words(one))])


def test_red_tiles_and_every_section_come_in_both_languages(paper):
    one, other = (paper("official", language) for language in LANGUAGES)
    assert [two.key for two in one.sections] == [two.key for two in other.sections]
    assert not CJK.search("".join(title.title for title in one.sections))
    assert all(CJK.search(title.title) for title in other.sections)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("table", "key"), RESULTS.items())
def test_a_section_without_its_table_says_in_one_line_what_would_fill_it(paper, filled, table, key, language):
    tables_ = filled()
    tables_[table] = tables_[table].iloc[:0]
    found = section(paper("official", language, tables_), key)
    assert [one.kind for one in found.blocks if isinstance(one, Words)] == ["missing"]
    assert len(found.blocks) == 1
    assert re.search(r"govmap (assess|assign|match|import|delineate)", words(found)[0])


def test_a_town_with_nothing_but_its_plan_still_gives_a_report(paper, town):
    kept = {name: frame for name, frame in town().items() if name in ("communities", "units", "parts", "plan_parts")}
    made = paper("official", "zh", kept)
    assert len(made.sections) == 9
    assert [one for one in section(made, "plan").blocks if isinstance(one, Picture)]


def test_a_plan_without_units_says_so(paper, filled):
    tables_ = filled()
    tables_["units"] = tables_["units"].iloc[:0]
    assert words(section(paper("official", "en", tables_), "plan"), "missing")


def test_every_section_with_figures_names_its_source_and_its_caveat(paper):
    for one in paper("official").sections:
        if tables(one) and one.key not in ("origin", "changes"):
            assert words(one, "source"), one.key
            assert words(one, "caveat"), one.key


def test_households_that_rest_on_estimates_are_marked_and_those_out_of_the_band_are_red(paper):
    row = next(one for one in tables(section(paper("official"), "plan")) if len(one.head) > 4).rows[0]
    assert row[1].text == "≈160"
    assert row[1].faint
    assert row[1].red


def test_gaps_stand_none_before_full_before_closed_and_name_what_helps(paper):
    ranked = next(one for one in tables(section(paper("official"), "gaps")) if len(one.head) == 8)
    assert [row[1].text.split()[0] for row in ranked.rows] == ["U001", "U006", "U002", "U004", "U005"]
    assert ranked.rows[0][3].text == "≈416"
    assert "the hall" in ranked.rows[0][7].text


def test_a_standard_that_was_not_seen_in_its_source_stands_in_italics(paper):
    listed = tables(section(paper("official"), "gaps"))[-1]
    assert [cell.text for cell in listed.rows[0]][-1] == "not seen, widely quoted"
    assert listed.rows[0][0].faint


def test_reports_are_never_called_events_and_clusters_say_so(paper):
    found = section(paper("official"), "incidents")
    assert sum("Reports, not events" in one for one in words(found, "caveat")) >= 2
    assert any("outside" in one.title or "month" in one.title for one in found.blocks if isinstance(one, Picture))


def test_the_public_gets_no_clusters_streets_loads_names_or_counts_under_k(paper):
    made = paper("public")
    assert [one.key for one in made.sections] == ["plan", "gaps", "incidents", "duties", "origin"]
    text = everything(made)
    assert "Worker Person" not in text
    assert "000-4711" not in text
    assert "the hall" not in "".join(one.text for row in tables(section(made, "gaps"))[1].rows for one in row)
    assert not [one for one in tables(section(made, "incidents")) if one.title.startswith(("Clusters", "Streets"))]


def test_the_public_is_told_no_command(paper, town):
    assert "govmap " not in everything(paper("public"))
    assert "govmap " not in everything(paper("public", "zh", town()))


def test_units_that_nobody_answers_for_stand_in_red(paper):
    roster = next(one for one in tables(section(paper("official"), "duties")) if len(one.head) > 5)
    red = [row[0].text for row in roster.rows if row[0].red]
    assert [one.split()[0] for one in red] == [f"U{at:03d}" for at in range(2, 7)]
    assert any("Worker Person" in cell.text for row in roster.rows for cell in row)


def test_what_is_unmet_stands_beside_what_is_idle(paper):
    found = tables(section(paper("official"), "matches"))
    (row,) = found[0].rows
    assert [cell.text for cell in row] == ["noise", "2", "Clinic", "28", "30"]
    assert row[0].red
    assert "4 min" in found[1].rows[0][4].text


def test_households_moved_count_units_that_only_changed_their_name_as_the_same(paper):
    told = words(section(paper("official"), "changes"))[0]
    assert "30 of 480" in told


def test_load_above_the_fair_limit_is_red_and_kinds_of_incidents_stand_together(paper):
    found = tables(section(paper("official"), "load"))
    assert [row[0].text.split()[0] for row in found[1].rows if row[1].red] == ["U001"]
    assert len(found[0].rows) == 2


def test_very_many_units_are_told_by_the_level_above(paper, filled):
    tables_ = filled()
    units = tables_["units"]
    above = units.iloc[:2].assign(unit_id=["G1", "G2"], code=["G1", "G2"], level="grid")
    parts = [units.assign(unit_id=units["unit_id"] + f"-{at}", code=units["code"] + f"-{at}") for at in range(11)]
    lower = pd.concat(parts).assign(parent_unit_id=["G1"] * 33 + ["G2"] * 33)
    tables_["units"] = pd.concat([above, lower], ignore_index=True)
    tables_["gaps"] = pd.concat(
        [tables_["gaps"].iloc[:2].assign(unit_id=["G1", "G2"], level="grid"), tables_["gaps"].iloc[2:]]
    )
    ranked = next(one for one in tables(section(paper("official", "en", tables_), "gaps")) if len(one.head) == 8)
    assert {row[1].text.split()[0] for row in ranked.rows} == {"G1", "G2"}
