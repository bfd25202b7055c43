"""A sample community on disk, read again without any code of ours but the extract's reader."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from openpyxl import load_workbook

from govmap.sources import extract, sample


@dataclass(frozen=True)
class Way:
    number: int
    refs: list[str]
    tags: dict[str, str]
    line: Any

    @property
    def shape(self) -> Any:
        return shapely.Polygon(self.line.coords)


@dataclass(frozen=True)
class Written:
    """A sample on disk, read again without any code of ours but the extract's reader."""

    language: str
    made: sample.Sample

    @cached_property
    def root(self) -> ET.Element:
        return ET.parse(self.made.osm).getroot()

    @cached_property
    def nodes(self) -> dict[str, tuple[float, float]]:
        lon, lat = np.array([[float(n.get("lon")), float(n.get("lat"))] for n in self.root.iter("node")]).T
        laid = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=4326).to_crs(self.extract.crs)
        names = [n.get("id") for n in self.root.iter("node")]
        return dict(zip(names, zip(laid.x, laid.y, strict=True), strict=True))

    @cached_property
    def node_tags(self) -> dict[str, dict[str, str]]:
        return {n.get("id"): _tags(n) for n in self.root.iter("node") if len(n)}

    @cached_property
    def ways(self) -> list[Way]:
        return [self._way(one) for one in self.root.iter("way")]

    def _way(self, element: ET.Element) -> Way:
        refs = [nd.get("ref") for nd in element.iter("nd")]
        line = shapely.LineString([self.nodes[ref] for ref in refs])
        return Way(int(element.get("id")), refs, _tags(element), line)

    def tagged(self, **wanted: str) -> list[Way]:
        return [way for way in self.ways if all(way.tags.get(key.replace("_", ":")) == v for key, v in wanted.items())]

    def named(self, name: str, key: str) -> Way:
        [way] = [way for way in self.ways if way.tags.get("name") == name and key in way.tags]
        return way

    @cached_property
    def buildings(self) -> list[Way]:
        return [way for way in self.ways if "building" in way.tags]

    @cached_property
    def extract(self) -> extract.Extract:
        return extract.read(self.made.osm)

    @cached_property
    def ground(self) -> Any:
        boundaries = self.extract.tables["boundaries"]
        return boundaries.set_index("name").geometry[self.made.boundary]

    @cached_property
    def inside(self) -> list[Way]:
        return [way for way in self.buildings if self.ground.contains(way.shape.representative_point())]

    def within(self, compound: str) -> list[Way]:
        ground = self.named(compound, "landuse").shape
        return [way for way in self.buildings if ground.contains(way.shape.representative_point())]

    def rows(self, table: str, *, skip: int = 1) -> list[dict[str, Any]]:
        page = load_workbook(self.made.lists[table]).active
        head, *rows = list(page.iter_rows(values_only=True))[skip:]
        return [dict(zip(head, row, strict=True)) for row in rows]


def _tags(element: ET.Element) -> dict[str, str]:
    return {tag.get("k"): tag.get("v") for tag in element.iter("tag")}
