"""Tables over pages: every row once and in order, no row or two alone, no heading left behind."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from govmap.render.atlas import tables
from govmap.render.atlas.paper import Box
from govmap.render.atlas.tables import Column, Table

FULL = 2  # rows that a heading and its repetition take
PAGE = Box(8, 20, 194, 60)
COLUMNS = [Column("number", 0.3), Column("house", 0.7)]


def table(rows: list[bool], row: float = 1.6) -> Table:
    """Make a table: a heading where True, else a row."""
    lines = [("heading",) if heading else (str(at), f"house {at}") for at, heading in enumerate(rows)]
    return Table(COLUMNS, lines, 2.75, row=row, least_mm=46)


def shown(wanted: Table, pages: list[tables.Strips]) -> list[int]:
    """Give the numbers of rows as they are read, headings that stand again left out."""
    found: list[int] = []
    for at in (row for page in pages for strip in page for row in strip):
        if not (len(wanted.lines[at]) == 1 and at in found):
            found.append(at)
    return found


@settings(deadline=None, max_examples=150)
@given(rows=st.lists(st.booleans() | st.just(value=False), max_size=180), high=st.floats(0, 70))
def test_every_row_stands_once_and_in_order_and_none_alone(rows, high):
    wanted = table(rows)
    first = Box(8, 200, 120, high)
    pages = tables.flow(wanted, PAGE, first=first)
    assert shown(wanted, pages) == list(range(len(rows)))
    room = [first, *[PAGE] * (len(pages) - 1)]
    for page, box in zip(pages, room, strict=True):
        assert len(page) <= wanted.beside(box)
        assert all(len(strip) <= wanted.each(box) for strip in page)
    counts = [sum(map(len, page)) for page in pages]
    assert len(pages) < 2 or counts[-1] >= tables.FEW or counts[-2] < tables.FEW


@settings(deadline=None, max_examples=100)
@given(rows=st.lists(st.booleans(), min_size=1, max_size=120))
def test_no_heading_stands_at_the_foot_of_a_strip_and_what_goes_on_has_its_own_again(rows):
    wanted = table(rows)
    strips = [strip for page in tables.flow(wanted, PAGE) for strip in page]
    heading = None
    for strip in strips:
        assert len(wanted.lines[strip[-1]]) > 1 or strip[-1] == len(rows) - 1 or len(strip) < wanted.each(PAGE)
        if heading is not None and len(wanted.lines[strip[0]]) > 1:
            raise AssertionError(f"strip begins with {strip[0]}, without heading {heading}")
        heading = max((row for row in strip if len(wanted.lines[row]) == 1), default=heading)


def test_rows_stand_a_little_closer_where_that_spares_a_page():
    first = Box(8, 200, 46, 100)
    wanted = table([False] * (table([]).fits(first) + 2))
    assert len(tables.flow(wanted, PAGE, first=first)) == 2
    closer = tables.closer(wanted, PAGE, first=first)
    assert len(tables.flow(closer, PAGE, first=first)) == 1
    assert tables.closer(table([False] * 300), PAGE, first=first).row == wanted.row


def test_columns_are_as_wide_as_what_they_say_and_those_that_say_nothing_are_left_out():
    columns = [tables.Column("Building", 0.2), tables.Column("Before", 0.5), tables.Column("Now", 0.3)]
    made = tables.suited(tables.Table(columns, [["12", "", "U001 (drawn anew)"], ["14", "", "U002"]], 3.0))
    assert [one.title for one in made.columns] == ["Building", "Now"]
    assert made.columns[1].share > made.columns[0].share
    assert made.lines == [["12", "U001 (drawn anew)"], ["14", "U002"]]
    empty = tables.Table(columns, [["", "", ""]], 3.0)
    assert tables.suited(empty) is empty


def test_what_would_be_cut_goes_on_in_the_next_row():
    long = "2, 4, 4A, 6 Gyldenløvesgade; 1, 3, 5, 7, 9 Nansensgade; 11, 13 Nørre Farimagsgade"
    narrow = Table(COLUMNS, [("street",), ("1", long), ("2", "8")], 2.75, least_mm=46)
    made, rows = tables.unfolded(narrow, Box(0, 0, 60, 40))
    assert [row for row in rows if row is not None] == [0, 1, 2]
    assert rows[2:-1] == [None] * (len(rows) - 3) != []
    assert " ".join(str(line[1]) for line in made.lines[1:-1]) == long
    assert [line[0] for line in made.lines[1:]] == ["1", *[None] * (len(rows) - 3), "2"]


@settings(deadline=None, max_examples=100)
@given(kinds=st.lists(st.sampled_from(["row", "row", "on", "on", "heading"]), min_size=1, max_size=90))
def test_rows_that_go_on_stand_under_what_they_belong_to(kinds):
    goes_on = frozenset(at for at, kind in enumerate(kinds) if at and kind == "on" and kinds[at - 1] != "heading")
    wanted = replace(table([kind == "heading" for kind in kinds]), goes_on=goes_on)
    first = Box(8, 200, 120, 40)
    pages = tables.flow(wanted, PAGE, first=first)
    assert shown(wanted, pages) == list(range(len(kinds)))
    for strip in (strip for page in pages for strip in page):
        begun = next((row for row in strip if len(wanted.lines[row]) > 1), -1)
        start = max((at for at in range(begun + 1) if at not in goes_on), default=0)
        assert begun not in goes_on or begun - start + FULL >= min(wanted.each(first), wanted.each(PAGE))


def test_a_word_wider_than_its_cell_is_broken_and_not_cut():
    long = "ศูนย์บริการประชาชนเขตพระนครศรีอยุธยา105A/105B"
    made, _ = tables.unfolded(Table(COLUMNS, [("1", long)], 2.75, least_mm=46), Box(0, 0, 40, 40))
    assert "".join(str(line[1]) for line in made.lines) == long
    assert made.goes_on == frozenset(range(1, len(made.lines)))
