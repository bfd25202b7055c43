"""Words that people typed pass the gate without telephones, personal numbers and persons."""

import pytest
from row import AT, public, said, town

from govmap.publish import release
from govmap.publish.wording import mask

TOLD = {
    "党群服务中心，电话 13800138000": "党群服务中心，***",
    "议事点：张三家": "议事点：***",
    "王大爷家楼下": "***楼下",
    "网格长：李四": "***",
    "网格长张三和李阿姨": "***和***",
    "联系人 赵铁柱 010-62345678": "*** ***",
    "110101199003071234": "***",
    "负责人王强": "***",
    "QQ：123456789": "***",
    "8:00-17:00 tel 62345678": "8:00-17:00 ***",
    "call 020 7946 0958": "call ***",
    "(555) 123-4567, 078-05-1120": "***, ***",
    "Mary Jones's flat": "***",
    "Hall, ask for Mrs Smith": "Hall, ask for ***",
    "contact: John Doe, a.b@c.org": "***, ***",
}
KEPT = (
    "党群服务中心二楼", "网格长办公室", "书记会客厅", "居民委员会", "居民高楼", "业主大会", "幸福人家", "金色人家",
    "江南世家", "王家村", "李家庄社区", "张家港路12-48号", "建设路1380号-1390号", "440306001001001", "12345热线",
    "东至人民路，南至护城河", "2026-03-01 - 2026-04-01", "8:00-17:30", "No. 12-48 Oak Dr", "St Mary's church",
    "Owner Occupied Homes", "Mrs", "U001", "1,286", "114.05, 22.54",
)  # fmt: skip


@pytest.mark.parametrize("text", list(TOLD))
def test_what_tells_of_a_person_is_masked(text: str) -> None:
    assert mask(text) == TOLD[text]


@pytest.mark.parametrize("text", KEPT)
def test_names_of_places_numbers_and_dates_stay(text: str) -> None:
    assert mask(text) == text


def test_the_public_reads_masked_words_and_the_office_its_own() -> None:
    tables = town()
    tables["units"] = tables["units"].assign(name=["一网格 13800138000", "二网格"], meeting_place=["张三家", None])
    tables["buildings"]["name"] = "Tower, tel 62345678"
    released = public(tables)
    assert not [one for one in ("13800138000", "62345678") if one in said(released)]
    assert released.tables["units"]["meeting_place"].dropna().tolist() == ["***"]
    assert released.tables["units"]["name"].tolist() == ["一网格 ***", "二网格"]
    assert released.privacy_report["words_masked"] == {"buildings.name": 6, "units.meeting_place": 1, "units.name": 1}
    assert "publish_masked" in [one.key for one in released.notes]
    assert released.worded("大会 13800138000") == "大会 ***"
    inside = release(tables, audience="planner", plan_id="p1", edition=1, at=AT)
    assert inside.tables["units"]["meeting_place"].dropna().tolist() == ["张三家"]
    assert inside.worded("13800138000") == "13800138000"


def test_the_report_names_units_by_the_codes_of_the_map() -> None:
    tables = town()
    tables["units"] = tables["units"].assign(code=["W-1", "W-2"], residents=[6, 594])
    told = public(tables).privacy_report["suppressed"]
    assert {one["area"] for one in told} == {"W-1", "W-2"}
