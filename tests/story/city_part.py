"""What an office of a real city part would drop on the desk: the extract, and lists made from its own addresses."""

from pathlib import Path

import osmium
from openpyxl import Workbook

HOMES, WORKERS = 4000, 600
WHERE = ("addr:street", "addr:housenumber")


def files(extract: Path, folder: Path) -> tuple[Path, ...]:
    """Write three lists beside a copy of the extract; give the four files. People and counts are made up."""
    folder.mkdir(parents=True)
    copied = folder / extract.name
    copied.write_bytes(extract.read_bytes())
    found = addresses(extract)
    step = max(1, len(found) // HOMES)
    homes = [(one, 4 + at % 17, 9 + at % 31, 2 + at % 5) for at, one in enumerate(found[::step])]
    homes.append(("Nowhere Lane 1", "several", 7, 1))  # what no office list is without
    people = sheet(folder / "residents.xlsx", ("Address", "Households", "People", "Aged 60 and over"), homes)
    staff = [
        (f"Worker {at:03d} (fictional)", f"000 000 {at:04d}", "Neighbourhood worker", 150) for at in range(WORKERS)
    ]
    workers = sheet(folder / "workers.xlsx", ("Name", "Office phone", "Role", "Hours per month"), staff)
    halls = [(f"Hall {at}", "Community office", one) for at, one in enumerate(found[:: len(found) // 60])]
    return copied, people, workers, sheet(folder / "resources.xlsx", ("Name", "Category", "Address"), halls)


def addresses(extract: Path) -> list[str]:
    """Give every house number of an extract with its street, once."""
    tagged = osmium.FileProcessor(extract).with_filter(osmium.filter.KeyFilter(WHERE[1]))
    return sorted({f"{one.tags[WHERE[0]]} {one.tags[WHERE[1]]}" for one in tagged if WHERE[0] in one.tags})


def sheet(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> Path:
    """Write one table as an Excel file."""
    book = Workbook()
    for row in (header, *rows):
        book.active.append(row)
    book.save(path)
    return path
