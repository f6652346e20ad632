"""Mail: taking messages apart, and making tickets of them."""

import base64
import random
import time
from email.message import EmailMessage

from sqlalchemy import text

from helpdesk import db
from helpdesk.domain.inbound_mail import parse
from helpdesk.domain.mail_html import words
from helpdesk.domain.people import system
from helpdesk.jobs import inbound as jobs
from helpdesk.services import unit_of_work
from helpdesk.services.mail import inbound, mailboxes
from tests.bench import fill
from tests.bench.report import Report

_WORDS = [
    "since",
    "this",
    "morning",
    "the",
    "label",
    "printer",
    "on",
    "floor",
    "three",
    "feeds",
    "paper",
    "but",
    "nothing",
    "is",
    "on",
    "it",
    "we",
    "restarted",
    "it",
    "twice",
]


def mails(number: int) -> list[bytes]:
    """Mails as they are: half plain, half with HTML beside it, some with quotes, some with files; 4 KB in the middle."""
    chance = random.Random(7)
    return [_mail(chance, one) for one in range(number)]


def _mail(chance: random.Random, number: int) -> bytes:
    message = EmailMessage()
    message["From"] = f"Käthe Customer {number} <customer{number % 500}@company.example>"
    message["To"], message["Subject"] = "support@acme.example", f"Étiquettes vides {number}"
    message["Date"], message["Message-ID"] = (
        "Mon, 23 Nov 2026 12:00:00 +0100",
        f"<{time.time_ns()}-{number}@company.example>",
    )
    for hop in range(4):
        message["Received"] = (
            f"from mx{hop}.company.example (mx{hop}.company.example [192.0.2.{hop}]) by mx.acme.example with ESMTPS"
        )
    said = "\n\n".join(" ".join(chance.choices(_WORDS, k=40)) for _ in range(chance.randint(1, 5)))
    quoted = "\n".join(f"> {' '.join(chance.choices(_WORDS, k=10))}" for _ in range(20))
    whole = (
        f"{said}\n\nOn Mon, 23 Nov 2026 at 11:00, Acme <support@acme.example> wrote:\n{quoted}\n"
        if number % 3 == 0
        else said
    )
    message.set_content(whole)
    if number % 2:
        paragraphs = "".join(f"<p style='margin:0'><span>{one}</span></p>" for one in said.split("\n\n"))
        message.add_alternative(
            f"<html><body>{paragraphs}<div class='gmail_quote'>{quoted}</div></body></html>", subtype="html"
        )
    if number % 10 == 0:
        message.add_attachment(
            base64.b64encode(chance.randbytes(30_000)), maintype="application", subtype="pdf", filename="plan.pdf"
        )
    return message.as_bytes()


def run(report: Report, *, quick: bool) -> None:
    """The figures of mail."""
    raws = mails(300 if quick else 1000)
    for raw in raws[:50]:
        parse(raw)
    began = time.perf_counter()
    parsed = [parse(raw) for raw in raws]
    rate = len(raws) / (time.perf_counter() - began)
    size = sum(map(len, raws)) // len(raws) // 1024
    report.add(f"parsing (mails of {size} KB on average)", f"{rate:.0f}/s", ">= 1500/s", is_met=rate >= 1500)
    began = time.perf_counter()
    for one in parsed:
        words(one.text, one.html, pictures={}, remote=inbound.remote_address, most=90_000)
    report.add("folding and making safe", f"{len(raws) / (time.perf_counter() - began):.0f}/s")

    organization = fill.organization("ten", 10_000)
    fill.close_filed(organization.id)
    desk = system(organization.id)
    with db.session(organization.id) as session:
        box = session.execute(text("SELECT id FROM mailbox LIMIT 1")).scalar()
    box_id = int(box) if box else unit_of_work.run(desk, mailboxes.save, address="support@acme.example")
    raws = mails(100 if quick else 400)
    for raw in raws[:20]:
        unit_of_work.run(desk, inbound.keep, raw, mailbox_id=box_id, door=inbound.IMAP)
    jobs.understand(organization.id)
    began = time.perf_counter()
    for raw in raws[20:]:
        unit_of_work.run(desk, inbound.keep, raw, mailbox_id=box_id, door=inbound.IMAP)
    kept = time.perf_counter() - began
    jobs.understand(organization.id)
    whole = time.perf_counter() - began
    rate = (len(raws) - 20) / whole
    report.add("keeping", f"{(len(raws) - 20) / kept:.0f}/s")
    report.add("mail to ticket, kept and understood by one process", f"{rate:.0f}/s", ">= 120/s", is_met=rate >= 120)
    with db.session(organization.id) as session:
        states = dict(session.execute(text("SELECT state, count(*) FROM inbound_mail GROUP BY state")).all())
    report.add("what became of them", ", ".join(f"{state} {count}" for state, count in sorted(states.items())))
