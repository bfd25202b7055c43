"""Which incidents are of a sensitive kind."""

import pandas as pd
import pytest

from govmap import sensitive

KINDS = [
    "家暴", "家庭暴力", "疑似家庭暴力警情", "儿童走失", "未成年人保护", "自杀", "轻生", "精神障碍患者", "家庭纠纷",
    "婚姻家庭矛盾", "性骚扰", "打架斗殴", "吸毒人员", "老人赡养", "强姦", "ＦＡＭＩＬＹ", "Domestic violence",
    "DOMESTIC DISPUTE", "RAPE (FORCE)", "Child abuse/neglect", "COMMON ASSAULT", "AGG. ASSLT.- GUN",
    "Suicide attempt", "Mental Health Crisis", "mental-health", "Family matter", "Missing Person", "SHOOTING",
    "MURDER", "Sex offense", "elder abuse", "Welfare check",
]  # fmt: skip
PLAIN = [
    "路灯维修", "占道经营", "精神文明创建", "儿童乐园设施损坏", "宠物走失", "动物虐待", "噪音扰民", "环境卫生",
    "Street light out", "Environmental services", "Scraped car", "grape vines", "LARCENY- BICYCLE",
    "Playground equipment", "Multi-family trash", "Battery recycling", "drapes", "Residential Missed Pickup",
    "Property neglect", "Kitchen children's play area",
]  # fmt: skip
SAID = [
    "居民反映隔壁经常打骂孩子", "丈夫喝醉后家暴", "楼上有人扬言跳楼", "有精神异常人员在小区徘徊",
    "my neighbour beats his wife every night", "a woman threatened to kill herself", "child abuse next door",
]  # fmt: skip
NOTHING_SAID = [
    "我家孩子睡不着，施工噪音太大", "家庭聚会太吵", "心里很不舒服，请尽快处理",
    "my family cannot sleep because of the noise", "儿童滑梯坏了", "夫妻二人反映路灯不亮",
    "the children's crossing has no light", "暴力施工扰民",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_sensitive_kinds_are_known_in_both_languages(kind: str) -> None:
    assert sensitive.rows(pd.Series([kind])).all()


@pytest.mark.parametrize("kind", PLAIN)
def test_other_kinds_are_none(kind: str) -> None:
    assert not sensitive.rows(pd.Series([kind])).any()


def test_sentences_are_read_by_phrases() -> None:
    assert sensitive.rows(pd.Series(SAID), sentences=True).all()
    assert not sensitive.rows(pd.Series(NOTHING_SAID), sentences=True).any()


def test_each_row_is_told_by_its_own_words() -> None:
    cells = pd.Series(["噪音", None, "家暴", "", "噪音\n家暴", "İ", "噪音"] * 50)
    told = sensitive.rows(cells)
    assert told.tolist() == [False, False, True, False, True, False, False] * 50
    assert sensitive.rows(pd.Series([], dtype=object)).tolist() == []
