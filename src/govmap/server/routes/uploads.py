"""Files dropped on the page."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from govmap.server.answers import Whole
from govmap.server.uploads import stream

router = APIRouter(prefix="/api/uploads")


@router.put("/{name}")
async def upload(
    name: Annotated[str, Path(max_length=255)],
    request: Request,
    desk: Whole,
    beside: Annotated[str | None, Query(max_length=12)] = None,
) -> dict[str, Any]:
    """Take one file as it comes, alone or beside one that belongs to it."""
    upload, target = desk.uploads.begin(name, beside)
    try:
        size = await stream(request.stream(), target)
    except BaseException:
        desk.uploads.drop(upload.id)
        raise
    return {"ok": True, "upload": upload.id, "name": upload.path.name, "kind": upload.kind, "size": size}


@router.delete("/{number}")
def drop(number: str, desk: Whole) -> dict[str, Any]:
    """Remove a file that is not needed."""
    desk.uploads.drop(number)
    return {"ok": True}
