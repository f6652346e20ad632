"""Mails as they come, for tests."""

from email.message import EmailMessage
from itertools import count

_number = count(1)


def eml(
    body: str = "It burns.",
    *,
    sender: str = "Rita Requester <rita@northwind.example>",
    to: str = "support@acme.example",
    subject: str = "Printer on fire",
    html: str = "",
    files: tuple[tuple[str, str, bytes], ...] = (),
    **headers: str,
) -> bytes:
    """A mail; headers by name with underscores, `message_id=""` for none."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = "Mon, 23 Nov 2026 12:00:00 +0000"
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    message["Message-ID"] = given.pop("message-id", f"<mail-{next(_number)}@northwind.example>")
    if not message["Message-ID"]:
        del message["Message-ID"]
    for name, value in given.items():
        message[name] = value
    message.set_content(body)
    if html:
        message.add_alternative(html, subtype="html")
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()
