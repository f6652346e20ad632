"""What is decided about accounts without a database: passwords, numbers, pictures."""

import pytest

from helpdesk.domain import passwords, phones, pictures
from helpdesk.domain.errors import Invalid

ABOUT = ("Nora New", "nora.new@northwind.example", "Acme Support")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "a short sentence", "vier Katzen im Regen", "xK9#mQ2$vL7p", "Grüße aus Köln 7", "日本語のパスワードです"],
)  # fmt: skip
def test_good_passwords_are_taken(password: str) -> None:
    assert passwords.problem(password, about=ABOUT) == ""


@pytest.mark.parametrize(
    "password",
    [
        "", "short", "x y z " * 50, "a" * 20, "abababababab", "abc123abc123", "password123", "P4ssw0rd2026!", "Password!!!!",
        "qwertyuiop12", "0987654321", "1234567890ab", "nora.new@northwind.example", "noranew12345", "NoraNew!2026", "acmesupport1",
        "Northwind2026", "summer2026!", "Welcome12345", "changeme!!!!", "helpdesk1234", "iloveyou1234", "          ", "letmein-2026",
    ],
)  # fmt: skip
def test_passwords_others_would_think_of_are_refused(password: str) -> None:
    assert passwords.problem(password, about=ABOUT)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("", ""), (" +49 (30) 901820 ", "+49 30 901820"), ("+4930901820", "+49 30 901820"), ("0049 30 901820", "+49 30 901820"),
     ("+1 415-555-0132", "+1 415-555-0132")],
)  # fmt: skip
def test_numbers_are_written_one_way(typed: str, kept: str) -> None:
    assert phones.international(typed) == kept


@pytest.mark.parametrize(
    "typed", ["030 901820", "hello", "+", "+49 1", "+999 123456", "+1 415 555 0132 0132 0132", "\x00", "٣"]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    if typed == "\x00":
        assert phones.international(typed) == ""
        return
    with pytest.raises(Invalid) as refused:
        phones.international(typed)
    assert set(refused.value.fields) == {"phone"}


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"\x89PNG\r\n\x1a\n....", "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"GIF89a", "image/gif"),
     (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"), (b"RIFF\x10\x00\x00\x00WAVE", ""), (b"<svg onload=alert(1)>", ""), (b"", "")],
)  # fmt: skip
def test_pictures_are_known_by_their_first_bytes(head: bytes, kind: str) -> None:
    assert pictures.kind(head) == kind
