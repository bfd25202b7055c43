"""Files that steps have made."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from govmap.server.answers import Working

router = APIRouter(prefix="/api/files")


@router.get("/{number}/{name}")
def file(number: str, name: str, jobs: Working) -> FileResponse:
    """Give a file to keep; nothing of it is ever shown inside the desk."""
    path = jobs.file(number, name)
    return FileResponse(path, filename=name, media_type="application/octet-stream")
