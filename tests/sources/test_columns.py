"""Which column is which, and which must not be stored."""

import pandas as pd
import pytest

from govmap.errors import TableError
from govmap.sources import columns


def a_list(**cells: list[str]) -> pd.DataFrame:
    return pd.DataFrame(cells, dtype=object)


def headed(*header: str) -> pd.DataFrame:
    return pd.DataFrame([["x"] * len(header)], columns=list(header), dtype=object)


@pytest.mark.parametrize(
    ("theirs", "table", "ours"),
    [
        ("户数", "residents", "households"),
        ("户数（户）", "residents", "households"),
        (" 户 数 ", "residents", "households"),
        ("户数 households", "residents", "households"),
        ("60岁以上（人）", "residents", "age_60_plus"),
        ("60+", "residents", "age_60_plus"),
        ("楼栋号", "residents", "building"),
        ("经度", "resources", "lon"),
        ("LNG", "resources", "lon"),
        ("上报时间", "incidents", "reported_at"),
        ("CrimeDateT", "incidents", "reported_at"),
        ("street_address", "incidents", "address"),
        ("网格员姓名", "workers", "name"),
        ("使用性质", "buildings", "use"),
    ],
)
def test_names_people_use_are_recognised(theirs: str, table: str, ours: str) -> None:
    assert columns.recognise(headed(theirs), table).ours == {theirs: ours}


def test_nothing_is_guessed_from_part_of_a_name() -> None:
    found = columns.recognise(headed("户数备注", "备用电话簿页码1"), "residents")
    assert found.ours == {}


def test_of_two_columns_for_one_the_surer_word_is_taken_and_the_other_is_told() -> None:
    found = columns.recognise(headed("创建时间", "上报时间"), "incidents")
    assert found.ours == {"上报时间": "reported_at"}
    assert found.left_out == ("创建时间",)


def test_children_of_two_spanning_headers_are_not_confused() -> None:
    found = columns.recognise(headed("户籍›户数", "流动›户数", "户籍›60岁以上"), "residents")
    assert found.ours == {"户籍›60岁以上": "age_60_plus"}


@pytest.mark.parametrize(
    ("theirs", "kind"),
    [
        ("身份证号码", "id_number"), ("宗教信仰", "religion"), ("民族", "ethnicity"), ("政治面貌", "politics"),
        ("残疾类别", "health"), ("是否精神病患者", "health"), ("信访记录", "petition"), ("刑满释放", "criminal_record"),
        ("社区矫正", "criminal_record"), ("低保户", "poverty"), ("联系电话", "phone"), ("姓名", "name"),
        ("银行卡号", "finance"),
        ("Religion", "religion"), ("Ethnic Group", "ethnicity"), ("Disability", "health"), ("Phone Number", "phone"),
    ],
)  # fmt: skip
def test_what_must_not_be_stored_is_known_by_its_name(theirs: str, kind: str) -> None:
    found = columns.recognise(headed(theirs, "户数"), "residents")
    assert found.withheld[theirs] == kind
    assert theirs not in found.left_out


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["110101199003070001", "31010419850101123X", "440103200001010022"], "id_number"),
        (["13800138000", "139 0013 9000", "+86 13700137000"], "phone"),
        (["汉族", "回族", "汉族"], "ethnicity"),
        (["群众", "中共党员", "群众"], "politics"),
        (["佛教", "无宗教信仰", "基督教"], "religion"),
    ],
)
def test_what_must_not_be_stored_is_known_by_what_stands_in_it(cells: list[str], kind: str) -> None:
    found = columns.recognise(a_list(栏目=cells, 户数=["1", "2", "3"]), "residents")
    assert found.withheld == {"栏目": kind}


def test_an_id_column_full_of_identity_numbers_is_no_id() -> None:
    found = columns.recognise(
        a_list(编号=["110101199003070001", "31010419850101123X", "440103200001010022"]), "incidents"
    )
    assert found.ours == {}
    assert found.withheld == {"编号": "id_number"}


def test_the_office_publishes_names_and_phones_of_its_workers_and_nothing_else_of_them() -> None:
    found = columns.recognise(headed("姓名", "办公电话", "身份证号", "政治面貌"), "workers")
    assert found.ours == {"姓名": "name", "办公电话": "office_phone"}
    assert set(found.withheld) == {"身份证号", "政治面貌"}


def test_even_the_user_cannot_have_a_sensitive_column_stored() -> None:
    found = columns.recognise(headed("宗教信仰", "名称"), "resources", given={"宗教信仰": "category"})
    assert "宗教信仰" not in found.ours


def test_the_users_word_stands_over_ours() -> None:
    found = columns.recognise(headed("Descriptio", "CrimeCode"), "incidents", given={"Descriptio": "category"})
    assert found.ours == {"Descriptio": "category"}
    assert found.left_out == ("CrimeCode",)


@pytest.mark.parametrize(
    ("given", "code"),
    [({"没有": "households"}, "import_no_such_column"), ({"户数": "colour"}, "import_no_such_target")],
)
def test_a_column_that_is_not_there_is_an_error(given: dict[str, str], code: str) -> None:
    with pytest.raises(TableError) as caught:
        columns.recognise(headed("户数"), "residents", given=given)
    assert caught.value.code == code


def test_numbers_of_persons_are_blotted_out_of_text() -> None:
    text = columns.mask("业主电话13800138000，身份证110101199003070001，工单20240305001，12345热线")
    assert text == "业主电话***，身份证***，工单20240305001，12345热线"


@pytest.mark.parametrize("table", ["residents", "incidents", "resources", "workers", "buildings"])
def test_every_word_for_a_column_names_one_column_of_its_table(table: str) -> None:
    from govmap.catalog import layer

    owners: dict[str, set[str]] = {}
    for ours, names in layer("columns")[table].items():
        for word in [ours, *names]:
            owners.setdefault(columns.plain(word), set()).add(ours)
    assert {word: ours for word, ours in owners.items() if len(ours) > 1} == {}
