"""Who answers, in the columns and cells of lists; private numbers stay out."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from govmap.sources import columns, files, gate, roles


def admitted(folder: Path, table: str, text: str, **how: object) -> gate.Admitted:
    file = folder / "list.csv"
    file.write_text(text, "utf-8")
    return gate.admit(files.rows(file), table, crs="EPSG:32650", **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("网格名称,范围,网格长,电话", {"网格长": "worker@网格长", "电话": "worker_phone@网格长"}),
        (
            "网格名称,范围,网格长,电话,网格员,电话 (2)",
            {
                "网格长": "worker@网格长",
                "电话": "worker_phone@网格长",
                "网格员": "worker@网格员",
                "电话 (2)": "worker_phone@网格员",
            },
        ),
        (
            "网格,范围,微网格长姓名,微网格长联系电话",
            {"微网格长姓名": "worker@微网格长", "微网格长联系电话": "worker_phone@微网格长"},
        ),
        (
            "网格,范围,网格长›姓名,网格长›办公电话",
            {"网格长›姓名": "worker@网格长", "网格长›办公电话": "worker_phone@网格长"},
        ),
        ("unit,covers,Warden,Warden phone", {"Warden": "worker@warden", "Warden phone": "worker_phone@warden"}),
        ("网格,范围,负责人,责任单位,物业电话", {"负责人": "worker@负责人"}),
        ("网格,范围,联系电话,户主", {}),
    ],
)
def test_columns_of_who_answers_are_known_by_their_header(header: str, found: dict[str, str]) -> None:
    frame = pd.DataFrame(columns=header.split(","), dtype=str)
    known = columns.recognise(frame, "units")
    assert {theirs: ours for theirs, ours in known.ours.items() if ours.startswith("worker")} == found
    assert not set(found) & set(known.withheld)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("王敏", [("王敏", None)]),
        ("王敏、李强", [("王敏", None), ("李强", None)]),
        ("王敏（兼）", [("王敏", None)]),
        ("王敏 020-81234567", [("王敏", "020-81234567")]),
        ("王敏（13812345678）", [("王敏", "13812345678")]),
        ("Alex Morgan & Jo Lee", [("Alex Morgan", None), ("Jo Lee", None)]),
        ("李四（虚构）", [("李四（虚构）", None)]),
        ("待定", []),
        ("王敏 110101199003070007", [("王敏", None)]),
    ],
)
def test_a_cell_names_people(cell: str, found: list[tuple[str, str | None]]) -> None:
    people = [tuple(one) for one in roles.people(cell)]
    if "1101" in cell:  # a number of a person is never taken along
        assert not any("1101" in str(one) for one in people)
        return
    assert people == found


LIST = (
    "网格名称,范围,网格长,{phone}\n第一网格,幸福小区1号楼,王敏,13812345678\n第二网格,幸福小区2号楼,李强,020-81234567\n"
)


@pytest.mark.parametrize("phone", ["电话", "手机", "联系方式"])
def test_a_mobile_that_may_be_private_is_left_out_and_told(phone: str, tmp_path: Path) -> None:
    found = admitted(tmp_path, "units", LIST.format(phone=phone))
    assert [one[0]["phone"] for one in found.rows["said"]] == [None, "020-81234567"]
    assert [one.facts["count"] for one in found.notes if one.key == "duties_mobiles_left_out"] == [1]


def test_the_offices_own_mobile_is_kept_where_the_list_or_the_user_says_so(tmp_path: Path) -> None:
    kept = admitted(tmp_path, "units", LIST.format(phone="办公电话"))
    assert [one[0]["phone"] for one in kept.rows["said"]] == ["13812345678", "020-81234567"]
    said = admitted(tmp_path, "units", LIST.format(phone="手机"), columns={"手机": "worker_phone@网格长"})
    assert said.rows["said"].iloc[0][0]["phone"] == "13812345678"
    text = "姓名,{phone},岗位\n王敏,13812345678,网格员\n"
    for phone, number in (("手机", None), ("办公电话", "13812345678"), ("公开电话", "13812345678")):
        assert admitted(tmp_path, "workers", text.format(phone=phone)).rows["office_phone"].tolist() == [number]
    given = admitted(tmp_path, "workers", text.format(phone="手机"), columns={"手机": "office_phone"})
    assert given.rows["office_phone"].tolist() == ["13812345678"]


def test_a_list_of_workers_says_units_shares_and_days(tmp_path: Path) -> None:
    text = "姓名,岗位,负责网格,承担比例,任职时间,离任时间\n"
    text += (
        "王敏,网格员,第一网格、第二网格,50%,2025年3月1日,\n李强,网格长,,,,\n赵六,网格员,3,0.5,2025-05-01,2025-04-01\n"
    )
    found = admitted(tmp_path, "workers", text)
    [first] = found.rows["said"].iloc[0]
    assert (first["unit"], first["share"], str(first["from"]), first["to"]) == (
        "第一网格、第二网格",
        0.5,
        "2025-03-01",
        None,
    )
    assert found.rows["said"].iloc[1] == []
    assert found.reasons == {"duty_ends_first": 1}


def test_leaders_of_buildings_are_workers_with_the_role_of_their_header(tmp_path: Path) -> None:
    found = admitted(tmp_path, "workers", "小区,楼栋,楼栋长,电话\n幸福小区,1号楼,陈一,020-81234567\n")
    assert found.rows[["name", "role", "office_phone"]].to_numpy().tolist() == [["陈一", "楼栋长", "020-81234567"]]
    assert found.rows["said"].iloc[0][0]["building"] == "幸福小区1号楼"


def test_who_answers_for_a_building_is_no_unit_that_is_not_found(tmp_path: Path) -> None:
    text = "姓名,岗位,负责网格\n周九,楼栋长,幸福小区3号楼\n王敏,楼栋长,第三网格\n李强,网格员,第三网格\n"
    said = admitted(tmp_path, "workers", text).rows["said"]
    assert [one[0]["building"] for one in said] == ["幸福小区3号楼", None, None]


def test_people_of_one_cell_keep_their_own_roles_and_telephones(tmp_path: Path) -> None:
    rows = ("一,1号楼,王敏、李强,网格长、网格员,0571-88880001、—", "二,2号楼,赵六、周九,网格员,", "")
    text = "\n".join(("网格名称,包含楼栋,责任人,岗位,办公电话", *rows))
    said = admitted(tmp_path, "units", text).rows["said"]
    assert [[(one["name"], one["role"], one["phone"]) for one in row] for row in said] == [
        [("王敏", "网格长", "0571-88880001"), ("李强", "网格员", None)],
        [("赵六", "网格员", None), ("周九", "网格员", None)],
    ]


def test_a_total_with_its_numbers_is_no_unit(tmp_path: Path) -> None:
    text = "网格名称,包含楼栋,户数\n一,1号楼,5\nU001 小计：9 栋,,5\n合计：13 个网格,,5\n"
    made = admitted(tmp_path, "units", text)
    assert (made.rows_kept, made.reasons) == (1, {"total_row": 2})


def test_days_of_a_workbook_that_counts_from_1904_are_right(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in (["姓名", "负责网格", "任职时间"], ["王敏", "第一网格", 43894], ["李强", "第二网格", 43895]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    found = gate.admit(files.rows(tmp_path / "a.xlsx"), "workers", crs="EPSG:32650")
    assert [str(one[0]["from"]) for one in found.rows["said"]] == ["2024-03-05", "2024-03-06"]
