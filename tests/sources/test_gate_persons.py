"""The gate and people: counted and forgotten, named nowhere."""

import json
from pathlib import Path

import pytest
from gating import TODAY, admit, by_row, listed, told
from nasty import BOUNDS, CRS, LAT, LON

from govmap.messages import Voice
from govmap.sources import files, gate

PERSONS = ["姓名", "身份证号", "与户主关系", "小区", "楼栋", "单元", "房号", "民族", "联系电话", "备注"]


def persons(count: int) -> list[list[str]]:
    """People with names found nowhere else: two to a flat, in two buildings."""
    rows = []
    for n in range(count):
        year = 1930 + n % 90
        rows.append([
            f"欧阳唯一{n:04d}", f"440103{year}0101{n % 1000:03d}{n % 10}", "户主" if n % 2 == 0 else "配偶", "幸福小区",
            f"{1 + n % 2 * 0 + (n // 100) % 2}号楼", str(1 + (n // 2) % 2), f"{101 + n // 2}", "汉族",
            f"138{n:08d}", "低保户",
        ])  # fmt: skip
    return rows


def test_persons_are_counted_and_forgotten(tmp_path: Path) -> None:
    people = [*persons(200), persons(1)[0]]
    path = listed(tmp_path, PERSONS, *people)
    admitted = admit(path, "residents")
    assert admitted.rows_kept == 200
    assert by_row(admitted) == {202: "duplicate_person"}
    assert int(admitted.rows["people"].sum()) == 200
    assert int(admitted.rows["households"].sum()) == 100
    assert sorted(admitted.rows["place_id"]) == [f"幸福小区{b}号楼{e}单元" for b in (1, 2) for e in (1, 2)]
    ages = [2024 - (1930 + n % 90) for n in range(200)]
    assert int(admitted.rows["age_60_plus"].sum()) == sum(age >= 60 for age in ages)
    assert int(admitted.rows["age_0_6"].sum()) == sum(age <= 6 for age in ages)
    assert "import_persons_counted" in told(admitted)


def test_nothing_that_leaves_the_gate_names_a_person(tmp_path: Path) -> None:
    path = listed(tmp_path, PERSONS, *persons(60), ["坏行", "440103194001010011", "户主", "", "", "", "", "", "", ""])
    raw = files.rows(path)
    admitted = gate.admit(raw, "residents", crs=CRS, project_bounds=BOUNDS, today=TODAY)
    gate.rejects_file(raw, admitted.rejects, tmp_path / "rejects.csv", Voice("zh"))
    notes = json.dumps([[one.key, dict(one.facts)] for one in admitted.notes], ensure_ascii=False)
    everything = "\n".join([
        admitted.rows.astype(str).to_csv(), admitted.rejects.astype(str).to_csv(), notes,
        json.dumps(admitted.mapping, ensure_ascii=False, default=str),
        (tmp_path / "rejects.csv").read_text("utf-8-sig"),
    ])  # fmt: skip
    for secret in ("欧阳唯一", "440103", "1380000", "汉族", "低保户", "坏行"):
        assert secret not in everything, secret
    assert {"import_withheld_name", "import_withheld_id_number", "import_withheld_ethnicity"} <= set(told(admitted))


def test_a_file_of_rejects_that_is_open_elsewhere_is_left_and_a_new_one_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = files.rows(listed(tmp_path, PERSONS, ["坏行", "440103194001010011", "户主", "", "", "", "", "", "", ""]))
    rejects = gate.admit(raw, "residents", crs=CRS, project_bounds=BOUNDS, today=TODAY).rejects
    held, move = tmp_path / "名单.rejects.csv", Path.replace
    held.write_text("old")

    def refuse(fresh: Path, target: Path) -> Path:
        if target == held:  # so Windows answers where Excel or WPS has the file open
            raise PermissionError(13, "Permission denied")
        return move(fresh, target)

    monkeypatch.setattr(Path, "replace", refuse)
    written = gate.rejects_file(raw, rejects, held, Voice("zh"))
    assert (held.read_text(), written.name) == ("old", "名单.rejects (2).csv")
    assert written.read_bytes()
    assert sorted(one.name for one in tmp_path.glob("*.rejects*")) == sorted([held.name, written.name])
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_list_of_households_is_counted_by_building(tmp_path: Path) -> None:
    header = ["户主姓名", "详细地址", "家庭人口数"]
    rows = [["甲", "幸福小区1号楼1单元101室", "3"], ["乙", "幸福小区1号楼1单元102", "2"], ["丙", "幸福小区2栋301", "4"]]
    admitted = admit(listed(tmp_path, header, *rows), "residents")
    assert admitted.rows["place_id"].tolist() == ["幸福小区1号楼1单元", "幸福小区2号楼"]
    assert admitted.rows["households"].tolist() == [2, 1]
    assert admitted.rows["people"].tolist() == [5, 4]


def test_numbers_in_free_text_are_blotted_out(tmp_path: Path) -> None:
    rows = [["张三诊所 13800138000", "诊所", str(LON), str(LAT)]]
    admitted = admit(listed(tmp_path, ["名称", "类别", "经度", "纬度"], *rows), "resources")
    assert admitted.rows["name"].tolist() == ["张三诊所 ***"]
    assert "import_masked" in told(admitted)
