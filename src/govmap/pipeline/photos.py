"""The photo of somebody who answers, as the office itself hangs it up: made small, without what a camera writes in it.

It stands in `attachments` under the worker's id, is printed on boards, and goes with the worker.
"""

import hashlib
import io
from pathlib import Path
from typing import Any

import pandas as pd

from govmap.errors import InputError
from govmap.messages import note
from govmap.pipeline.report import Report
from govmap.project import Change, Project

MARK = "photo:"
WIDE_PX, HIGH_PX, QUALITY = 270, 360, 78  # 20 mm wide on paper, about 12 kB
MOST_BYTES = 30_000_000
MOST_PIXELS = 100_000_000
KINDS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")


def photo(project: Project, worker: str, file: Path | None = None, *, remove: bool = False) -> Report:
    """
    Keep the photo of somebody who answers, or take it away again.

    Raises
    ------
    InputError
        Nobody has this id or name, several have, there is no file, or it is no picture.
    """
    if (file is None) != remove:
        raise InputError("photo_one_of")
    key = MARK + _worker(project, worker)
    if file is None:
        with project.change("photo", {"worker": worker}) as change:
            gone = change.session.delete("attachments", where={"attachment_id": key})
        return Report(figures={"photos": -gone}, notes=[note("photo_gone" if gone else "photo_none", worker=worker)])
    content = small(file)
    row = {"attachment_id": key, "type": "image/jpeg", "sha256": hashlib.sha256(content).hexdigest()}
    with project.change("photo", {"worker": worker}) as change:
        change.session.upsert("attachments", pd.DataFrame([row | {"content": content}]))
    return Report(figures={"photos": 1, "bytes": len(content)}, notes=[note("photo_kept", worker=worker)])


def small(file: Path) -> bytes:
    """
    Cut a picture upright around its middle and write it anew: no place, no device, no preview is left in it.

    Raises
    ------
    InputError
        It cannot be read, is no picture, or is far too large.
    """
    from PIL import Image, ImageOps

    try:
        if file.stat().st_size > MOST_BYTES:
            raise InputError("photo_too_large", where=str(file))
        with Image.open(file, formats=KINDS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise InputError("photo_too_large", where=str(file))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except FileNotFoundError as error:
        raise InputError("photo_no_file", where=str(file)) from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError("photo_no_picture", where=str(file)) from error
    cut = ImageOps.fit(upright, (WIDE_PX, HIGH_PX), centering=(0.5, 0.35))
    held = io.BytesIO()
    Image.frombytes("RGB", cut.size, cut.tobytes()).save(held, "JPEG", quality=QUALITY, optimize=True)
    return held.getvalue()


def photos_of(attachments: pd.DataFrame) -> dict[str, bytes]:
    """Give the photos of those who have one, by worker_id."""
    rows = zip(attachments["attachment_id"], attachments["content"], strict=True)
    return {str(key)[len(MARK) :]: bytes(content) for key, content in rows if str(key).startswith(MARK)}


def forgotten(change: Change) -> int:
    """Take out the photos of workers who are no longer there, inside a change; say how many."""
    known = set(change.session.read("workers", columns=["worker_id"])["worker_id"])
    keys = change.session.read("attachments", columns=["attachment_id"])["attachment_id"]
    gone: list[Any] = [one for one in keys if str(one).startswith(MARK) and str(one)[len(MARK) :] not in known]
    return sum(change.session.delete("attachments", where={"attachment_id": one}) for one in gone)


def _worker(project: Project, wanted: str) -> str:
    workers = project.read("workers", columns=["worker_id", "name"])
    found = workers[(workers["worker_id"] == wanted) | (workers["name"] == wanted)]["worker_id"].tolist()
    if not found:
        raise InputError("atlas_no_worker", wanted=wanted)
    if len(found) > 1:
        raise InputError("photo_several", wanted=wanted, known=[str(one) for one in found])
    return str(found[0])
