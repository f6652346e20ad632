"""Mail as it comes, understood: headers, words, files, reports; whatever is wrong with it."""

import base64
import random
import time
from datetime import UTC, datetime

import pytest

from helpdesk.domain.inbound_mail import Address, Bounce, decoded, envelope, parse


def mail(headers: str = "", body: str | bytes = "Hello\n", *, plain: bool = True) -> bytes:
    """A mail with these headers beside the usual ones."""
    usual = "From: Rita Requester <rita@northwind.example>\nTo: help@acme.example\nSubject: Labels\nMessage-ID: <1@northwind.example>\n"
    raw = body if isinstance(body, bytes) else body.encode()
    return (usual if plain else "").encode() + headers.encode("utf-8", "surrogateescape") + b"\n" + raw


def parts(kind: str, *bodies: str) -> bytes:
    """A mail of several parts."""
    inner = "".join(f"--x\n{one}\n" for one in bodies)
    return mail(f'MIME-Version: 1.0\nContent-Type: {kind}; boundary="x"\n', f"{inner}--x--\n")


def test_an_ordinary_mail() -> None:
    found = parse(
        mail(
            "Date: Tue, 12 Mar 2024 09:12:00 +0100\nCc: Max <MAX@acme.example>, <ada@acme.example>\nReply-To: desk@northwind.example\n"
            "In-Reply-To: <2@acme.example>\nReferences: <0@acme.example>\n <2@acme.example>\n"
        )
    )
    assert found.subject == "Labels" and found.text == "Hello" and found.html == "" and found.files == ()
    assert found.sender == Address("Rita Requester", "rita@northwind.example")
    assert found.to == (Address("", "help@acme.example"),)
    assert found.cc == (Address("Max", "max@acme.example"), Address("", "ada@acme.example"))
    assert found.reply_to == (Address("", "desk@northwind.example"),)
    assert found.sent_at == datetime(2024, 3, 12, 8, 12, tzinfo=UTC)
    assert (found.message_id, found.in_reply_to) == ("1@northwind.example", "2@acme.example")
    assert found.references == ("0@acme.example", "2@acme.example")
    assert not (found.is_automatic or found.is_bounce or found.is_list or found.problems)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOfZQ=?=", "Grüße"),  # a padding is missing
        ("=?iso-8859-1?q?Gr=FC=DFe_an_alle?=", "Grüße an alle"),
        ("=?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=", "Grüße"),  # cut within a character
        ("=?utf-8?q?one?=\n =?utf-8?q?_two?=", "one two"),
        ('"=?utf-8?q?Gr=C3=BC=C3=9Fe?=" plain', '"Grüße" plain'),
        ("Re:=?utf-8?q?_Gr=C3=BC=C3=9Fe?=", "Re: Grüße"),
        ("=?iso-2022-jp?B?GyRCJF4kXyRgJGEkYhsoQg==?=", "まみむめも"),
        ("=?gb2312?B?xOO6ww==?=", "你好"),
        ("=?ks_c_5601-1987?B?vsiz58fPvLy/5A==?=", "안녕하세요"),
        ("=?utf-8*en?q?Hello?=", "Hello"),
        ("=?nonsense?q?Hello?=", "Hello"),
        ("=?utf-8?x?Hello?=", "=?utf-8?x?Hello?="),
        ("Grüße", "Grüße"),
        ("plain =? text ?=", "plain =? text ?="),
    ],
)
def test_words_of_headers(value: str, text: str) -> None:
    assert decoded(value) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Grüße".encode(), "Grüße"), ("Grüße".encode("latin-1"), "Grüße"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy v městě".encode("cp1250"), "Příliš žluťoučký kůň úpěl ďábelské ódy v městě"),
    ],
)  # fmt: skip
def test_a_subject_in_raw_bytes_is_read(raw: bytes, text: str) -> None:
    charset = b"Content-Type: text/plain; charset=windows-1250\n" if b"\xf8" in raw else b""
    assert parse(charset + b"Subject: " + raw + b"\n\nx").subject == text


@pytest.mark.parametrize(
    ("charset", "octets", "text"),
    [
        ("utf-8", "Grüße".encode(), "Grüße"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("us-ascii", "Grüße".encode("cp1252"), "Grüße"),
        ("iso-8859-1", "“Grüße” – 5 €".encode("cp1252"), "“Grüße” – 5 €"),
        ("utf-8", "Grüße aus Köln".encode("latin-1"), "Grüße aus Köln"),
        ("iso-8859-1", "Grüße".encode(), "Grüße"),
        ("gb2312", "你好，世界".encode("gb18030"), "你好，世界"),
        ("shift_jis", "こんにちは①".encode("cp932"), "こんにちは①"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("no-such-thing", "Grüße".encode(), "Grüße"),
        ("", "Grüße".encode(), "Grüße"),
        ('"utf-8"', "Grüße".encode(), "Grüße"),
        ("unicode-1-1-utf-7", b"Gr+APwA3w-e", "Grüße"),
    ],
)
def test_charsets_that_lie_or_are_missing(charset: str, octets: bytes, text: str) -> None:
    kind = f"; charset={charset}" if charset else ""
    found = parse(mail(f"MIME-Version: 1.0\nContent-Type: text/plain{kind}\nContent-Transfer-Encoding: 8bit\n", octets))
    assert found.text == text


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("rita@northwind.example", Address("", "rita@northwind.example")),
        ('"Requester, Rita" <Rita@Northwind.example>', Address("Requester, Rita", "rita@northwind.example")),
        ("=?utf-8?q?M=C3=BCller=2C_Rita?= <rita@northwind.example>", Address("Müller, Rita", "rita@northwind.example")),
        ("Rita (Northwind) <rita@northwind.example>", Address("Rita (Northwind)", "rita@northwind.example")),
        ("rita@northwind.example <rita@northwind.example>", Address("", "rita@northwind.example")),
        ("Rita at work: rita@northwind.example;", Address("", "rita@northwind.example")),
        ("<rita@northwind.example", Address("", "rita@northwind.example")),
        ("Rita [rita@northwind.example]", Address("", "rita@northwind.example")),
        ("Rita @ home <rita@northwind.example>", Address("Rita @ home", "rita@northwind.example")),
        ("undisclosed-recipients:;", Address("", "")),
        ("", Address("", "")),
    ],
)
def test_whoever_it_is_from(header: str, sender: Address) -> None:
    found = parse(f"From: {header}\nSubject: x\n\nHello".encode())
    assert found.sender.email == sender.email
    assert found.sender.name == sender.name
    assert bool(found.problems) == (not sender.email)


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        ("Tue, 12 Mar 2024 09:12:00 +0100", datetime(2024, 3, 12, 8, 12, tzinfo=UTC)),
        ("12 Mar 2024 09:12 GMT", datetime(2024, 3, 12, 9, 12, tzinfo=UTC)),
        ("12-Mar-24 9:12:70", datetime(2024, 3, 12, 9, 12, 59, tzinfo=UTC)),
        ("yesterday", None), ("", None), ("Tue, 99 Mar 2024 09:12:00", None),
    ],
)  # fmt: skip
def test_when_it_was_sent(header: str, moment: datetime | None) -> None:
    assert parse(mail(f"Date: {header}\n")).sent_at == moment


def test_the_same_in_two_forms_is_one_text() -> None:
    found = parse(
        parts(
            "multipart/alternative", "Content-Type: text/plain\n\nplain words", "Content-Type: text/html\n\n<p>rich words</p>",
            "Content-Type: text/watch-html\n\n<b>watch</b>", "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nEND:VCALENDAR",
        )
    )  # fmt: skip
    assert (found.text, found.html.strip()) == ("plain words", "<p>rich words</p>")
    assert [(one.name, one.content_type) for one in found.files] == [("invitation.ics", "text/calendar")]


def test_pictures_within_and_files_beside() -> None:
    picture = base64.b64encode(b"\x89PNG").decode()
    found = parse(
        parts(
            "multipart/related", 'Content-Type: text/html\n\n<img src="cid:logo@x">',
            f"Content-Type: image/png\nContent-ID: <logo@x>\nContent-Transfer-Encoding: base64\n\n{picture}",
            f'Content-Type: image/png; name="a.png"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n{picture}',
        )
    )  # fmt: skip
    assert [(one.name, one.content_id, one.is_inline, one.content) for one in found.files] == [
        ("picture-1.png", "logo@x", True, b"\x89PNG"),
        ("a.png", "", False, b"\x89PNG"),
    ]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('Content-Disposition: attachment; filename="report.pdf"', "report.pdf"),
        ("Content-Disposition: attachment; filename=my report.pdf", "my report.pdf"),
        ("Content-Disposition: attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf", "Grüße.pdf"),
        (
            "Content-Disposition: attachment;\n filename*0*=utf-8''Gr%C3%BC;\n filename*1*=%C3%9Fe;\n filename*2=.pdf",
            "Grüße.pdf",
        ),
        ('Content-Disposition: attachment; filename="=?utf-8?q?Gr=C3=BC=C3=9Fe.pdf?="', "Grüße.pdf"),
        ('Content-Type: application/pdf; name="../../etc/passwd"', "passwd"),
        ('Content-Type: application/pdf; name="C:\\\\Users\\\\rita\\\\a<b>.pdf"', "a_b_.pdf"),
        ("Content-Type: application/pdf", "file-1.pdf"),
    ],
)
def test_names_of_files(header: str, name: str) -> None:
    kind = "" if header.startswith("Content-Type") else "Content-Type: application/pdf\n"
    found = parse(parts("multipart/mixed", "Content-Type: text/plain\n\nSee there.", f"{kind}{header}\n\n%PDF"))
    assert [one.name for one in found.files] == [name]
    assert found.text == "See there."


def test_signed_and_encrypted_mail_keeps_its_parts() -> None:
    signed = parse(
        parts(
            "multipart/signed", "Content-Type: text/plain\n\nHello", "Content-Type: application/pkcs7-signature\n\nMIIG"
        )
    )
    assert signed.text == "Hello" and [one.name for one in signed.files] == ["smime.p7s"]
    closed = parse(
        parts("multipart/encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1",
              'Content-Type: application/octet-stream; name="encrypted.asc"\n\n-----BEGIN PGP MESSAGE-----')
    )  # fmt: skip
    assert [one.name for one in closed.files] == ["version.asc", "encrypted.asc"] and closed.text == ""
    tnef = parse(parts("multipart/mixed", "Content-Type: application/ms-tnef\n\nx"))
    assert [one.name for one in tnef.files] == ["winmail.dat"]


def test_a_mail_within_a_mail_is_a_file() -> None:
    found = parse(
        parts(
            "multipart/mixed",
            "Content-Type: text/plain\n\nSee below.",
            "Content-Type: message/rfc822\n\nSubject: Old\n\nwords",
        )
    )
    assert [(one.name, one.content_type) for one in found.files] == [("Old.eml", "message/rfc822")]
    assert b"words" in found.files[0].content and found.text == "See below."


def test_a_bounce_names_whom_and_which() -> None:
    found = parse(
        parts(
            "multipart/report; report-type=delivery-status", "Content-Type: text/plain\n\nSorry.",
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; Carl@Northwind.example\nAction: failed\n"
            "Status: 5.1.1\n\nFinal-Recipient: rfc822; rita@northwind.example\nAction: delayed\nStatus: 4.2.2\n",
            "Content-Type: message/rfc822\n\nMessage-ID: <7@acme.example>\nSubject: Re: Labels\n\nwords",
        )
    )  # fmt: skip
    assert found.is_bounce and found.is_automatic and found.in_reply_to == "7@acme.example"
    assert found.bounces == (
        Bounce("carl@northwind.example", "5.1.1", is_permanent=True), Bounce("rita@northwind.example", "4.2.2", is_permanent=False),
    )  # fmt: skip


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: auto-replied", "Precedence: bulk", "X-Autoreply: yes", "X-Auto-Response-Suppress: All", "List-Id: <a.b>", "Return-Path: <>",
        "Subject: Automatic reply: Labels", "Subject: Out of Office: Labels", "Subject: Abwesenheitsnotiz", "From: MAILER-DAEMON@mx.example",
        "List-Unsubscribe: <mailto:x@y.example>",
    ],
)  # fmt: skip
def test_what_a_program_wrote_is_never_answered(headers: str) -> None:
    assert parse(f"{headers}\n".encode() + mail()).is_automatic
    assert not parse(b"Auto-Submitted: no\n" + mail()).is_automatic


def test_flowed_lines_are_put_together() -> None:
    found = parse(mail("Content-Type: text/plain; format=flowed\n", "This goes \non here.\n> quoted \n> too\n"))
    assert found.text == "This goes on here.\n> quoted too"


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x00\xff", b"nothing but words", b"From: x\n\n", b"Content-Type: multipart/mixed; boundary=x\n\nno boundary comes",
        b"Content-Type: multipart/mixed\n\n--x\n\nwords\n--x--", b"Content-Type: text/plain; charset=\xff\n\nwords", b"Content-Type: ;;;=\n\nwords",
        b"Content-Transfer-Encoding: base64\n\n!!!", b"Content-Transfer-Encoding: x-uuencode\n\nwords", b"Content-Type: message/rfc822\n\n",
        b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\nContent-Type: multipart/mixed; boundary=x\n\n" * 200,
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(200)),
        b"References: " + b"<a@b>" * 5000 + b"\n\nx", b"From: " + b"a@b.example, " * 5000 + b"\n\nx", b"Subject: " + b"=?utf-8?q?x?= " * 5000 + b"\n\nx",
    ],
)  # fmt: skip
def test_whatever_comes_is_read_as_far_as_it_goes(raw: bytes) -> None:
    found = parse(raw)
    assert "\x00" not in found.subject + found.text + found.html


def test_damaged_mail_is_read_as_far_as_it_goes() -> None:
    dice = random.Random(7)
    whole = parts(
        "multipart/alternative", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe",
        "Content-Type: text/html; charset=koi8-r\nContent-Transfer-Encoding: base64\n\nPHA+aGVsbG88L3A+",
    )  # fmt: skip
    for _ in range(400):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 12)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        parse(bytes(broken))


@pytest.mark.parametrize("header", ["From", "To", "Subject", "References", "Content-Type", "Date"])
@pytest.mark.parametrize("what", ["(", "<", '"', "a@", "=?utf-8?q?"])
def test_no_header_is_too_deep(header: str, what: str) -> None:
    raw = f"{header}: {what * 10_000}\nMessage-ID: <1@x.example>\n\nhi\n".encode()
    assert parse(raw).text == "hi"
    assert envelope(raw).message_id


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("Big Bug bug@northwind.example", Address("Big Bug", "bug@northwind.example")),
        ("Requester, Rita <rita@northwind.example>", Address("Requester, Rita", "rita@northwind.example")),
        ("'Rita Requester' <rita@northwind.example>", Address("Rita Requester", "rita@northwind.example")),
        (
            "=?utf-8?Q?M=C3=BCller,_Rita_<rita=40x.example>?= <rita@x.example>",
            Address("Müller, Rita", "rita@x.example"),
        ),
        ("Rita <rita@northwind(here).  example>", Address("Rita", "rita@northwind.example")),
        ("IT help: Rita <rita@northwind.example>", Address("Rita", "rita@northwind.example")),
    ],
)
def test_addresses_as_programs_should_not_write_them(header: str, sender: Address) -> None:
    assert parse(f"From: {header}\nSubject: x\n\nHello".encode()).sender == sender


@pytest.mark.parametrize(
    ("subject", "charset"),
    [
        ("Formação e uma impressão", "cp1252"), ("Ça ne marche plus à l'étage", "latin-1"), ("Drukarka nie działa, proszę o pomoc, błąd", "iso8859-2"),
        ("Tiskárna nefunguje, příliš žluťoučký kůň", "cp1250"), ("Не работает принтер", "cp1251"), ("Не работает принтер", "koi8-r"),
        ("プリンターが動きません", "cp932"), ("打印机坏了请帮忙", "gb18030"), ("프린터가 작동하지 않습니다", "cp949"), ("Der Drucker druckt über Nacht", "cp1252"),
    ],
)  # fmt: skip
def test_raw_bytes_nobody_says_anything_about_are_read(subject: str, charset: str) -> None:
    assert parse(b"Subject: " + subject.encode(charset) + b"\n\nx").subject == subject


def test_another_header_says_what_raw_bytes_mean() -> None:
    raw = b"From: =?iso-8859-2?q?Petr?= <p@x.example>\nSubject: " + "Kůň".encode("iso8859-2") + b"\n\nx"
    assert parse(raw).subject == "Kůň"


def test_a_broken_header_hides_nothing_below_it() -> None:
    found = parse(b"Received: by x\nquite Delivered-To: y\nFrom  : rita@northwind.example\nSubject : Labels\nDate: Fri, 21 Nov 1997 09(a): 55 : 06 -0600\n"
                  b"Message-ID: <12 @ local(b) .example>\n\nHello")  # fmt: skip
    assert (found.sender.email, found.subject, found.text) == ("rita@northwind.example", "Labels", "Hello")
    assert (found.message_id, found.sent_at) == ("12@local.example", datetime(1997, 11, 21, 15, 55, 6, tzinfo=UTC))
    assert parse(mail("no header at all", "")).text == "no header at all"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
@pytest.mark.parametrize(
    "above", [b"", b"\xef\xbb\xbf", b"From rita@northwind.example Tue May 10 11:28:07 2005\n", b"\n\n"]
)
def test_line_ends_and_what_stands_above(line_end: bytes, above: bytes) -> None:
    found = parse((above + mail(body="one\ntwo\n")).replace(b"\n", line_end))
    assert (found.subject, found.text) == ("Labels", "one\ntwo")


def test_words_of_every_part_are_kept() -> None:
    found = parse(
        parts(
            "multipart/mixed", "Content-Type: text/html\n\n<p>The words</p>", "Content-Type: text/plain\n\na < footer"
        )
    )
    assert found.text == "" and "The words" in found.html and "a &lt; footer" in found.html
    apple = "Content-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: text/html\n\n<p>one</p>\n--y\nContent-Type: application/pdf\n\nx\n--y\nContent-Type: text/html\n\n<p>two</p>\n--y--"
    found = parse(parts("multipart/alternative", "Content-Type: text/plain\n\none two", apple))
    assert found.text == "one two" and "one" in found.html and "two" in found.html and len(found.files) == 1


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ('multipart/mixed; boundary="another"', "--real-one\nContent-Type: text/plain\n\nwords\n--real-one--\n"),
        ('text/plain; boundary="x"', "--x\nContent-Type: text/plain\n\nwords\n--x--\n"),
        ("multipart/mixed; boundary=x", "--x\n\nwords\n--x-\n\n"),
        ("multipart/mixed; boundary=x", "--x\n\nwords\n"),
        ("multipart/mixed; boundary=x", "--x\n\nwords\n--x--\n--x--\n"),
        ("text/plain; name=message.txt", "words"),
        ("text/plain charset=utf-8 ; what", "words"),
        ("text; charset=utf-8", "words"),
        ("text/enriched", "<bold>words</bold>"),
    ],
)
def test_parts_that_are_badly_put_together(header: str, body: str) -> None:
    found = parse(mail(f"MIME-Version: 1.0\nContent-Type: {header}\n", body))
    assert (found.text, found.html, found.files) == ("words", "", ())


@pytest.mark.parametrize(
    ("encoding", "body", "text"),
    [
        ("base64", "R3LDvMOfZQ==\n-- \nThis was scanned by Foo.\n", "Grüße"), ("base64", "R3LDvMOfZQ", "Grüße"), ("base64", "R3L!!DvM\nOf ZQ==", "Grüße"),
        ("base64", "R3LDvA==\nw59l", "Grüße"), ("base64", "It is not, you see: plain words!", "It is not, you see: plain words!"),
        ("quoted-printable;", "Gr=C3=BC=C3=9Fe", "Grüße"), ('"quoted-printable"', "Gr=C3=BC=\n=C3=9Fe", "Grüße"), ("quoted-printable", "50 = 50 =ZZ", "50 = 50 =ZZ"),
        ("7-bit", "words", "words"), ("text/html", "words", "words"),
    ],
)  # fmt: skip
def test_encodings_that_are_not_quite_theirs(encoding: str, body: str, text: str) -> None:
    assert (
        parse(mail(f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n", body)).text
        == text
    )


def test_files_from_before_there_were_attachments() -> None:
    found = parse(mail(body="See this:\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n\nBye\n"))
    assert [(one.name, one.content) for one in found.files] == [("cat.txt", b"Cat")] and found.text.split() == [
        "See",
        "this:",
        "Bye",
    ]
    assert parse(mail(body="We begin 644 things.\nbegin 644 now\n")).files == ()


def test_only_pictures_the_words_show_are_within() -> None:
    found = parse(parts("multipart/related", 'Content-Type: text/html\n\n<img src="cid:a%40x">', "Content-Type: image/png\nContent-ID: <a@x>\nContent-Disposition: attachment\n\nx",
                        'Content-Type: image/png; name="scan.png"\nContent-ID: <b@x>\n\nx'))  # fmt: skip
    assert [one.is_inline for one in found.files] == [True, False]


def test_a_digest_is_its_mails() -> None:
    found = parse(parts("multipart/digest", "\nSubject: One\n\nw1", "\nSubject: Two\n\nw2"))
    assert [(one.name, one.content_type) for one in found.files] == [
        ("One.eml", "message/rfc822"),
        ("Two.eml", "message/rfc822"),
    ]


@pytest.mark.parametrize(
    ("raw", "recipient"),
    [
        (b"From: MAILER-DAEMON@mx.example\nTo: help@acme.example\nSubject: failure notice\n\nHi. This is the qmail-send program.\n\n<carl@x.example>:\n"
         b"Remote host said: 550 5.1.1 No such user\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <7@acme.example>\nTo: other@x.example\n", "carl@x.example"),
        (b"From: System Administrator <postmaster@x.example>\nTo: help@acme.example\nSubject: Undeliverable: Labels\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\n"
         b"Your message did not reach some of the recipients.\n\n  carl@x.example on 3/3/2024\n  5.1.1 unknown\n--y\nContent-Type: message/rfc822\n\nMessage-ID: <7@acme.example>\n\nx\n--y--\n", "carl@x.example"),
        (b"From: Mailer-Daemon@mx.example\nX-Failed-Recipients: carl@x.example\nSubject: Mail delivery failed\n\n  carl@x.example\n    550 5.1.1 unknown\n\n"
         b"------ This is a copy of the message. ------\n\nMessage-Id: <7@acme.example>\n", "carl@x.example"),
    ],
)  # fmt: skip
def test_reports_that_only_people_can_read(raw: bytes, recipient: str) -> None:
    found = parse(raw)
    assert found.is_bounce and found.bounces == (Bounce(recipient, "5.1.1", is_permanent=True),)
    assert found.in_reply_to == "7@acme.example"


def test_a_receipt_is_no_answer() -> None:
    found = parse(parts("multipart/report; report-type=disposition-notification", "Content-Type: text/plain\n\nIt was read.",
                        "Content-Type: message/disposition-notification\n\nDisposition: manual-action; displayed"))  # fmt: skip
    assert found.is_automatic and not found.is_bounce


def test_flowed_quotes_are_put_together_by_their_depth() -> None:
    found = parse(mail("Content-Type: text/plain; format=flowed\n", "One \ntwo\n> a \n> b\n>> c\n-- \nRita \nHere\n"))
    assert found.text == "One two\n> a b\n>> c\n-- \nRita Here"


@pytest.mark.parametrize(
    "raw",
    [
        b"X: y" + b"\r" * 300_000 + b"z\n\nx", b"From: a," + b" " * 19_000 + b"b\n\nx", b"To: " + b"a, " * 6000 + b"<\n\nx", b"From: " + b"( " * 9000 + b"\n\nx",
        b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n" * 50_000, b"A: b\n" + b"no header\n" * 20_000 + b"To: x\n\nx",
        b"Content-Type: text/plain; " + b"charset=a; " * 1500 + b"\n\nx", b"\n" + b"begin 644 a\n" * 20_000, b"\nbegin 644 a\n" + b"M" * 60 + (b"\n" + b"M" * 60) * 5000,
        b"Content-Transfer-Encoding: base64\n\n" + b"A=" * 100_000, b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 50_000,
        b"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n" + b"a@b.example " * 20_000, b"Subject: " + b"=?utf-8?q?" * 1900 + b"\n\nx",
    ],
)  # fmt: skip
def test_no_mail_takes_long(raw: bytes) -> None:
    began = time.process_time()
    parse(raw)
    envelope(raw)
    assert time.process_time() - began < 10, "a mail made to make us think for ever does"
