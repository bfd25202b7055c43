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
    assert found.ours == {"户籍›户数": "households_registered", "户籍›60岁以上": "age_60_plus"}
    assert found.left_out == ("流动›户数",)


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


OFFICES = [
    # residents
    ("residents", "小区名称 楼栋号 单元 总户数 常住人口 60岁以上 80岁以上 独居老人",
     "compound building entrance households people age_60_plus age_80_plus living_alone_60"),
    ("residents", "网格 楼栋 户籍户数 户籍人口 流动人口 出租房间数 商铺数",
     "unit building households_registered people_registered people_rented rooms_rented shops"),
    ("residents", "小区 幢号 单元号 户数(户) 人口(人) 0-6岁 60周岁以上",
     "compound building entrance households people age_0_6 age_60_plus"),
    ("residents", "社区 小区 楼号 门牌号 居民户数 实有人口",
     "community compound building house_number households people"),
    ("residents", "所属小区 楼栋名称 应住户数 实住户数 常住人数 老年人数",
     "compound building - households people age_60_plus"),
    ("residents", "小区名 楼号 总户数 空置户数", "compound building households -"),
    ("residents", "街道 社区 院落 栋 单元 户数 人数 备注",
     "- community compound building entrance households people -"),
    ("residents", "楼栋号Building 户数Households 人口（Residents）", "building households people"),
    ("residents", "楼号/栋号 户数（户籍） 户数（空置）", "building households_registered -"),
    ("residents", "Estate|Block|Households|Residents|Aged 60 and over",
     "compound building households people age_60_plus"),
    ("residents", "Address|Number of households|Population|Children 0-6|Seniors 60+",
     "address households people age_0_6 age_60_plus"),
    ("residents", "Building name|Flats|Occupied households|Vacant households|People", "building - households - people"),
    ("residents", "GEOID|Total population|Households", "area_code people households"),
    # incidents
    ("incidents", "工单编号 受理时间 诉求类型 诉求内容 事发地址 承办单位 办结时间 满意度",
     "external_no reported_at kind text address responsible closed_at satisfied_resident"),
    ("incidents", "事件编号 上报时间 事件大类 事件描述 事发位置 经度 纬度 处置状态",
     "external_no reported_at category text address lon lat stage"),
    ("incidents", "任务号 采集时间 问题来源 大类名称 问题描述 地址描述 坐标X 坐标Y",
     "external_no reported_at - category text address x y"),
    ("incidents", "流水号 来电日期 反映内容 所属网格 处理结果 办结日期",
     "external_no reported_at text unit - closed_at"),
    ("incidents", "案卷编号 案件类型 立案时间 结案时间 处置部门 网格编码 百度经度 百度纬度",
     "external_no category reported_at closed_at responsible unit lon lat"),
    ("incidents", "序号 发现时间 事件名称 事件分类 发生地点 处理时限 当前状态",
     "- reported_at - category address due_at stage"),
    ("incidents", "Case ID|Opened|Closed|Status|Category|Address|Latitude|Longitude",
     "external_no reported_at closed_at stage category address lat lon"),
    ("incidents", "SR Number|Created Date|Complaint Type|Incident Address|Due Date|Closed Date|Agency",
     "external_no reported_at category address due_at closed_at responsible"),
    ("incidents", "service_request_id|requested_datetime|closed_date|agency_responsible|service_name|address|lat|long",
     "external_no reported_at closed_at responsible category address lat lon"),
    ("incidents", "CrimeDate|CrimeCode|Location|Description|District", "reported_at category address text -"),
    ("incidents", "Ticket No.|Reported on|Type of issue|Where|Priority|Assigned to|Deadline",
     "external_no reported_at category address severity responsible due_at"),
    # workers
    ("workers", "姓名 职务 所属网格 手机 工作单位", "name role unit office_phone organisation"),
    ("workers", "序号 网格名称 网格长 联系电话 岗位", "- unit name office_phone role"),
    ("workers", "工号 网格员姓名 性别 负责网格 办公电话 入职时间", "worker_id name - unit office_phone -"),
    ("workers", "姓名 岗位类别 每月工时", "name role capacity_hours_month"),
    ("workers", "Staff ID|Name|Role|Team|Work phone|Hours per month",
     "worker_id name role organisation office_phone capacity_hours_month"),
    ("workers", "Employee|Position|Unit|Telephone", "name role unit office_phone"),
    # resources
    ("resources", "名称 类别 地址 开放时间 经度 纬度", "name category address hours lon lat"),
    ("resources", "设施名称 设施类型 服务对象 床位数 所属社区 详细地址",
     "name category serves capacity community address"),
    ("resources", "资源名称 资源类型 提供单位 可容纳人数 是否共享 位置",
     "name category provider_seat capacity shared address"),
    ("resources", "点位名称 点位类型 点位地址 gcj02经度 gcj02纬度", "name category address lon lat"),
    ("resources", "机构名称 机构性质 服务范围 座位数 营业时间", "name provider_type serves capacity hours"),
    ("resources", "学校名称 学校类型 地址 学位数", "name category address capacity"),
    ("resources", "门店名称 行业类型 地址 面积", "name category address -"),
    ("resources", "Facility name|Type|Address|Capacity|Opening hours", "name category address capacity hours"),
    ("resources", "Name|Amenity|Lat|Lng|Seats", "name category lat lon capacity"),
    ("resources", "Organisation|Target group|Wheelchair access", "name serves -"),
    ("resources", "store|long|lat", "name lon lat"),
    # buildings
    ("buildings", "楼栋编号 小区名称 楼号 层数 单元数 每层户数 户数 使用性质",
     "building_id compound name levels stairwells homes_a_floor households use"),
    ("buildings", "幢号 地上层数 地下层数 建筑面积 房屋用途 总套数", "name levels - - use dwellings"),
    ("buildings", "建筑名称 建筑高度 楼层数 用途 地址 户数", "name height_m levels use address households"),
    ("buildings", "小区 楼栋 单元数 楼层 总户数 常住人口 建筑年代",
     "compound name stairwells levels households residents -"),
    ("buildings", "自然幢号 房屋坐落 总层数 房屋结构 套数", "name address levels - dwellings"),
    ("buildings", "楼宇名称 层高 楼栋地址 楼门数 住户数", "name - address stairwells households"),
    ("buildings", "Building ID|Name|Storeys|Use|Dwellings|Year built|Address",
     "building_id name levels use dwellings - address"),
    ("buildings", "Block|No. of floors|No. of units|Height (m)", "name levels dwellings height_m"),
    ("buildings", "OBJECTID|BLDG_NAME|NUM_FLOORS|BLDG_USE|HEIGHT", "building_id name levels use height_m"),
    # last year's division
    ("units", "网格名称 网格编码 包含小区、楼栋 户数 人口", "name code covers households residents"),
    ("units", "序号 微网格名称 管辖范围 四至范围 总户数", "- name covers bounds_text households"),
    ("units", "社区 网格 楼栋号 备注", "community name building -"),
    ("units", "所属网格 覆盖范围 责任单位", "name covers responsible_org"),
    ("units", "片区 责任楼栋 户数", "name covers households"),
    ("units", "网格号 小区 楼栋 单元 户数", "code compound building entrance households"),
    ("units", "Unit|Code|Buildings covered|Households|Responsible organisation",
     "name code covers households responsible_org"),
    ("units", "Beat|Streets covered", "name covers"),
    ("units", "Area name|Boundaries|Population|Meeting place", "name bounds_text residents meeting_place"),
    ("parts", "楼栋编号 单元号 起始层 终止层 户数", "building_id entrance floor_from floor_to households"),
    ("compounds", "小区编码 小区名称 类型 总户数", "compound_id name kind households"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "header", "ours"), OFFICES, ids=[header for _, header, _ in OFFICES])
def test_the_headers_of_offices_are_understood(table: str, header: str, ours: str) -> None:
    theirs = header.split("|") if "|" in header else header.split()
    found = columns.recognise(headed(*theirs), table)
    assert [found.ours.get(one, "-") for one in theirs] == ours.split()


def test_sixty_headers_of_offices_are_tried() -> None:
    assert len({header for _, header, _ in OFFICES}) >= 60


@pytest.mark.parametrize(
    "theirs", ["Vacant households", "户数（空置）", "Flats (vacant)", "School Address List 2", "Dog People"]
)
def test_a_name_that_holds_a_known_word_may_be_another_thing(theirs: str) -> None:
    assert columns.recognise(headed(theirs), "residents").ours == {}


def test_how_many_buildings_a_unit_has_is_not_which() -> None:
    counted = columns.recognise(pd.DataFrame({"code": ["U1", "U2"], "buildings": ["83", "13"]}), "units")
    named = columns.recognise(pd.DataFrame({"code": ["U1", "U2"], "buildings": ["1-5", "7"]}), "units")
    assert (counted.theirs("covers"), named.theirs("covers")) == (None, "buildings")
