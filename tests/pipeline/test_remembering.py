"""What was set for a list is used for the next one with the same header, told, and set aside by flags."""

from pathlib import Path

import estate
import pytest
from estate import listed, take, told

from govmap.errors import TableError
from govmap.pipeline import Reading
from govmap.project import open_project

ODD = "甲栏,乙栏"
SAID = Reading(columns=("甲栏=building", "乙栏=households"))


def counts(path: Path) -> dict[str, int]:
    with open_project(path) as project:
        found = project.read("residents")
    return dict(zip(found["place_id"], found["households"].astype(int), strict=True))


def test_columns_that_were_named_once_are_known_the_next_time(home: Path, tmp_path: Path) -> None:
    first, second = (listed(tmp_path / f"{n}.csv", ODD, f"幸福小区{n}号楼,{n}") for n in (1, 2))
    with pytest.raises(TableError):
        take(home, "residents", first)
    take(home, "residents", first, SAID)
    report = take(home, "residents", second)
    assert "import_remembered" in told(report)
    assert counts(home) == {"幸福小区1号楼": 1, "幸福小区2号楼": 2}


def test_a_flag_goes_before_what_is_remembered(home: Path, tmp_path: Path) -> None:
    take(home, "residents", listed(tmp_path / "1.csv", ODD, "幸福小区1号楼,5"), SAID)
    take(home, "residents", listed(tmp_path / "2.csv", ODD, "幸福小区2号楼,6"), Reading(columns=("乙栏=people",)))
    with open_project(home) as project:
        found = project.read("residents").set_index("place_id")
    assert found["people"].dropna().to_dict() == {"幸福小区2号楼": 6}
    assert found["households"].dropna().to_dict() == {"幸福小区1号楼": 5}


def test_another_header_is_another_list(home: Path, tmp_path: Path) -> None:
    take(home, "residents", listed(tmp_path / "1.csv", ODD, "幸福小区1号楼,5"), SAID)
    with pytest.raises(TableError):
        take(home, "residents", listed(tmp_path / "2.csv", "甲栏,丙栏", "幸福小区2号楼,6"))


def test_an_encoding_that_had_to_be_said_is_tried_for_the_next_file(home: Path, tmp_path: Path) -> None:
    header, row = "name,category,address", "Café Zoë {},clinic,幸福小区1号楼".replace("幸福小区1号楼", "h1")
    files = [listed(tmp_path / f"{n}.csv", header, row.format(n), encoding="cp1252") for n in (1, 2)]
    with pytest.raises(TableError) as caught:
        take(home, "resources", files[0])
    assert caught.value.code == "file_encoding_unsure"
    take(home, "resources", files[0], Reading(encoding="cp1252"))
    report = take(home, "resources", files[1])
    assert "import_remembered" in told(report)
    with open_project(home) as project:
        assert project.read("resources")["name"].tolist() == ["Café Zoë 1", "Café Zoë 2"]


def test_no_cell_of_a_list_is_remembered(home: Path, tmp_path: Path) -> None:
    take(home, "residents", listed(tmp_path / "1.csv", f"{ODD},姓名", "幸福小区1号楼,5,欧阳唯一"), SAID)
    assert "欧阳唯一" not in "".join(estate.tables(home).values())
    with open_project(home) as project:
        mapping = project.read("imports", where={"table": "residents"})["mapping"].iloc[0]
    assert mapping["said"] == {"columns": list(SAID.columns)}
    assert "幸福小区1号楼" not in str(mapping)
