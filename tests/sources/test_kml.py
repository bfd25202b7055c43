"""Fields of KML places under their own names."""

from pathlib import Path

import pytest

from govmap.errors import GovmapError
from govmap.sources import files, gate

PLACE = (
    "<Placemark><name>{name}</name><ExtendedData>{fields}</ExtendedData>"
    "<Point><coordinates>117.0,31.184</coordinates></Point></Placemark>"
)


def place(name: str, **fields: str) -> str:
    told = "".join(f'<Data name="{one}"><value>{text}</value></Data>' for one, text in fields.items())
    return PLACE.format(name=name, fields=told)


def test_chinese_fields_of_places_keep_their_names(tmp_path: Path) -> None:
    places = place("卫生站", 类别="卫生服务站", 电话="0571-88880001") + place("食堂", 类别="老年助餐点")
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>资源</name>{places}</Folder></Document></kml>'
    file = tmp_path / "a.kml"
    file.write_text(text, "utf-8")
    raw = files.rows(file)
    assert {"类别", "电话"} <= set(raw.header)
    assert "altitudeMode" not in raw.header
    made = gate.admit(raw, "resources", crs="EPSG:32650")
    assert made.rows["name"].tolist() == ["卫生站", "食堂"]
    assert made.columns.ours["类别"] == "category"
    assert raw.frame["类别"].tolist() == ["卫生服务站", "老年助餐点"]


@pytest.mark.parametrize("declared", ["rot13", "hex", "zlib", "idna", "no-such-letters"])
def test_an_encoding_that_is_none_ends_in_rows_or_in_one_sentence(declared: str, tmp_path: Path) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    file = tmp_path / "a.kml"
    file.write_bytes(f"{head}{place('卫生站')}</Document></kml>".encode("gb18030"))
    try:
        rows = len(files.rows(file).frame)
    except GovmapError as fault:
        rows = fault.code.startswith("import_")
    assert rows == 1
