"""Outgoing mail: over SMTP, or kept at the desk when no server is configured."""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol

from helpdesk import settings

_TIMEOUT_SECONDS = 20


class MailFailed(Exception):
    """The server could not be reached or refused the mail.

    Args:
        message: why, in its words.
        is_final: trying again will not help (the address does not exist).
    """

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class Mailer(Protocol):
    """Somebody who takes mail away."""

    def send(self, message: EmailMessage) -> None:
        """Take one mail.

        Raises:
            MailFailed: it was not taken.
        """


class SmtpMailer:
    """Hands mail to the configured SMTP server, one connection a mail."""

    def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        chosen = settings.get()
        try:
            if chosen.smtp_tls == "tls":
                context = ssl.create_default_context()
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    chosen.smtp_host, chosen.smtp_port, timeout=_TIMEOUT_SECONDS, context=context
                )
            else:
                server = smtplib.SMTP(chosen.smtp_host, chosen.smtp_port, timeout=_TIMEOUT_SECONDS)
            with server:
                if chosen.smtp_tls == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if chosen.smtp_user:
                    server.login(chosen.smtp_user, chosen.smtp_password.get_secret_value())
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise MailFailed(
                f"The address was refused: {error}", is_final=all(code >= 550 for code in codes)
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailFailed(str(error) or type(error).__name__) from error


@dataclass
class MemoryMailer:
    """Keeps what it is given; for tests."""

    sent: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        self.sent.append(message)


def mailer() -> Mailer | None:
    """The mailer the settings choose; None when mail is to be kept."""
    return SmtpMailer() if settings.get().smtp_host else None
