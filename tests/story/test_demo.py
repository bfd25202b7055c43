import json
from pathlib import Path

from govmap.project import open_project


def test_the_demo_leaves_project_map_and_report(walked: Path) -> None:
    assert {"project.gpkg", "map.html", "report.json"} <= {file.name for file in walked.iterdir()}
    report = json.loads((walked / "report.json").read_text("utf-8"))
    assert report["check"]["figures"]["findings"] == []
    assert report["delineate"]["figures"]["in_band_percent"] >= 80
    assert report["delineate"]["figures"]["units_in_pieces"] <= 1, "only the enclave may lie apart"


def test_every_row_of_every_list_is_kept_or_given_back(walked: Path) -> None:
    with open_project(walked / "project.gpkg") as project:
        imports = project.read("imports")
    assert len(imports) == 4
    assert (imports["rows_in"] == imports["rows_kept"] + imports["rows_rejected"]).all()
    assert (imports["rows_kept"] > 0).all()


def test_the_map_asks_nothing_of_the_network(walked: Path) -> None:
    page = (walked / "map.html").read_text("utf-8")
    assert "connect-src 'none'" in page
    assert "<link" not in page.lower()
    assert 'src="http' not in page


def test_no_name_of_a_worker_or_resident_is_in_the_public_map(walked: Path) -> None:
    page = (walked / "map.html").read_text("utf-8")
    with open_project(walked / "project.gpkg") as project:
        workers = project.read("workers")
    assert len(workers)
    assert not [name for name in workers["name"] if name in page]
    assert not [phone for phone in workers["office_phone"].dropna() if phone in page]
