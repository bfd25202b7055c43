"""Parquet and GeoParquet of other programs: every row and shape comes in, and damaged files end in one sentence."""

import random
import subprocess
import sys
import zipfile
from pathlib import Path

import parquets
import pytest
import shapely

from govmap.errors import TableError
from govmap.messages import Voice
from govmap.sources import files, parquet_apart
from govmap.sources.files import RawTable

HOUSES = [shapely.box(121.47 + i / 1000, 31.23, 121.4705 + i / 1000, 31.2305) for i in range(3)]


def read(folder: Path, name: str) -> RawTable:
    (folder / "a.parquet").write_bytes(parquets.content(name))
    return files.rows(folder / "a.parquet")


def refusal(path: Path, rows: int) -> str | None:
    """Give the key of the sentence by which a file is refused, none where all its rows come in or are named."""
    try:
        raw = files.rows(path)
    except TableError as fault:
        return fault.code
    return None if raw.rows_in == rows else f"{raw.rows_in} rows of {rows}"


def test_a_layer_of_geopandas_comes_in_with_words_numbers_and_shapes(tmp_path: Path) -> None:
    raw = read(tmp_path, "geopandas")
    assert raw.header == ("楼栋", "户数", "别名", "door")  # the bounds that were written for machines are left out
    assert raw.frame["户数"].tolist() == ["12", "", "30"]
    assert raw.frame["别名"].tolist() == ['["甲", "乙"]', "[]", ""]
    assert raw.frame["door"].tolist() == ["POINT (121.47 31.23)"] * 3
    assert raw.crs == "EPSG:4326"
    assert raw.geometry is not None
    assert shapely.equals_exact(raw.geometry[:2], HOUSES[:2]).all()
    assert raw.geometry[2] is None
    assert raw.unread == ()


def test_shapes_may_be_nested_coordinates(tmp_path: Path) -> None:
    raw = read(tmp_path, "geoarrow")
    assert raw.crs == "EPSG:32651"
    assert raw.geometry is not None
    assert [one.geom_type if one else None for one in raw.geometry] == ["Polygon", "Polygon", None]
    assert raw.geometry[0].area == pytest.approx(48 * 55, rel=0.02)


@pytest.mark.parametrize(
    ("name", "crs"),
    [("no_crs", "OGC:CRS84"), ("crs_null", None), ("crs_nonsense", None), ("marked", "EPSG:4326")],
)
def test_what_a_file_says_of_its_coordinates_is_believed_and_nothing_more(
    tmp_path: Path, name: str, crs: str | None
) -> None:
    raw = read(tmp_path, name)
    assert raw.crs == crs
    assert raw.geometry is not None
    assert shapely.equals_exact(raw.geometry, HOUSES).all()


def test_a_file_without_a_word_of_shapes_is_a_table(tmp_path: Path) -> None:
    raw = read(tmp_path, "no_geo")
    assert raw.geometry is None
    assert raw.frame["geometry"].tolist() == [shapely.to_wkb(one, hex=True) for one in HOUSES]


def test_cells_of_every_kind_are_text_as_their_owner_means_them(tmp_path: Path) -> None:
    raw = read(tmp_path, "kinds")
    first, second = raw.frame.iloc[0].to_dict(), raw.frame.iloc[1].to_dict()
    assert first == {
        "source_row": 1, "text": "楼", "narrow": "0.1", "nan": "", "large": "9223372036854775808", "exact": "1.250",
        "day": "2024-03-05", "midnight": "2024-03-05", "old": "2024-03-05 08:05:00",
        "zoned": "2024-03-05 08:05:00+08:00", "far": str(2**60), "clock": "08:05:00", "yes": "TRUE", "bytes": "FF00",
        "inner": '{"a": 1, "b": "二"}', "list": "[1, 2]", "map": '[["k", 1]]', "word": "x", "none": "",
    }  # fmt: skip
    assert {name for name, cell in second.items() if cell} == {"source_row", "nan", "large"}


def test_a_list_without_rows_keeps_its_header(tmp_path: Path) -> None:
    raw = read(tmp_path, "no_rows")
    assert (raw.header, len(raw.frame)) == (("楼栋",), 0)


def test_a_row_with_a_damaged_shape_is_named_and_the_others_come_in(tmp_path: Path) -> None:
    raw = read(tmp_path, "spoilt_shape")
    assert raw.unread == (2,)
    assert raw.frame["楼栋"].tolist() == ["1号楼", "3号楼"]
    assert raw.rows_in == 3


@pytest.mark.parametrize("name", ["geo_nonsense", "geo_of_another_column"])
def test_a_file_that_contradicts_itself_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, name)
    assert caught.value.code == "file_parquet_broken"
    for language in ("en", "zh"):
        assert "Parquet" in caught.value.message(Voice(language))
        assert caught.value.hint(Voice(language))


def test_few_bytes_that_stand_for_millions_of_cells_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, "equal_cells")
    assert caught.value.code == "file_bomb"


@pytest.mark.parametrize("seed", range(4))
def test_a_cut_or_bit_flipped_file_ends_in_one_sentence_or_in_rows(
    tmp_path: Path, seed: int, capfd: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(seed)
    refused = 0
    for turn in range(6):
        name, rows = chance.choice([("geopandas", 3), ("kinds", 2), ("marked", 3)])
        whole = parquets.content(name)
        bytes_ = bytearray(whole)
        if turn == 0:
            del bytes_[chance.randrange(8, len(whole)) :]
        for _ in range(3):
            bytes_[chance.randrange(4, len(bytes_))] ^= 1 << chance.randrange(8)
        (tmp_path / "a.parquet").write_bytes(bytes_)
        code = refusal(tmp_path / "a.parquet", rows)
        assert code in (None, "file_parquet_broken")
        refused += code is not None
    assert refused >= 1
    assert "".join(capfd.readouterr()) == ""  # what reads the file complains to nobody
    assert [one.name for one in tmp_path.iterdir()] == ["a.parquet"]


@pytest.mark.skipif(sys.platform == "win32", reason="memory is bounded by POSIX means")
def test_the_program_that_reads_takes_less_than_a_gigabyte(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(parquets.content("equal_cells"))
    weigh = (
        "import resource as r, subprocess as s, sys; s.run(sys.argv[1:], stdout=s.DEVNULL); "
        "print(r.getrusage(r.RUSAGE_CHILDREN)[2])"
    )
    line = [sys.executable, "-P", parquet_apart.__file__, str(tmp_path / "a.parquet"), "200000000"]
    told = subprocess.run([sys.executable, "-c", weigh, *line], check=True, capture_output=True, text=True)
    assert int(told.stdout) < 1_000_000  # kilobytes


def test_in_an_archive_it_is_found_too(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("楼栋.parquet", parquets.content("no_crs"))
    assert len(files.rows(tmp_path / "a.zip").frame) == 3
