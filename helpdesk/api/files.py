"""Files in and out. Uploads go here and nowhere else: signed in, counted byte by byte, of an allowed type.

A file belongs to its uploader until a ticket or comment takes it by id. Who may fetch it is decided where rows are.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from helpdesk import threads
from helpdesk.adapters import http
from helpdesk.api.auth import actor_of
from helpdesk.domain.errors import Invalid, SignedOut
from helpdesk.domain.people import Actor
from helpdesk.services import account, attachments, unit_of_work
from helpdesk.services.mail import inbound

router = APIRouter(prefix="/files", include_in_schema=False)

_CHUNK = 256 * 1024
# Shown in the browser at most as a picture or a document; never run, whatever it is.
_FENCE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
}


@router.post("")
async def upload(request: Request) -> Response:
    """Keep one file (the form field `file`); answers what was kept and its id."""
    actor = await _signed_in(request)
    try:
        async with request.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Invalid(file="Choose a file.")
            row = await _run(
                actor, attachments.store, filename=file.filename or "", content_type=file.content_type or "",
                stream=_chunks(file),
            )  # fmt: skip
    except MultiPartException:
        raise Invalid(file="Send one file as a form field named “file”.") from None
    return JSONResponse(asdict(row) | {"url": f"/files/{row.id}"}, 201)


@router.post("/picture")
async def set_picture(request: Request) -> Response:
    """Make one file (the form field `file`) the picture of whoever is signed in; answers its address."""
    actor = await _signed_in(request)
    try:
        async with request.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Invalid(file="Choose a picture.")
            url = await _run(actor, account.set_picture, stream=_chunks(file))
    except MultiPartException:
        raise Invalid(file="Send one picture as a form field named “file”.") from None
    return JSONResponse({"id": actor.person_id, "url": url}, 201)


@router.get("/people/{person_id}")
async def picture(request: Request, person_id: int) -> Response:
    """Somebody's picture. Its address changes with it, so browsers may keep it."""
    kind, stream = await _run(await actor_of(request), account.picture, person_id)
    return StreamingResponse(stream, media_type=kind, headers=_FENCE | {"Content-Disposition": "inline"})


@router.get("/remote/{token}")
async def remote_picture(request: Request, token: str) -> Response:
    """A picture from elsewhere that stood in a mail, fetched by us: its server learns nothing of who looks at it."""
    await _signed_in(request)
    address = inbound.remote_picture(token).replace("http://", "https://", 1)
    found = await threads.hop(http.picture, address) if address else None
    if found is None:
        return Response(status_code=404, headers=_FENCE)
    return Response(found[1], media_type=found[0], headers=_FENCE | {"Content-Disposition": "inline"})


@router.get("/received/{mail_id}.eml")
async def received_mail(request: Request, mail_id: int) -> Response:
    """A mail as it came, for who may read received mail."""
    raw = await _run(await actor_of(request), inbound.original, mail_id)
    headers = _FENCE | {
        "Content-Disposition": f'attachment; filename="mail-{mail_id}.eml"',
        "Cache-Control": "no-store",
    }
    return Response(raw, media_type="application/octet-stream", headers=headers)


@router.get("/{attachment_id}")
async def download(request: Request, attachment_id: int, show: bool = False) -> Response:
    """A file's bytes: to save, or with `?show=true` to look at if browsers can show it without running it. A `Range` of
    bytes is answered alone, so that a download can go on where it broke off and a film can be wound forward."""
    actor = await actor_of(request)
    row = await _run(actor, attachments.facts, attachment_id)
    part = _range(request.headers.get("range", ""), row.size)
    start, length = part or (0, row.size)
    if length <= 0:
        return Response(status_code=416, headers=_FENCE | {"Content-Range": f"bytes */{row.size}"})
    row, stream = await _run(actor, attachments.open_, attachment_id, start=start, length=length)
    how = "inline" if show and row.is_safe_inline else "attachment"
    ascii_name = row.filename.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    headers = _FENCE | {
        "Content-Disposition": f"{how}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(row.filename, safe='')}",
        "Content-Length": str(length),
        "Accept-Ranges": "bytes",
    }
    if part:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{row.size}"
    media_type = row.content_type if row.is_safe_inline else "application/octet-stream"
    if how == "inline" and media_type == "application/pdf":
        # Browsers show PDF with a viewer of their own, which a sandbox keeps shut.
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'"
    return StreamingResponse(stream, 206 if part else 200, media_type=media_type, headers=headers)


@router.delete("/{attachment_id}", status_code=204)
async def discard(request: Request, attachment_id: int) -> Response:
    """Remove an upload that was not sent yet."""
    await _run(await _signed_in(request), attachments.discard, attachment_id)
    return Response(status_code=204)


async def _signed_in(request: Request) -> Actor:
    """Who uploads. Asked before a single byte of the body is read."""
    actor = await actor_of(request)
    if actor.person_id is None:
        raise SignedOut("Please sign in to do this.")
    return actor


async def _run(actor: Actor, verb: Any, /, *args: Any, **kwargs: Any) -> Any:
    return await threads.hop(unit_of_work.run, actor, verb, *args, **kwargs)


def _range(asked: str, size: int) -> tuple[int, int] | None:
    """The first byte and the number of bytes asked for; a number below one cannot be had. Anything but one plain range
    is answered whole, as the standard allows."""
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", asked.strip())
    if found is None or found.group(0) == "bytes=-":
        return None
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    return start, end - start + 1


def _chunks(file: UploadFile) -> Iterator[bytes]:
    file.file.seek(0)
    while chunk := file.file.read(_CHUNK):
        yield chunk
