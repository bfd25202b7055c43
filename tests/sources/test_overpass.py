"""`--place` against recorded replies, served on loopback: OSMnx asks our server and nobody else."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import osmnx
import pandas as pd
import pytest
from osm_world import DEGREES_X, DEGREES_Y, LAT, LON, World

from govmap.errors import GovmapError, InputError, NetworkError
from govmap.messages import Voice
from govmap.sources import boundary, extract, overpass

STATUS = "Connected as: 1\nCurrent time: 2024-06-01T00:00:00Z\nAnnounced endpoint: none\nRate limit: 2\n2 slots free.\n"


def town() -> World:
    """A place of 600 m by 400 m across the edge of two tiles, with a courtyard block and a street."""
    world = World()
    world.way((-600, 0), (600, 0), highway="residential", name="中山路")
    for number in range(12):
        world.box(-300 + 50 * number, 20, 20, 12, building="apartments", name=f"{number + 1}号楼")
    outer, inner = world.box(-100, 100, 40, 40), world.box(-90, 110, 20, 20)
    world.relation(("way", outer, "outer"), ("way", inner, "inner"), type="multipolygon", building="apartments")
    world.node(10, 50, shop="convenience", name="小店")
    return world


def as_json(world: World) -> list[dict[str, Any]]:
    """Give the elements as Overpass writes them."""
    facts = {"version": 1, "timestamp": world.timestamp}
    nodes = [
        {"type": "node", "id": id_, "lat": LAT + y * DEGREES_Y, "lon": LON + x * DEGREES_X, "tags": tags, **facts}
        for id_, (x, y, tags) in world.nodes.items()
    ]
    ways = [
        {"type": "way", "id": id_, "nodes": refs, "tags": tags, **facts} for id_, (refs, tags) in world.ways.items()
    ]
    relations = [
        {
            "type": "relation",
            "id": id_,
            "members": [{"type": t, "ref": r, "role": o} for t, r, o in members],
            "tags": tags,
            **facts,
        }
        for id_, (members, tags) in world.relations.items()
    ]
    return [*relations, *ways, *nodes]


def place_reply() -> list[dict[str, Any]]:
    west, south, east, north = LON - 350 * DEGREES_X, LAT - 50 * DEGREES_Y, LON + 350 * DEGREES_X, LAT + 200 * DEGREES_Y
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return [
        {
            "osm_type": "relation", "osm_id": 7, "place_id": 1, "importance": 0.5, "name": "幸福社区", "lat": str(LAT),
            "lon": str(LON), "display_name": "幸福社区, 虚构市, 中国",
            "boundingbox": [str(south), str(north), str(west), str(east)],
            "geojson": {"type": "Polygon", "coordinates": [ring]},
        }
    ]  # fmt: skip


class Server:
    """What the public servers would say, and what they were asked."""

    def __init__(self) -> None:
        self.elements = as_json(town())
        self.places = place_reply()
        self.asked: list[str] = []
        self.fail: dict[str, list[int]] = {"interpreter": [], "search": []}
        self.remark_above = 1.0

    def answer(self, path: str, text: str) -> tuple[int, str]:
        what = urlparse(path).path.strip("/").split("/")[-1]
        if what == "status":
            return 200, STATUS
        self.asked.append(what)
        if self.fail.get(what):
            return self.fail[what].pop(0), "<html>busy</html>"
        if what == "search":
            return 200, json.dumps(self.places)
        query = parse_qs(text)["data"][0]
        south, west, north, east = (float(one) for one in re.search(r"\[bbox:([^\]]+)\]", query)[1].split(","))
        if east - west > self.remark_above:
            return 200, json.dumps({"elements": [], "remark": "runtime error: Query timed out"})
        return 200, json.dumps(
            {
                "osm3s": {"timestamp_osm_base": "2024-06-01T00:00:00Z"},
                "elements": self._within(west, south, east, north),
            }
        )

    def _within(self, west: float, south: float, east: float, north: float) -> list[dict[str, Any]]:
        """Give what touches the tile, with all that it needs."""
        nodes = {one["id"]: one for one in self.elements if one["type"] == "node"}
        inside = {id_ for id_, one in nodes.items() if west <= one["lon"] <= east and south <= one["lat"] <= north}
        ways = {one["id"]: one for one in self.elements if one["type"] == "way"}
        taken = {id_ for id_, one in ways.items() if inside & set(one["nodes"])}
        relations = [
            one for one in self.elements if one["type"] == "relation" and taken & {m["ref"] for m in one["members"]}
        ]
        taken |= {member["ref"] for one in relations for member in one["members"]}
        needed = inside | {ref for id_ in taken for ref in ways[id_]["nodes"]}
        return [*relations, *(ways[id_] for id_ in sorted(taken)), *(nodes[id_] for id_ in sorted(needed))]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(urlparse(self.path).query)

        def do_POST(self) -> None:
            self.reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def reply(self, text: str) -> None:
            code, body = state.answer(self.path, text)
            self.send_response(code)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{http.server_port}"
        monkeypatch.setattr(osmnx.settings, "overpass_url", f"{url}/api")
        monkeypatch.setattr(osmnx.settings, "nominatim_url", url)
        monkeypatch.setattr(overpass, "PAUSE_S", 0.0)
        monkeypatch.setattr("time.sleep", lambda _seconds: None)
        yield state
        http.shutdown()
        thread.join()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port at which nobody listens: as without a network."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(osmnx.settings, "overpass_url", f"http://127.0.0.1:{port}/api")
    monkeypatch.setattr(osmnx.settings, "nominatim_url", f"http://127.0.0.1:{port}")
    monkeypatch.setattr(overpass, "PAUSE_S", 0.0)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def test_a_place_gives_what_the_same_extract_gives(server: Server, tmp_path: Path) -> None:
    place = overpass.read("幸福社区", cache=tmp_path)
    file = extract.read(town().write(tmp_path / "town.osm"), crs=place.extract.crs)
    pd.testing.assert_frame_equal(place.extract.tables["buildings"], file.tables["buildings"])
    assert len(place.extract.tables["buildings"]) == 13
    assert place.extract.newest.date().isoformat() == "2024-06-01"
    resolved = boundary.resolve(place.extract, place.boundary)
    assert list(resolved.communities["name"]) == ["幸福社区"]
    assert resolved.communities.area.iloc[0] == pytest.approx(700 * 250, rel=5e-3)
    assert "虚构市" in Voice("zh").tell(place.extract.notes[0])


def test_a_box_gives_what_touches_it_and_no_boundary(server: Server, tmp_path: Path) -> None:
    box = (LON, LAT, LON + 190 * DEGREES_X, LAT + 100 * DEGREES_Y)
    place = overpass.read(None, bbox=box, cache=tmp_path)
    assert place.boundary is None
    assert set(place.extract.tables["buildings"]["name"]) == {"7号楼", "8号楼", "9号楼", "10号楼"}
    assert "search" not in server.asked


def test_the_second_time_nothing_is_asked(server: Server, tmp_path: Path) -> None:
    overpass.read("幸福社区", cache=tmp_path)
    before = len(server.asked)
    overpass.read("幸福社区", cache=tmp_path)
    assert len(server.asked) == before


def test_a_broken_run_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    server.fail["interpreter"] = [503] * overpass.TRIES
    with pytest.raises(NetworkError):
        overpass.read("幸福社区", cache=tmp_path)
    server.asked.clear()
    server.fail["interpreter"] = []
    place = overpass.read("幸福社区", cache=tmp_path)
    assert "search" not in server.asked
    assert len(place.extract.tables["buildings"]) == 13


def test_tiles_that_arrived_are_not_asked_again_after_a_failure(server: Server, tmp_path: Path) -> None:
    overpass.read("幸福社区", cache=tmp_path / "whole")
    tiles = server.asked.count("interpreter")
    assert tiles > 1
    answer, server.asked = server.answer, []
    taken: list[str] = []

    def first_only(path: str, text: str) -> tuple[int, str]:
        if path.endswith("interpreter"):
            taken.append(text)
            if len(taken) > 1:
                return 503, "<html>down</html>"
        return answer(path, text)

    server.answer = first_only
    with pytest.raises(NetworkError):
        overpass.read("幸福社区", cache=tmp_path / "cut")
    server.answer, server.asked = answer, []
    overpass.read("幸福社区", cache=tmp_path / "cut")
    assert server.asked.count("interpreter") == tiles - 1


def test_one_failure_is_tried_again(server: Server, tmp_path: Path) -> None:
    server.fail["interpreter"] = [503]
    assert len(overpass.read("幸福社区", cache=tmp_path).extract.tables["buildings"]) == 13


def test_a_tile_the_server_gave_up_on_is_asked_for_in_quarters(server: Server, tmp_path: Path) -> None:
    server.remark_above = overpass.TILE_DEGREES * 0.9
    assert len(overpass.read("幸福社区", cache=tmp_path).extract.tables["buildings"]) == 13


def test_a_server_that_stays_busy_ends_in_one_sentence(server: Server, tmp_path: Path) -> None:
    server.fail["interpreter"] = [429] * 50
    with pytest.raises(NetworkError) as fault:
        overpass.read("幸福社区", cache=tmp_path)
    assert fault.value.code == "place_no_answer"
    assert "429" in str(fault.value)


def test_without_a_network_there_is_one_sentence(nobody: None, tmp_path: Path) -> None:
    for place, box in (("幸福社区", None), (None, (LON, LAT, LON + 0.001, LAT + 0.001))):
        with pytest.raises(NetworkError) as fault:
            overpass.read(place, bbox=box, cache=tmp_path)
        assert fault.value.code == "place_no_answer"
        assert fault.value.hint(Voice("zh"))


def refused(place: str | None, cache: Path, box: Any = None) -> GovmapError:
    with pytest.raises(InputError) as fault:
        overpass.read(place, bbox=box, cache=cache)
    assert fault.value.message(Voice("zh"))
    assert fault.value.hint(Voice("en"))
    return fault.value


def test_places_that_cannot_be_used_say_why(server: Server, tmp_path: Path) -> None:
    server.places = []
    assert refused("无此地", tmp_path).code == "place_unknown"
    server.places = [place_reply()[0] | {"geojson": {"type": "Point", "coordinates": [LON, LAT]}}]
    assert refused("一个点", tmp_path).code == "place_no_outline"
    wide = {"type": "Polygon", "coordinates": [[[110, 22], [111, 22], [111, 23], [110, 23], [110, 22]]]}
    server.places = [place_reply()[0] | {"geojson": wide}]
    assert refused("大地方", tmp_path).code == "place_too_large"
    assert refused(None, tmp_path, (110.0, 22.0, 111.0, 23.0)).code == "place_too_large"


def test_osmnx_and_sockets_are_left_as_they_were(server: Server, tmp_path: Path) -> None:
    before = (
        osmnx.settings.cache_folder,
        osmnx.settings.http_user_agent,
        osmnx.settings.requests_kwargs,
        socket.getaddrinfo,
    )
    overpass.read("幸福社区", cache=tmp_path)
    after = (
        osmnx.settings.cache_folder,
        osmnx.settings.http_user_agent,
        osmnx.settings.requests_kwargs,
        socket.getaddrinfo,
    )
    assert before == after


def test_replies_of_a_former_day_are_forgotten(server: Server, tmp_path: Path) -> None:
    import os

    overpass.read("幸福社区", cache=tmp_path)
    asked = len(server.asked)
    for file in (tmp_path / "osm").glob("*.json"):
        os.utime(file, (1, 1))
    overpass.read("幸福社区", cache=tmp_path)
    assert len(server.asked) == 2 * asked
