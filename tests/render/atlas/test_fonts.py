"""Letters: what cannot be printed is named, and no line is wider than its room."""

import pytest

from govmap.errors import InputError
from govmap.render.atlas import fonts

LONG = "幸福小区1号楼至16号楼，石桥三巷11号；Kingfisher Estate, Block 12 and the Health Centre"
NOBODY_HAS = "\U0010fffd"  # a sign for private use

pytestmark = pytest.mark.skipif(fonts.family() is None, reason="needs a font that sheets are written in")


@pytest.mark.usefixtures("few_fonts")
def test_a_sign_that_no_font_has_is_an_error_that_names_it():
    with pytest.raises(InputError, match=r"U\+10FFFD"):
        fonts.check(["幸福", f"a{NOBODY_HAS}"], "sheet")
    fonts.check([LONG], "sheet")


@pytest.mark.parametrize("room", [9.0, 25.0, 80.0])
def test_no_line_is_wider_than_its_room_and_no_sign_is_lost(room):
    lines = fonts.wrapped(LONG, 3.0, room)
    assert all(fonts.measured(one, 3.0) <= room + 1e-9 for one in lines)
    if room > 20:
        assert "".join(lines).replace(" ", "") == LONG.replace(" ", "")


def test_after_a_closing_mark_a_line_may_end_before_a_word():
    assert fonts.wrapped("金龍大廈、Carnarvon", 3.0, 22.0) == ["金龍大廈、", "Carnarvon"]


def test_a_line_does_not_begin_with_a_closing_mark():
    assert not any(
        one[0] in "，。、；：）"
        for one in fonts.wrapped("东至人民路，南至护城河，西至铁路，北至中山路。" * 3, 3.0, 31.0)
    )


def test_what_is_left_out_is_told_by_dots():
    assert fonts.fitted(LONG, 3.0, 30.0).endswith("…")
    assert fonts.fitted("1", 3.0, 30.0) == "1"


def test_a_long_name_is_written_smaller_before_it_is_cut():
    told, size = fonts.shrunk("Cara Specimen (fictional)", 4.0, 40.0, 2.8, bold=True)
    assert told == "Cara Specimen (fictional)"
    assert 2.8 <= size < 4.0
    assert fonts.measured(told, size, bold=True) <= 40.0
    assert fonts.shrunk("short", 4.0, 40.0, 2.8) == ("short", 4.0)
    told, size = fonts.shrunk("Cara Specimen (fictional)", 4.0, 12.0, 2.8)
    assert (told[-1], size) == ("…", 2.8)


def test_a_house_number_is_not_parted_from_its_sign():
    lines = fonts.wrapped("Carnarvon Road 10号", 3.0, fonts.measured("Carnarvon Road 10", 3.0) + 0.1)
    assert lines == ["Carnarvon Road", "10号"]
