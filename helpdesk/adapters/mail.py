"""Outgoing mail: over SMTP, or kept at the desk when no server is configured."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol

from helpdesk import settings
from helpdesk.adapters import http

_TIMEOUT_SECONDS = 20


class MailFailed(Exception):
    """The server could not be reached or refused the mail.

    Args:
        message: why, in its words.
        is_final: trying again will not help (the address does not exist).
        is_away: it is the server, not the mail: nothing else would be taken now either.
    """

    def __init__(self, message: str, *, is_final: bool = False, is_away: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final
        self.is_away = is_away


class Mailer(Protocol):
    """Somebody who takes mail away."""

    def send(self, message: EmailMessage) -> None:
        """Take one mail.

        Raises:
            MailFailed: it was not taken.
        """


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A server that takes mail.

    Args:
        tls: tls, starttls or none.
        is_typed: somebody typed the address in, so it must be one the desk may reach.
    """

    host: str
    port: int
    tls: str
    user: str = ""
    password: str = ""
    is_typed: bool = False


class SmtpMailer:
    """Hands mail to an SMTP server, one connection a mail.

    Args:
        timeout: seconds to wait for each answer.
    """

    def __init__(self, server: SmtpServer, *, timeout: float = _TIMEOUT_SECONDS) -> None:
        self.server, self.timeout = server, timeout

    def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise MailFailed(
                f"The address was refused: {error}", is_final=all(code >= 550 for code in codes)
            ) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise MailFailed(f"{self.server.host} does not take this mail: {error}") from error
        except (smtplib.SMTPException, OSError, http.Refused) as error:
            raise self._away(error) from error

    def check(self) -> None:
        """Sign in and send nothing.

        Raises:
            MailFailed: it does not work; says what is wrong, in a sentence.
        """
        try:
            with self._connected() as server:
                server.noop()
        except (smtplib.SMTPException, OSError, http.Refused) as error:
            raise self._away(error) from error

    def _away(self, error: Exception) -> MailFailed:
        """Why nothing can be sent at all, in a sentence."""
        host, where = self.server.host, f"{self.server.host}, port {self.server.port}"
        if isinstance(error, smtplib.SMTPAuthenticationError):
            told = f"{host} refuses the user name or the password."
        elif isinstance(error, http.Refused):
            told = str(error)
        elif isinstance(error, ssl.SSLCertVerificationError):
            told = f"The certificate of {host} cannot be trusted: {error.verify_message}."
        elif isinstance(error, ssl.SSLError):
            told = f"{where} does not speak TLS like this. Choose another encryption or port."
        elif isinstance(error, TimeoutError):
            told = f"{where} does not answer."
        elif isinstance(error, ConnectionRefusedError):
            told = f"Nothing listens at {where}."
        else:
            told = f"{host}: {error or type(error).__name__}"
        return MailFailed(told, is_away=True)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        chosen = self.server
        if chosen.is_typed:
            http.judged(chosen.host, chosen.port)
        if chosen.tls == "tls":
            context = ssl.create_default_context()
            opened: smtplib.SMTP = smtplib.SMTP_SSL(chosen.host, chosen.port, timeout=self.timeout, context=context)
        else:
            opened = smtplib.SMTP(chosen.host, chosen.port, timeout=self.timeout)
        with opened as server:
            if chosen.tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if chosen.user:
                server.login(chosen.user, chosen.password)
            yield server


@dataclass
class MemoryMailer:
    """Keeps what it is given; for tests."""

    sent: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage) -> None:
        """See Mailer."""
        self.sent.append(message)


def mailer() -> Mailer | None:
    """The mailer the settings choose; None when mail is to be kept."""
    chosen = settings.get()
    if not chosen.smtp_host:
        return None
    password = chosen.smtp_password.get_secret_value()
    return SmtpMailer(SmtpServer(chosen.smtp_host, chosen.smtp_port, chosen.smtp_tls, chosen.smtp_user, password))
