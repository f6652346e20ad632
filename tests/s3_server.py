"""A storage on loopback that speaks S3: objects, parts, copies, ranges. It takes nothing that is not signed (version 4)."""

import hashlib
import hmac
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, unquote, urlsplit

ACCESS_KEY, SECRET_KEY, BUCKET, REGION = "desk", "a secret of the desk's storage", "helpdesk-files", "eu-test-1"


class S3Server:
    """What it holds: `objects` by key, `parts` of uploads that are not complete."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.parts: dict[str, dict[int, bytes]] = {}
        self.refused: list[str] = []
        self.largest_body = 0
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, on the port of before if there was one."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), type("Handler", (_Handler,), {"kept": self}))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """One that is running."""
    server = S3Server()
    server.start()
    try:
        yield server
    finally:
        server.stop()


class _Handler(BaseHTTPRequestHandler):
    kept: S3Server

    def do_PUT(self) -> None:
        body = self._body()
        if body is None:
            return None
        key, query = self._asked()
        if "uploadId" in query:
            self.kept.parts[query["uploadId"]][int(query["partNumber"])] = body
            self._answer(200, b"", ETag=f'"{hashlib.md5(body).hexdigest()}"')
        elif source := self.headers.get("x-amz-copy-source"):
            found = self.kept.objects.get(unquote(source).lstrip("/").partition("/")[2])
            if found is None:
                return self._no_such_key()
            self.kept.objects[key] = found
            self._answer(
                200,
                b"<CopyObjectResult><ETag>x</ETag><LastModified>2026-11-21T12:00:00.000Z</LastModified></CopyObjectResult>",
            )
        else:
            self.kept.objects[key] = body
            self._answer(200, b"", ETag='"x"')
        return None

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return None
        key, query = self._asked()
        if "uploads" in query:
            name = f"upload-{len(self.kept.parts)}-{key[-6:]}"
            self.kept.parts[name] = {}
            return self._answer(200, f"<R><UploadId>{name}</UploadId></R>".encode())
        parts = self.kept.parts.pop(query["uploadId"])
        order = [int(one) for one in re.findall(rb"<PartNumber>(\d+)<", body)]
        self.kept.objects[key] = b"".join(parts[number] for number in order)
        self._answer(200, f"<R><Bucket>{BUCKET}</Bucket><Key>{key}</Key><ETag>x</ETag></R>".encode())
        return None

    def do_GET(self) -> None:
        if self._body() is None:
            return None
        key, _ = self._asked()
        found = self.kept.objects.get(key)
        if found is None:
            return self._no_such_key()
        if asked := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            return self._answer(206, found[int(asked[1]) : int(asked[2]) + 1 if asked[2] else None])
        self._answer(200, found)
        return None

    def do_HEAD(self) -> None:
        if self._body() is None:
            return
        found = self.kept.objects.get(self._asked()[0])
        self.send_response(404 if found is None else 200)
        self.send_header("Content-Length", str(len(found or b"")))
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 12:00:00 GMT")
        self.send_header("ETag", '"x"')
        self.end_headers()

    def do_DELETE(self) -> None:
        if self._body() is None:
            return
        key, query = self._asked()
        if "uploadId" in query:
            self.kept.parts.pop(query["uploadId"], None)
        else:
            self.kept.objects.pop(key, None)
        self._answer(204, b"")

    def _asked(self) -> tuple[str, dict[str, str]]:
        where = urlsplit(self.path)
        bucket, _, key = unquote(where.path).lstrip("/").partition("/")
        assert bucket == BUCKET
        return key, {name: found[0] for name, found in parse_qs(where.query, keep_blank_values=True).items()}

    def _body(self) -> bytes | None:
        """The body of a request that is signed, and is what was signed."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.kept.largest_body = max(self.kept.largest_body, len(body))
        if self._is_signed(body):
            return body
        self.kept.refused.append(self.path)
        self._answer(403, b"<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>")
        return None

    def _is_signed(self, body: bytes) -> bool:
        found = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})",
            self.headers.get("Authorization", ""),
        )
        claimed = self.headers.get("x-amz-content-sha256", "")
        if not found or found[1] != ACCESS_KEY or found[3] != REGION or claimed != hashlib.sha256(body).hexdigest():
            return False
        where = urlsplit(self.path)
        pairs = sorted(parse_qs(where.query, keep_blank_values=True).items())
        query = "&".join(f"{quote(name, safe='-_.~')}={quote(value[0], safe='-_.~')}" for name, value in pairs)
        headers = "".join(f"{name}:{(self.headers.get(name) or '').strip()}\n" for name in found[4].split(";"))
        canonical = "\n".join([self.command, where.path, query, headers, found[4], claimed])
        scope = f"{found[2]}/{REGION}/s3/aws4_request"
        said = "\n".join(
            ["AWS4-HMAC-SHA256", self.headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()]
        )
        key = f"AWS4{SECRET_KEY}".encode()
        for part in (found[2], REGION, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.compare_digest(hmac.new(key, said.encode(), "sha256").hexdigest(), found[5])

    def _no_such_key(self) -> None:
        self._answer(404, b"<Error><Code>NoSuchKey</Code><Message>no</Message></Error>")

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/xml", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Quiet."""
