"""OSM over the network: a place by name or a box, asked for in tiles through OSMnx, politely, and kept for a day.

OSMnx finds the place (Nominatim), keeps replies in its cache and waits for the server's slots. The raw replies are
joined to a file that the same reader takes as any extract, for OSMnx's own tables lose relations, node ids and what
failed. Its last tile arrived, a broken run goes on where it stopped.
"""

import socket
import tempfile
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import osmnx
import requests
import shapely
from osmnx import _overpass  # OSMnx gives raw replies only here
from pyproj import CRS

from govmap import __version__
from govmap import crs as systems
from govmap.errors import InputError, NetworkError
from govmap.messages import note
from govmap.sources import extract
from govmap.sources.extract import Extract
from govmap.sources.osm.elements import Box
from govmap.sources.osm.keys import keys
from govmap.sources.scan import Progress

TILE_DEGREES = 0.02
MARGIN_M = 400.0
LARGEST_KM2 = 150.0
TRIES = 3
PAUSE_S = 5.0
_KEPT_S = 86_400
_BUSY_TRIES = 5
_TIMEOUT_S = 180
_KINDS = ("node", "way", "relation")
_FAULTS = (requests.exceptions.RequestException, osmnx._errors.ResponseStatusCodeError)  # noqa: SLF001 -- no public name


@dataclass(frozen=True)
class Place:
    """What the network gave: an extract, and the outline of the place in degrees where one was named."""

    extract: Extract
    boundary: gpd.GeoDataFrame | None = None


class _BusyError(Exception):
    """The server was busy too many times in a row."""


def read(
    place: str | None,
    *,
    bbox: Box | None = None,
    cache: Path,
    crs: CRS | str | None = None,
    progress: Progress | None = None,
) -> Place:
    """
    Ask for a place, or for a box.

    Parameters
    ----------
    place
        A name as people write it, "幸福社区, 广州"; None where a box is given.
    bbox
        West, south, east, north in degrees; with a place only what of it lies in the box.
    cache
        Folder in which replies are kept for a day.
    crs
        As in `extract.read`.
    progress
        Told what is done and how much of it, 0 to 1.

    Raises
    ------
    NetworkError
        A service cannot be reached or stays busy.
    InputError
        No such place, a place without outline, or one too large for public servers.
    """
    with _manners(cache / "osm"):
        boundary = _outline(place) if place else None
        ground = _ground(boundary, bbox)
        replies = _replies(_tiles(ground), progress)
        found = _as_extract(replies, shapely.bounds(ground), crs)
    if boundary is None:
        return Place(found)
    told = note("place_taken", name=place, found=str(boundary["display_name"].iloc[0]))
    return Place(replace(found, notes=[told, *found.notes]), boundary)


@contextmanager
def _manners(folder: Path) -> Iterator[None]:
    """Set OSMnx up for us, and leave it and Python's sockets as they were."""
    folder.mkdir(parents=True, exist_ok=True)
    _forget_old(folder)
    wanted = {
        "cache_folder": folder,
        "use_cache": True,
        "doh_url_template": None,
        "http_user_agent": f"govmap/{__version__}",
        "requests_timeout": _TIMEOUT_S,
        "requests_kwargs": {"hooks": {"response": _patience()}},
    }
    before = {name: getattr(osmnx.settings, name) for name in wanted}
    resolver = socket.getaddrinfo
    try:
        for name, value in wanted.items():
            setattr(osmnx.settings, name, value)
        yield
    finally:
        socket.getaddrinfo = resolver
        for name, value in before.items():
            setattr(osmnx.settings, name, value)


def _forget_old(folder: Path) -> None:
    """Take out replies of former days: a second fetch is to see what has changed."""
    for file in folder.glob("*.json"):
        if time.time() - file.stat().st_mtime > _KEPT_S:
            file.unlink(missing_ok=True)


def _patience() -> Any:
    """Give a hook that ends OSMnx's endless waiting for a busy server."""
    busy = 0

    def count(response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        nonlocal busy
        if response.url.endswith("/status"):
            return
        busy = busy + 1 if response.status_code in {429, 504} else 0
        if busy >= _BUSY_TRIES:
            response.close()
            raise _BusyError(response.status_code)

    return count


def _outline(place: str) -> gpd.GeoDataFrame:
    """Find the outline of a place."""
    try:
        rows = _asked(osmnx.settings.nominatim_url, lambda: osmnx.geocode_to_gdf(place))
    except osmnx._errors.InsufficientResponseError as fault:  # noqa: SLF001 -- OSMnx has no public name for it
        raise InputError("place_unknown", name=place) from fault
    except TypeError as fault:  # OSMnx's way to say: only a point
        raise InputError("place_no_outline", name=place) from fault
    area = _km2(rows.geometry.iloc[0])
    if area > LARGEST_KM2:
        raise InputError("place_too_large", name=place, square_km=round(area))
    return rows[["name", "display_name", "geometry"]]


def _asked(service: str, ask: Any) -> Any:
    """Ask a service, again after a pause where the line fails."""
    for left in range(TRIES - 1, -1, -1):
        try:
            return ask()
        except _BusyError as fault:
            raise NetworkError("place_no_answer", service=service, reason=f"HTTP {fault}") from fault
        except _FAULTS as fault:
            if not left:
                raise NetworkError("place_no_answer", service=service, reason=_short(fault)) from fault
            time.sleep(PAUSE_S)
    raise AssertionError  # the last try gives or raises


def _short(fault: Exception) -> str:
    return type(fault).__name__ if len(str(fault)) > 100 else str(fault)  # noqa: PLR2004 -- a line


def _km2(shape: Any) -> float:
    metric = systems.local_metric(*shapely.bounds(shape))
    return float(gpd.GeoSeries([shape], crs=systems.GEOGRAPHIC).to_crs(metric).area.iloc[0]) / 1e6


def _ground(boundary: gpd.GeoDataFrame | None, bbox: Box | None) -> Any:
    """Give the ground to ask for: the place and a margin, or the box."""
    box = shapely.box(*bbox) if bbox else None
    if boundary is None:
        if box is None:
            raise InputError("fetch_no_source")
        area = _km2(box)
        if area > LARGEST_KM2:
            raise InputError(
                "place_too_large", name=",".join(f"{side:g}" for side in bbox or ()), square_km=round(area)
            )
        return box
    metric = systems.local_metric(*boundary.total_bounds)
    wide = boundary.to_crs(metric).buffer(MARGIN_M).to_crs(systems.GEOGRAPHIC).iloc[0]
    return wide if box is None else shapely.intersection(wide, box)


def _tiles(ground: Any) -> list[Box]:
    """Give the tiles of one fixed lattice that the ground touches: the same place asks for the same tiles again."""
    west, south, east, north = np.floor(np.array(shapely.bounds(ground)) / TILE_DEGREES).astype(int)
    found = []
    for column in range(west, east + 1):
        for row in range(south, north + 1):
            corners = np.array([column, row, column + 1, row + 1]) * TILE_DEGREES
            if shapely.intersects(shapely.box(*corners), ground):
                found.append(tuple(round(float(side), 6) for side in corners))
    return [(tile[0], tile[1], tile[2], tile[3]) for tile in found]


def _replies(tiles: list[Box], progress: Progress | None) -> list[dict[str, Any]]:
    service = osmnx.settings.overpass_url
    replies = []
    for number, tile in enumerate(tiles):
        if progress:
            progress("progress_place", number / len(tiles))
        replies += _tile(service, tile)
    if progress:
        progress("progress_place", 1.0)
    return replies


def _tile(service: str, tile: Box, depth: int = 0) -> list[dict[str, Any]]:
    """Ask for one tile; where the server gave up on it, for its quarters."""
    _reachable(service, tile)
    try:
        reply = _asked(service, lambda: _overpass._overpass_request(OrderedDict(data=_query(tile))))  # noqa: SLF001 -- see above
    except osmnx._errors.InsufficientResponseError as fault:  # noqa: SLF001 -- OSMnx has no public name for it
        raise NetworkError("place_no_answer", service=service, reason=_short(fault)) from fault
    if "remark" not in reply:
        return [reply]
    if depth >= TRIES:
        raise NetworkError("place_no_answer", service=service, reason=str(reply["remark"]))
    return [one for quarter in _quarters(tile) for one in _tile(service, quarter, depth + 1)]


def _quarters(tile: Box) -> list[Box]:
    west, south, east, north = tile
    x, y = (west + east) / 2, (south + north) / 2
    return [(west, south, x, y), (x, south, east, y), (west, y, x, north), (x, y, east, north)]


def _reachable(service: str, tile: Box) -> None:
    """Fail at once where there is no network: OSMnx would first wait a minute."""
    url = service.rstrip("/") + "/interpreter"
    known = requests.Request("GET", url, params=OrderedDict(data=_query(tile))).prepare().url
    if osmnx._http._check_cache(str(known)) is None:  # noqa: SLF001 -- OSMnx has no public name for it
        _asked(service, lambda: requests.get(service.rstrip("/") + "/status", timeout=30))


def _query(tile: Box) -> str:
    """Write the question for one tile: what the reader wants, with all nodes and members it needs."""
    west, south, east, north = tile
    wanted = keys()
    points, ways = _any_of(wanted.points), _any_of(wanted.lines | wanted.areas)
    return (
        f"[out:json][timeout:{_TIMEOUT_S}][bbox:{south},{west},{north},{east}];"
        f"(node[{points}];way[{ways}];relation[type=multipolygon][{_any_of(wanted.areas)}];"
        f'relation[boundary][admin_level~"^([89]|1[0-2])$"];relation[type=associatedStreet];);'
        f"(._;>;);out meta;"
    )


def _any_of(names: Iterable[str]) -> str:
    return f'~"^({"|".join(sorted(names))})$"~"."'


def _as_extract(replies: list[dict[str, Any]], box: Any, crs: CRS | str | None) -> Extract:
    """Join the replies to one sorted file and read it."""
    things = {(one["type"], one["id"]): one for reply in replies for one in reply["elements"]}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "place.osm.pbf"
        with osmium.SimpleWriter(str(file)) as writer:
            for kind, id_ in sorted(things, key=lambda one: (_KINDS.index(one[0]), one[1])):
                _write(writer, kind, things[kind, id_])
        west, south, east, north = (float(side) for side in box)
        found = extract.read(file, bbox=(west, south, east, north), crs=crs)
    return replace(found, newest=_age(replies) or found.newest)


def _write(writer: Any, kind: str, one: dict[str, Any]) -> None:
    facts = {"id": one["id"], "version": one.get("version", 1), "tags": one.get("tags", {})}
    if "timestamp" in one:
        facts["timestamp"] = datetime.fromisoformat(one["timestamp"])
    if kind == "node":
        writer.add_node(osmium.osm.mutable.Node(location=(one["lon"], one["lat"]), **facts))
    elif kind == "way":
        writer.add_way(osmium.osm.mutable.Way(nodes=one["nodes"], **facts))
    else:
        members = [(member["type"][0], member["ref"], member["role"]) for member in one["members"]]
        writer.add_relation(osmium.osm.mutable.Relation(members=members, **facts))


def _age(replies: list[dict[str, Any]]) -> datetime | None:
    """Give the state of the server's data, the oldest of all tiles."""
    stamps = [reply.get("osm3s", {}).get("timestamp_osm_base") for reply in replies]
    known = [datetime.fromisoformat(stamp).astimezone(UTC) for stamp in stamps if stamp]
    return min(known) if known else None
