"""Tells whether an OSM file is whole, and puts one in order that is not sorted or holds things never uploaded."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import osmium
from osmium.osm import NODE, WAY

from govmap.errors import InputError
from govmap.sources.formats import opened
from govmap.sources.osm.elements import LOCAL_FROM

_MANY_WAYS = 3_000
_LOOSE_SHARE = 0.05
_NEGATIVE = re.compile(rb"<(?:node|way|relation)\b[^>]*?\bid=[\"']-")
_FIRST = re.compile(rb"<(node|way|relation)\b")
_HEAD = 1 << 20


@contextmanager
def faults_of(path: Path) -> Iterator[None]:
    """Make one sentence of every fault of the file."""
    try:
        yield
    except InputError as fault:
        fault.where = str(path)
        raise
    except (RuntimeError, osmium.InvalidLocationError) as fault:
        raise InputError("fetch_broken_file", where=str(path), reason=str(fault)) from fault


def refuse_history(file: str, form: str) -> None:
    """Refuse a file that holds former versions beside the present state."""
    if osmium.FileProcessor(osmium.io.File(file, form)).header.has_multiple_object_versions:
        raise InputError("fetch_is_history")


def needs_order(path: Path, form: str) -> bool:
    """Tell by the text whether ways come before their points, or ids are negative as those of an editor's drafts."""
    if form == "pbf":
        return False
    with opened(path, form) as file:
        block = file.read(_HEAD)
        first = _FIRST.search(block)
        unsorted = first is not None and first[1] != b"node"
        while block and not unsorted:
            if _NEGATIVE.search(block):
                return True
            block = file.read(_HEAD)
    return unsorted


def is_disorder(fault: RuntimeError) -> bool:
    """Tell whether pyosmium complains of the order of things only."""
    return "out of order" in str(fault) or "twice in input" in str(fault)


def ordered_copy(path: Path, form: str, folder: Path) -> str:
    """Write a sorted copy without doubles; negative ids become large ones, which `elements.name_of_id` undoes."""
    sorted_, copy = str(folder / "sorted.osm.pbf"), str(folder / "positive.osm.pbf")
    with osmium.SimpleWriter(copy) as writer:
        for thing in osmium.FileProcessor(osmium.io.File(str(path), form)):
            writer.add(_positive(thing))
    merged = osmium.MergeInputReader()
    merged.add_file(copy)
    with osmium.SimpleWriter(sorted_) as writer:
        merged.apply(writer)
    return sorted_


def refuse_cut(file: str, form: str, seen: dict[str, int]) -> bool:
    """
    Refuse a file that ends where a block of it ends: such a cut is no error of the format.

    True where only the relations are missing: then nobody can tell.
    """
    if not seen["w"] and not seen["a"]:
        raise InputError("fetch_no_ways", points=seen["n"])
    if form != "pbf" or seen["r"] or seen["w"] <= _MANY_WAYS:
        return False
    share = _loose_share(file, form)
    if share > _LOOSE_SHARE:
        raise InputError("fetch_cut_short", share=round(100 * share))
    return True


def _positive(thing: Any) -> Any:
    """Give a thing with positive ids, its own and those it refers to."""
    if thing.is_node():
        return thing if thing.id > 0 else thing.replace(id=_large(thing.id))
    if thing.is_way():
        return thing.replace(id=_large(thing.id), nodes=[_large(node.ref) for node in thing.nodes])
    members = [(member.type, _large(member.ref), member.role) for member in thing.members]
    return thing.replace(id=_large(thing.id), members=members)


def _large(number: int) -> int:
    return number if number > 0 else LOCAL_FROM - number


def _loose_share(file: Any, form: str) -> float:
    """Give the share of points without tags that no way needs: next to none in a whole file."""
    used = osmium.IdTracker()
    for way in osmium.FileProcessor(osmium.io.File(file, form), WAY):
        used.add_references(way)
    total = sum(1 for _ in osmium.FileProcessor(osmium.io.File(file, form), NODE))
    needed = osmium.FileProcessor(osmium.io.File(file, form), NODE).with_filter(used.id_filter())
    tagged = osmium.FileProcessor(osmium.io.File(file, form), NODE).with_filter(osmium.filter.EmptyTagFilter())
    return (total - sum(1 for _ in needed) - sum(1 for _ in tagged)) / max(total, 1)
