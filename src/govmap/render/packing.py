"""The packs of one page, each made when it is first asked for.

A file holds them all; the desk sends one at a time, units first, so that its page stands before the rest is packed.
"""

from collections.abc import Callable, Mapping
from functools import cached_property

from govmap.messages import Voice
from govmap.publish import Released
from govmap.render import packs
from govmap.render.basemap import features_of
from govmap.render.compact import Pack
from govmap.render.findings import findings
from govmap.render.former import moves
from govmap.render.place import Frame, Ground, column

BASE_MAP = ("areas", "ways", "places")
LATER = ("buildings_told", "addresses", "parts", "former", "moves")  # what a page reads when the map is drawn
FINDINGS = ("gaps", "sites", "rates", "spots", "answered", "loads")


class Packing:
    """
    What the packs of a page are made of.

    Parameters
    ----------
    found
        The categories of resources in the order of the page.
    before
        The plan to be held beside this one.
    desk
        The page is the desk's own: rows carry their keys as `id`, and units are there even where there are none.
    """

    def __init__(
        self,
        released: Released,
        here: Ground,
        voices: Mapping[str, Voice],
        found: list[str],
        *,
        before: Released | None = None,
        desk: bool = False,
    ) -> None:
        self._released, self._here, self._voices, self._found = released, here, voices, found
        self._before, self._desk, self._tables = before, desk, released.tables

    @property
    def names(self) -> tuple[str, ...]:
        """Name the packs that there may be, in the order in which a page reads them."""
        return tuple(self._makers)

    def pack(self, name: str) -> Pack | None:
        """Give a pack by its name; none where it has no rows, or no such pack is known."""
        made = self._makers[name]() if name in self._makers else None
        return made if made is not None and (made.rows or (self._desk and name == "units")) else None

    @cached_property
    def _makers(self) -> Mapping[str, Callable[[], Pack | None]]:
        tables, here = self._tables, self._here
        makers: dict[str, Callable[[], Pack | None]] = {
            "units": self._units,
            "upper": lambda: packs.pack_upper(self._parted[1], here, ids=self._desk),
            "tallies": lambda: packs.pack_tallies(tables.get("tallies"), self._place),
            "communities": lambda: packs.pack_communities(tables.get("communities"), here),
            "duties": lambda: packs.pack_duties(tables.get("workers"), tables.get("duties"), self._place),
        }
        makers |= {name: self._part_of(lambda: self._base_map, name) for name in BASE_MAP}
        makers |= {
            "buildings": lambda: self._buildings[0],
            "buildings_told": lambda: self._buildings[1],
            "compounds": lambda: self._compounds[0],
            "parts": lambda: packs.pack_parts(tables, self._place, self._buildings[2], ids=self._desk),
            "addresses": lambda: packs.pack_addresses(tables.get("addresses"), here, self._buildings[2]),
            "resources": lambda: self._resources[0],
            "incidents": self._incidents,
            "incident_places": lambda: packs.pack_incident_places(tables.get("incident_places"), here),
        }
        makers |= {name: self._part_of(lambda: self._findings, name) for name in FINDINGS}
        return makers | (self._beside(self._before) if self._before is not None else {})

    def _beside(self, before: Released) -> dict[str, Callable[[], Pack | None]]:
        then = lowest(packs.units_in_order(before.tables["units"]))[0]
        was = {unit: at for at, unit in enumerate(then["unit_id"])}
        return {
            "former": lambda: packs.pack_units(then, self._here, self._voices, [None] * len(then)),
            "moves": lambda: moves(self._released, before, self._buildings[2], self._place, was),
        }

    @staticmethod
    def _part_of(group: Callable[[], Mapping[str, Pack]], name: str) -> Callable[[], Pack | None]:
        return lambda: group().get(name)

    @cached_property
    def _parted(self) -> tuple[Frame, Frame]:
        return lowest(packs.units_in_order(self._tables["units"]))

    @cached_property
    def _place(self) -> Mapping[str, int]:
        return {unit: at for at, unit in enumerate(self._parted[0]["unit_id"])}

    @cached_property
    def _base_map(self) -> Mapping[str, Pack]:
        return features_of(self._tables.get("features"), self._here)

    @cached_property
    def _compounds(self) -> tuple[Pack | None, Mapping[str, int]]:
        return packs.pack_compounds(self._tables.get("compounds"), self._here, ids=self._desk)

    @cached_property
    def _buildings(self) -> tuple[Pack | None, Pack | None, Mapping[str, int]]:
        return packs.pack_buildings(self._tables, self._here, self._place, self._compounds[1], ids=self._desk)

    @cached_property
    def _resources(self) -> tuple[Pack | None, Mapping[str, int]]:
        resources = self._tables.get("resources")
        return packs.pack_resources(resources, self._here, self._parted[0], self._found, ids=self._desk)

    @cached_property
    def _findings(self) -> Mapping[str, Pack]:
        return findings(self._released, self._here, self._place, self._resources[1], self._voices)

    def _units(self) -> Pack:
        units, every = self._parted[0], packs.units_in_order(self._tables["units"])
        return packs.pack_units(units, self._here, self._voices, packs.above(units, every), ids=self._desk)

    def _incidents(self) -> Pack | None:
        return packs.pack_incidents(self._tables.get("incidents"), self._here, self._parted[0], ids=self._desk)


def lowest(every: Frame) -> tuple[Frame, Frame]:
    """Part units, in the order of the page, into those that hold no others and those that do."""
    over = every["unit_id"].isin(column(every, "parent_unit_id").dropna())
    return every[~over].reset_index(drop=True), every[over].reset_index(drop=True)
