"""Addresses and names of buildings as people write them: one form for what is one place, its parts, and lists of them.

`normalise` makes equal what is written differently, `parse` takes an address apart, `listed` reads lists in prose such
as 幸福小区1-8号楼（除3号楼）、建设路单号12-48号.
"""

from govmap.addresses.forms import Address, normalise, numeral, parse, readings, without_room
from govmap.addresses.lists import listed, within
from govmap.addresses.stretches import Listed, Stretch
from govmap.addresses.ways import StreetName, Way, opposite, street_name, way

__all__ = [
    "Address",
    "Listed",
    "StreetName",
    "Stretch",
    "Way",
    "listed",
    "normalise",
    "numeral",
    "opposite",
    "parse",
    "readings",
    "street_name",
    "way",
    "within",
    "without_room",
]
