"""Files in a browser: each upload says what became of it, pictures are shown small and large, a virus goes nowhere."""

import struct
import zlib

from playwright.sync_api import expect

from helpdesk.adapters.scanner import EICAR
from tests.e2e.conftest import Desk, SignIn


def _picture(width: int, height: int) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes((90, 120, 220)) * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_pictures_are_shown_and_a_virus_goes_nowhere(desk: Desk, sign_in: SignIn) -> None:
    rita = sign_in("rita@northwind.example", "/requests/new")
    rita.locator("input[name=title]").fill("Stripes on the display")
    rita.locator("textarea[name=description]").fill("See the picture.")
    rita.locator(".hd-dropzone input[type=file]").first.set_input_files([
        {"name": "stripes.png", "mimeType": "image/png", "buffer": _picture(400, 300)},
        {"name": "holiday.jpg", "mimeType": "image/jpeg", "buffer": EICAR},
    ])  # fmt: skip
    expect(rita.locator(".hd-upload", has_text="stripes.png")).to_have_attribute("data-state", "done")
    expect(rita.locator(".hd-upload", has_text="blocked: it contains the EICAR test virus")).to_be_visible()
    rita.get_by_role("button", name="Remove holiday.jpg").click()
    rita.get_by_role("button", name="Send the request").click()
    rita.get_by_role("link", name="Open the request").click()

    small = rita.get_by_role("link", name="stripes.png")
    expect(small).to_be_visible()
    small.click()
    large = rita.locator("dialog.hd-lightbox img")
    expect(large).to_be_visible()
    assert large.evaluate("image => image.naturalWidth") == 400
    rita.keyboard.press("Escape")
    expect(rita.locator("dialog.hd-lightbox")).to_have_count(0)
    expect(small).to_be_focused()
    expect(rita.get_by_text("holiday.jpg")).to_have_count(0)
