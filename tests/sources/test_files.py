"""Lists and layers of every kind to text cells; what cannot be read says so in one sentence."""

import codecs
import contextlib
import sqlite3
from pathlib import Path

import geopandas as gpd
import nasty as lists
import pandas as pd
import pytest
import shapely
from nasty import HEADER, ROWS

from govmap.errors import TableError
from govmap.messages import Voice
from govmap.sources import files

WHOLE = [HEADER, *ROWS]


def cells(raw: files.RawTable) -> list[list[str]]:
    return raw.frame[list(raw.header)].to_numpy().tolist()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "big5"])
@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_encoding_and_delimiter_are_worked_out(tmp_path: Path, encoding: str, mark: str) -> None:
    rows = (
        WHOLE
        if encoding != "big5"
        else [["小區", "樓號", "戶數", "人口"], ["幸福小區", "1號樓", "12", "30"], ["和平小區", "2號樓", "20", "50"]]
    )
    raw = files.rows(lists.text(tmp_path / "a.csv", rows, mark=mark, encoding=encoding))
    assert [list(raw.header), *cells(raw)] == rows
    assert raw.found["delimiter"] == mark
    assert codecs.lookup(raw.found["encoding"]).name in {codecs.lookup(encoding).name, "gb18030"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_line_is_one(tmp_path: Path, end: str) -> None:
    assert cells(files.rows(lists.text(tmp_path / "a.txt", WHOLE, end=end))) == ROWS


def test_an_encoding_that_is_not_certain_is_asked_for(tmp_path: Path) -> None:
    path = lists.text(
        tmp_path / "a.csv", [["name", "city"], ["Café Ærø", "Århus"], ["Blåbær", "Køge"]], encoding="cp1252"
    )
    with pytest.raises(TableError) as caught:
        files.rows(path)
    assert caught.value.code == "file_encoding_unsure"
    assert "cp1252" in caught.value.hint(Voice("en"))
    assert cells(files.rows(path, encoding="cp1252"))[0] == ["Café Ærø", "Århus"]


def test_the_row_number_is_the_one_the_user_sees(tmp_path: Path) -> None:
    path = lists.text(
        tmp_path / "a.csv", [["幸福社区统计表"], [], HEADER, ROWS[0], [], ['"幸福\n小区"', "2号楼", "1", "1"], ROWS[2]]
    )
    raw = files.rows(path)
    assert raw.frame["source_row"].tolist() == [4, 6, 7]
    assert raw.found["header_row"] == 3


def test_a_title_row_is_no_header_in_a_workbook(tmp_path: Path) -> None:
    raw = files.rows(lists.workbook(tmp_path / "a.xlsx", 表一=[["幸福社区统计表"], HEADER, *ROWS]))
    assert cells(raw) == ROWS
    assert raw.frame["source_row"].tolist() == [3, 4, 5]


def test_numbers_of_a_workbook_have_no_tail_and_text_keeps_its_zeros(tmp_path: Path) -> None:
    rows = [
        ["编号", "户数", "面积", "日期"],
        ["007", 12, 0.5, pd.Timestamp("2024-03-05").to_pydatetime()],
        [8, 12.0, 1e3, "2024.3.5"],
    ]
    raw = files.rows(lists.workbook(tmp_path / "a.xlsx", 表=rows))
    assert cells(raw) == [["007", "12", "0.5", "2024-03-05"], ["8", "12", "1000", "2024.3.5"]]


def test_merged_cells_go_for_all_their_rows_and_a_merged_number_for_none(tmp_path: Path) -> None:
    raw = files.rows(lists.merged(tmp_path / "a.xlsx"))
    assert raw.header == ("小区", "楼号", "户数", "人口›总人数", "人口›60岁以上")
    assert raw.frame["小区"].tolist()[:4] == ["幸福小区"] * 4
    assert raw.shared == {(6, "户数"), (7, "户数")}


def test_errors_and_uncalculated_formulas_are_seen(tmp_path: Path) -> None:
    assert cells(files.rows(lists.uncalculated(tmp_path / "a.xlsx")))[0][2] == "#?"


def test_the_sheet_with_the_list_is_taken_and_several_are_asked_for(tmp_path: Path) -> None:
    note = [["填表说明"], ["请如实填写"]]
    assert files.rows(lists.workbook(tmp_path / "a.xlsx", 说明=note, 数据=WHOLE, 空=[])).found["sheet"] == "数据"
    path = lists.workbook(tmp_path / "b.xlsx", 一=WHOLE, 二=WHOLE)
    with pytest.raises(TableError) as caught:
        files.rows(path)
    assert caught.value.code == "file_several_sheets"
    assert files.rows(path, sheet="二").found["sheet"] == "二"


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.fgb", "a.kml", "a.shp"])
def test_layers_keep_every_record(tmp_path: Path, name: str) -> None:
    driver = {"geojson": "GeoJSON", "gpkg": "GPKG", "fgb": "FlatGeobuf", "kml": "KML", "shp": "ESRI Shapefile"}[
        name.split(".")[1]
    ]
    frame = lists.points(name=["幸福卫生站", "b", "c"], kind=["x", "y", None])
    frame = frame.to_crs(4326) if driver in ("KML", "GeoJSON") else frame
    raw = files.rows(lists.layer(tmp_path / name, frame, driver))
    theirs = next(one for one in raw.header if one.lower() == "name")
    assert sorted(raw.frame[theirs]) == ["b", "c", "幸福卫生站"]
    assert raw.frame["source_row"].tolist() == [1, 2, 3]
    assert shapely.is_geometry(raw.geometry).all()


@pytest.mark.parametrize("cpg", [None, "UTF-8", "nonsense"])
def test_a_gbk_shapefile_without_a_true_cpg_is_read_right_also_zipped(tmp_path: Path, cpg: str | None) -> None:
    parts = lists.gbk_shapefile(tmp_path, cpg=cpg)
    raw = files.rows(lists.zipped(tmp_path / "poi.zip", {f"资料/{name}": content for name, content in parts.items()}))
    assert raw.frame["名称"].tolist() == ["幸福卫生站", "和平药店", "人民公园"]
    assert raw.found["encoding"] == "gb18030"


def test_large_ids_with_gaps_stay_exact(tmp_path: Path) -> None:
    frame = lists.points(id=pd.array([9007199254740993, None, 3], dtype="Int64"))
    raw = files.rows(lists.layer(tmp_path / "a.gpkg", frame, "GPKG"))
    assert raw.frame["id"].tolist() == ["9007199254740993", "", "3"]


def test_a_truncated_geojson_is_refused_and_nothing_of_it_is_taken(tmp_path: Path) -> None:
    path = lists.layer(tmp_path / "a.geojson", lists.points(name=["a", "b", "c"]).to_crs(4326), "GeoJSON")
    path.write_bytes(path.read_bytes()[:-120])
    with pytest.raises(TableError):
        files.rows(path)


def test_open_document_sheets_are_read(tmp_path: Path) -> None:
    raw = files.rows(lists.open_document(tmp_path / "a.ods", [["楼号", "户数"], ["01号楼", 12], ["2号楼", 20]]))
    assert raw.header == ("楼号", "户数")
    assert cells(raw) == [["01号楼", "12"], ["2号楼", "20"]]


def test_an_archive_with_one_list_is_that_list(tmp_path: Path) -> None:
    book = lists.workbook(tmp_path / "a.xlsx", 表=WHOLE).read_bytes()
    assert cells(files.rows(lists.zipped(tmp_path / "b.zip", {"名单/楼栋.xlsx": book, "readme.txt": b"x"}))) == ROWS
    place = b"<kml xmlns='http://www.opengis.net/kml/2.2'><Placemark><name>a</name><Point><coordinates>117,31</coordinates></Point></Placemark></kml>"
    assert files.rows(lists.zipped(tmp_path / "c.kmz", {"doc.kml": place})).found["format"] == "kml"


def test_the_first_line_by_which_excel_is_told_the_delimiter_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("sep=;\r\n小区;户数\r\n幸福,小区;12".encode("utf-8-sig"))
    raw = files.rows(path)
    assert cells(raw) == [["幸福,小区", "12"]]
    assert raw.frame["source_row"].tolist() == [3]


def test_hidden_sheets_are_not_lists(tmp_path: Path) -> None:
    import openpyxl

    path = lists.workbook(tmp_path / "a.xlsx", 数据=WHOLE, 选项=WHOLE)
    book = openpyxl.load_workbook(path)
    book["选项"].sheet_state = "hidden"
    book.save(path)
    assert files.rows(path).found["sheet"] == "数据"


def test_several_layers_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    lists.layer(path, lists.points(name=["a"]), "GPKG", layer="one")
    lists.layer(path, lists.points(name=["b"]), "GPKG", layer="two", append=True)
    with pytest.raises(TableError) as caught:
        files.rows(path)
    assert caught.value.code == "file_several_layers"
    assert files.rows(path, layer="two").frame["name"].tolist() == ["b"]


def test_the_project_itself_is_refused_under_any_name(tmp_path: Path) -> None:
    path = lists.layer(tmp_path / "p.gpkg", lists.points(name=["a"]), "GPKG")
    other = tmp_path / "link.gpkg"
    other.symlink_to(path)
    with pytest.raises(TableError) as caught:
        files.rows(other, project_path=path)
    assert caught.value.code == "file_is_the_project"


def test_a_database_is_read_from_a_copy_also_what_is_not_yet_checkpointed(tmp_path: Path) -> None:
    path = lists.layer(tmp_path / "a.gpkg", lists.points(name=["a", "b"]), "GPKG", SPATIAL_INDEX="NO")
    held = sqlite3.connect(path)
    held.execute("PRAGMA journal_mode=WAL")
    held.execute("UPDATE a SET name = 'new' WHERE name = 'a'")
    held.commit()
    assert sorted(files.rows(path).frame["name"]) == ["b", "new"]
    assert held.execute("SELECT count(*) FROM a").fetchone() == (2,)
    held.close()


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    one = files.rows(lists.text(tmp_path / "a.csv", WHOLE)).sha256
    assert files.rows(lists.text(tmp_path / "b.txt", WHOLE, mark="\t", encoding="gbk")).sha256 == one
    assert (
        files.rows(lists.text(tmp_path / "c.csv", [HEADER, *ROWS[:2], ["和平小区", "3号楼", "8", "22"]])).sha256 != one
    )


def refused(path: Path) -> str:
    """Give the code of the one sentence that refuses a file, in both languages."""
    with pytest.raises(TableError) as caught:
        files.rows(path)
    for language in ("en", "zh"):
        assert caught.value.message(Voice(language))
        assert caught.value.hint(Voice(language))
    return caught.value.code


def test_files_that_are_no_lists_are_refused_in_one_sentence(tmp_path: Path) -> None:
    def made(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    good = lists.workbook(tmp_path / "good.xlsx", 表=WHOLE).read_bytes()
    assert refused(tmp_path / "none.csv") == "file_missing"
    assert refused(tmp_path) == "file_not_a_file"
    assert refused(made("a.csv", b"")) == "file_empty"
    assert refused(made("b.csv", b"\n\n,,\n")) == "file_empty"
    assert refused(made("c.csv", b"1,2,3\n4,5,6\n")) == "file_no_header"
    assert refused(made("d.xls", b"<html><table><tr><td>1</td></tr></table></html>")) == "file_is_a_web_page"
    assert refused(made("e.csv", b"\x7fELF\0\0\0\0" + bytes(range(256)))) == "file_kind_unknown"
    assert refused(made("f.xlsx", good[: len(good) // 2])) == "file_archive_broken"
    assert refused(made("g.xls", lists.locked_ole())) == "file_workbook_broken"
    assert refused(made("h.gpkg", b"SQLite format 3\0" + b"\0" * 200)) == "file_layer_broken"
    assert refused(made("i.geojson", b'{"type": "Feature')) == "file_layer_broken"
    assert (
        refused(made("j.json", b'{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline"}'))
        == "file_json_no_layer"
    )
    assert (
        refused(made("k.kml", b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>")) == "file_kind_unknown"
    )
    assert refused(lists.zipped(tmp_path / "l.zip", {"readme.doc": b"x"})) == "file_nothing_in_archive"
    assert refused(lists.zipped(tmp_path / "m.zip", {"a.csv": b"x", "b.csv": b"y"})) == "file_several_in_archive"


def test_traps_are_refused_and_nothing_is_written_outside(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    entity = b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml><name>&a;</name></kml>'
    (inside / "a.kml").write_bytes(entity)
    assert refused(inside / "a.kml") == "file_trap"
    assert refused(lists.bomb(inside / "b.xlsx")) == "file_bomb"
    assert refused(lists.far_cell(inside / "c.xlsx")) == "file_far_cell"
    assert refused(lists.far_cell(inside / "d.xlsx", "Z1048576")) == "file_far_cell"
    slip = lists.zipped(
        inside / "e.zip", {"../../outside.csv": ",".join(HEADER).encode() + b"\n" + ",".join(ROWS[0]).encode()}
    )
    assert cells(files.rows(slip)) == ROWS[:1]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["inside"]


@pytest.mark.parametrize("kind", ["xlsx", "gpkg", "fgb", "zip"])
def test_flipped_bits_end_in_rows_or_in_one_sentence(tmp_path: Path, kind: str) -> None:
    """Whatever bit is wrong: the list is read or refused, no other fault comes up."""
    frame = lists.points(name=["a", "b", "c"], kind=["x", "y", "z"])
    if kind == "xlsx":
        whole = lists.workbook(tmp_path / "a.xlsx", 表=WHOLE).read_bytes()
    elif kind == "zip":
        whole = lists.zipped(tmp_path / "a.zip", lists.gbk_shapefile(tmp_path)).read_bytes()
    else:
        whole = lists.layer(tmp_path / f"a.{kind}", frame, {"gpkg": "GPKG", "fgb": "FlatGeobuf"}[kind]).read_bytes()
    step = max(1, len(whole) // 60)
    for at in range(3, len(whole), step):
        broken = bytearray(whole)
        broken[at] ^= 0x5A
        path = tmp_path / f"broken.{kind}"
        path.write_bytes(bytes(broken))
        with contextlib.suppress(TableError):
            files.rows(path)


def test_a_frame_from_our_own_export_does_not_lose_its_column_of_row_numbers(tmp_path: Path) -> None:
    raw = files.rows(lists.text(tmp_path / "a.csv", [["source_row", "name", "name"], ["7", "a", "b"]]))
    assert raw.header == ("source_row (2)", "name", "name (2)")


def test_a_table_of_a_geopackage_without_shapes_is_a_list(tmp_path: Path) -> None:
    import pyogrio

    pyogrio.write_dataframe(pd.DataFrame({"name": ["a"], "n": [1]}), tmp_path / "a.gpkg", driver="GPKG")
    raw = files.rows(tmp_path / "a.gpkg")
    assert raw.geometry is None
    assert cells(raw) == [["a", "1"]]


def test_real_registers_are_read_whole(shared: Path) -> None:
    side = shared / "data" / "side"
    counts = {
        file.name: files.rows(file).rows_in
        for file in sorted(side.iterdir())
        if file.suffix in (".csv", ".gpkg", ".geojson")
    }
    assert counts == {
        "baltimore_foot_patrol_areas.geojson": 118,
        "baltimore_incidents_2021.csv": 15167,
        "baltimore_neighborhoods.geojson": 278,
        "berkeley_311_requests.geojson": 2341,
        "helsinki_population_grid_2020.gpkg": 92,
        "porto_alegre_hexgrid.csv": 1227,
        "sf_demand_205_tracts.csv": 205,
        "sf_stores_16.csv": 16,
        "shanghai_lujiazui_pois_tilezen.geojson": 494,
    }


def test_a_gdal_warning_is_kept_and_not_shouted(shared: Path) -> None:
    raw = files.rows(shared / "data" / "side" / "shanghai_lujiazui_pois_tilezen.geojson")
    assert any("177998987" in one for one in raw.found["warnings"])


def test_a_geodataframe_of_ours_comes_back(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"a": ["=1+1"]}, geometry=[shapely.Point(1, 2)], crs=4326)
    raw = files.rows(lists.layer(tmp_path / "a.fgb", frame, "FlatGeobuf"))
    assert raw.crs == "EPSG:4326"


def test_a_table_that_promises_more_than_it_holds_takes_no_memory(tmp_path: Path) -> None:
    parts = lists.gbk_shapefile(tmp_path) | {"poi.dbf": lists.huge_dbase()}
    path = lists.zipped(tmp_path / "a.zip", parts)
    with contextlib.suppress(TableError):
        assert files.rows(path).rows_in <= 3


@pytest.mark.parametrize("gone", ["poi.shx", "poi.dbf", "poi.prj"])
def test_a_shapefile_that_lacks_a_part_is_read_or_refused(tmp_path: Path, gone: str) -> None:
    parts = lists.gbk_shapefile(tmp_path)
    del parts[gone]
    path = lists.zipped(tmp_path / "a.zip", parts)
    with contextlib.suppress(TableError):
        raw = files.rows(path)
        assert raw.rows_in == 3
        assert gone == "poi.prj" or raw.geometry is not None


def test_rows_of_every_length_are_given_with_their_length(tmp_path: Path) -> None:
    path = lists.text(
        tmp_path / "a.csv", [HEADER, ["甲", "1"], ["乙", "2", "3", "4", "5"], ["丙", "1", "2", "3", "", ""]]
    )
    assert files.rows(path).widths.tolist() == [2, 5, 4]


def test_a_file_that_lies_there_and_cannot_be_opened_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("楼栋,户数\n1号楼,5\n", "utf-8")

    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(TableError) as caught:
        files.rows(path)
    assert caught.value.code == "file_unreadable"
