"""What was worked out of a list is told to a person and to a program alike."""

from pathlib import Path

import pandas as pd
from estate import listed, take

from govmap.messages import LANGUAGES, Voice
from govmap.pipeline.attaching import placed, places_for, places_of
from govmap.project import open_project

ROWS = ("楼栋;户数;身份证号;备注", "幸福小区1号楼;5;110101199003078515;好", "幸福小区2号楼;7;110101199003078523;好")


def test_how_a_file_was_read_and_what_its_columns_mean_is_told(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes("\n".join(ROWS).encode("gb18030"))
    report = take(home, "residents", path)
    found, columns = report.figures["found"], report.figures["columns"]
    assert (found["encoding"], found["delimiter"], found["header_row"]) == ("gb18030", ";", 1)
    assert "crs" not in found
    assert {one["theirs"]: (one["ours"], one["withheld"]) for one in columns} == {
        "楼栋": ("building", None),
        "户数": ("households", None),
        "身份证号": ("person_id", "id_number"),
        "备注": (None, None),
    }
    for language in LANGUAGES:
        told = [Voice(language).tell(one) for one in report.notes]
        assert any("gb18030" in line for line in told)
        lines = [line for line in told if line.startswith("  ")]
        assert [line.split()[0] for line in lines] == ["楼栋", "户数", "身份证号"]
        gaps = [line[2 + len(line.split()[0]) :] for line in lines]
        begins = {
            2 * len(line.split()[0]) + len(gap) - len(gap.lstrip()) for line, gap in zip(lines, gaps, strict=True)
        }
        assert len(begins) == 1  # one under the other: a Chinese letter takes two places


def test_points_are_placed_the_same_without_names_and_addresses_read(home: Path, tmp_path: Path) -> None:
    take(home, "residents", listed(tmp_path / "a.csv", "楼栋,户数", "幸福小区1号楼,5"))
    with open_project(home) as project, project.store.reading() as session:
        shapes = session.read("cells")["geometry"].representative_point()
        rows = pd.DataFrame({"geometry": pd.Series(list(shapes), dtype=object)})
        little, whole = places_for(session, rows, "incidents"), places_of(session)
        assert len(little["addresses"]) == len(little["streets"]) == 0
        assert len(little["cells"]) == len(whole["cells"]) > 0
        one, other = placed(rows, "incidents", little), placed(rows, "incidents", whole)
    names = ["building_id", "part_id", "cell_id", "reason", "placed_by", "place_score"]
    pd.testing.assert_frame_equal(one[names], other[names])
    assert one["cell_id"].notna().all()
