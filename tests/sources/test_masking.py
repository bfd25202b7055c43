"""What names or reaches a person is blotted out of text, and nothing else is."""

import pandas as pd
import pytest

from govmap.sources.masking import column, mask, people

REACHES = [
    ("请联系13800138000", "13800138000"),
    ("电话 138 0013 8000 张", "138 0013 8000"),
    ("手机138-0013-8000", "138-0013-8000"),
    ("手机１３８００１３８０００", "13800138000"),
    ("手机１３８－００１３－８０００", "138-0013-8000"),
    ("+8613800138000", "13800138000"),
    ("+86 138 0013 8000来电", "138 0013 8000"),
    ("0086-13800138000", "13800138000"),
    ("(+86)13800138000", "13800138000"),
    ("86-13800138000", "13800138000"),
    ("138.0013.8000", "138.0013.8000"),
    ("电话:15912345678/13912345678", "13912345678"),
    ("回电010-62345678", "62345678"),
    ("回电（010）62345678", "62345678"),
    ("0755 8234 5678转102", "8234 5678"),
    ("0471-3456789", "3456789"),
    ("02162345678", "62345678"),
    ("座机62345678", "62345678"),
    ("电话：6234-5678", "6234-5678"),
    ("身份证110101199003078515", "110101199003078515"),
    ("身份证11010119900307851X", "11010119900307851X"),
    ("身份证11010119900307851x住3楼", "11010119900307851x"),
    ("身份证１１０１０１１９９００３０７８５１Ｘ", "11010119900307851X"),
    ("身份证 110101 19900307 8515", "110101 19900307 8515"),
    ("证件110101-1990-03-07-8515", "8515"),
    ("老证110101900307851", "110101900307851"),
    ("护照号:E12345678", "E12345678"),
    ("车牌京A12345占道", "京A12345"),
    ("京A·12345堵门", "12345"),
    ("粤B-D12345占充电位", "D12345"),
    ("沪AD12345", "沪AD12345"),
    ("粤Z1234港", "粤Z1234港"),
    ("邮箱zhang.san@example.cn", "zhang.san@example.cn"),
    ("mail me: jane_doe+1@mail.example.co.uk", "jane_doe"),
    ("微信号:zhangsan_88", "zhangsan_88"),
    ("加微信wxid_ab12cd34ef56", "wxid_ab12cd34ef56"),
    ("QQ 123456789", "123456789"),
    ("qq号：88888888", "88888888"),
    ("卡号6222021234567890123", "6222021234567890123"),
    ("call (410) 555-0123 please", "555-0123"),
    ("phone: 4105550123", "4105550123"),
    ("410-555-0123", "555-0123"),
    ("+44 20 7946 0958", "7946 0958"),
    ("07700 900123", "900123"),
    ("+852 2345 6789", "2345 6789"),
    ("SSN 123-45-6789", "123-45-6789"),
    ("NINO AB 12 34 56 C", "12 34 56"),
]
NAMED = [
    ("姓名：张三丰", "张三丰"),
    ("联系人:欧阳修 反映噪音", "欧阳修"),
    ("联系人李四电话13800138000", None),
    ("张先生反映楼道堆物", "张"),
    ("李建国师傅报修水管", "李建国"),
    ("业主王女士投诉", "王"),
    ("3号楼陈阿姨家漏水", "陈"),
    ("张三家门口有积水", "张三"),
    ("投诉人是刘德海", "刘德海"),
    ("Mr Smith reports noise", "Smith"),
    ("Mrs. Jane Doe lives there", "Jane"),
    ("contact: John Fitzgerald Smith", "Fitzgerald"),
]
STAY = [
    "2024-03-05 14:30 积水", "2024年3月5日", "20240305", "20240305123456", "金额13800元", "共1380013800元",
    "12345热线转办", "拨打110", "119消防", "400-810-1234客服", "800-820-1234", "1-800-555-0100",
    "幸福小区3号楼2单元501室", "3-2-501", "建设路128号", "工单20240301000123", "CASE-2021-000123",
    "编码110101001001001", "1700 WESTWOOD AV", "1700 BLK OF N CHARLES ST", "面积123.45平方米", "116.397128,39.916527",
    "39.916527 116.397128", "第38次反映", "1,234户", "12A号", "宽2.5米深30厘米", "5月1日-5月7日停水",
    "500 Ocean Dr Apt 3", "B12地块", "C3-101", "A12345号井盖", "路灯杆号LD001234", "10-12号楼之间", "2023-2024年度",
    "M1 Motorway", "幸福里1-8号楼（除3号楼）",
]  # fmt: skip
NO_NAMES = [
    "金水路积水", "安全通道堵塞", "王府井大街", "马路边垃圾", "李家村12号", "时代广场", "方庄路口", "常青藤小区3号楼",
    "黄河路与长江路交叉口", "江南家园", "Oak Street 12", "Main Street playground", "name of street unreadable",
]  # fmt: skip


@pytest.mark.parametrize(("text", "secret"), REACHES)
def test_what_reaches_a_person_is_blotted_out(text, secret):
    masked = mask(text)
    assert secret not in masked
    assert "***" in masked


@pytest.mark.parametrize(("text", "name"), NAMED)
def test_names_are_blotted_out_of_sentences(text, name):
    masked = people(text)
    assert "***" in masked
    assert name is None or name not in masked


@pytest.mark.parametrize("text", STAY)
def test_dates_amounts_numbers_of_houses_and_tickets_stay(text):
    assert people(text) == text


@pytest.mark.parametrize("text", NO_NAMES)
def test_names_of_places_stay(text):
    assert people(text) == text


@pytest.mark.parametrize(("text", "_"), REACHES + NAMED)
def test_blotting_twice_changes_nothing_more(text, _):
    assert people(people(text)) == people(text)


def test_a_column_is_blotted_as_its_cells_are():
    texts = [text for text, _ in REACHES + NAMED] + STAY + NO_NAMES
    cells = pd.Series([*texts, None, "", *texts], dtype=object)
    wanted = [people(text) if text else text for text in cells]
    assert column(cells).tolist() == wanted


def test_a_word_without_end_takes_no_time_and_hides_no_mail():
    assert mask("9" * 60_000) == "9" * 60_000
    assert mask("微信" * 30_000) == "微信" * 30_000
    masked = mask("请回复" * 40 + "wang.li@example.org")
    assert "example" not in masked
    assert "wang" not in masked
