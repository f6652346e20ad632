"""Reading a mailbox over IMAP: which mails there are, each as it came, and marking it as seen once it is kept."""

import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from imap_tools import (
    AND,
    BaseMailBox,
    ImapToolsError,
    MailBox,
    MailboxLoginError,
    MailBoxStartTls,
    MailBoxUnencrypted,
    MailMessageFlags,
)

from helpdesk.adapters import http

_TIMEOUT_SECONDS = 20
# Reading past this makes no sense for anybody; what is larger stays where it is and is told of.
LARGEST = 50 * 1024 * 1024


class ImapFailed(Exception):
    """The mailbox could not be read; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Account:
    """How to get into a mailbox.

    Args:
        tls: tls, starttls or none.
        token_address: with one, `secret` is a refresh token and gets an access token there (OAuth 2).
    """

    host: str
    port: int
    tls: str
    user: str
    secret: str
    folder: str = "INBOX"
    token_address: str = ""
    client_id: str = ""
    client_secret: str = ""


class Folder:
    """A folder that is open; `size` is that of the mail fetched last."""

    size = 0

    def __init__(self, box: BaseMailBox, name: str) -> None:
        self._box = box
        known = box.folder.status(name, ["UIDNEXT", "UIDVALIDITY", "MESSAGES"])
        self.uid_validity, self.uid_next, self.messages = known["UIDVALIDITY"], known["UIDNEXT"], known["MESSAGES"]

    def after(self, uid: int) -> list[int]:
        """The numbers of all mails that came after one, lowest first."""
        # "*" is the last one, whatever its number is.
        return sorted(number for number in map(int, self._box.uids(f"UID {uid + 1}:*")) if number > uid)

    def unseen(self) -> list[int]:
        """The numbers of mails nobody has looked at, lowest first."""
        return sorted(map(int, self._box.uids(AND(seen=False))))

    def fetch(self, uid: int) -> bytes | None:
        """A mail as it came, which leaves it unseen; None when it is gone. Of one that is too large the headers."""
        sizes = self._asked(uid, "(RFC822.SIZE)")
        if sizes is None:
            return None
        self.size = size = int(sizes.rpartition(b"RFC822.SIZE ")[2].split(b")")[0].split(b" ")[0] or 0)
        return self._asked(uid, "(BODY.PEEK[HEADER])" if size > LARGEST else "(BODY.PEEK[])")

    def see(self, uid: int) -> None:
        """Mark a mail as seen."""
        self._box.flag(str(uid), MailMessageFlags.SEEN, True)

    def _asked(self, uid: int, what: str) -> bytes | None:
        _, found = self._box.client.uid("FETCH", str(uid), what)
        for part in found:
            if isinstance(part, tuple):
                return bytes(part[1])
            if isinstance(part, bytes) and b"RFC822.SIZE" in part:
                return part
        return None


@contextmanager
def opened(account: Account, *, timeout: float = _TIMEOUT_SECONDS) -> Iterator[Folder]:
    """Sign in and open the folder.

    Args:
        timeout: seconds to wait for each answer.

    Raises:
        ImapFailed: it does not work; says what is wrong.
    """
    where = f"{account.host}, port {account.port}"
    try:
        http.judged(account.host, account.port)
        box = _connected(account, timeout)
        try:
            if account.token_address:
                box.xoauth2(account.user, _access_token(account), initial_folder=None)
            else:
                box.login(account.user, account.secret, initial_folder=None)
            if not box.folder.exists(account.folder):
                raise ImapFailed(f"There is no folder “{account.folder}” in this mailbox.")
            box.folder.set(account.folder)
            yield Folder(box, account.folder)
        finally:
            try:
                box.logout()
            except (imaplib.IMAP4.error, ImapToolsError, OSError):
                pass  # it is done with, whatever the server says to good-bye
    except MailboxLoginError as error:
        raise ImapFailed(f"{account.host} refuses the user name or the password.") from error
    except http.Refused as error:
        raise ImapFailed(str(error)) from error
    except ssl.SSLCertVerificationError as error:
        raise ImapFailed(f"The certificate of {account.host} cannot be trusted: {error.verify_message}.") from error
    except ssl.SSLError as error:
        raise ImapFailed(f"{where} does not speak TLS like this. Choose another encryption or port.") from error
    except TimeoutError as error:
        raise ImapFailed(f"{where} does not answer.") from error
    except ConnectionRefusedError as error:
        raise ImapFailed(f"Nothing listens at {where}.") from error
    except socket.gaierror as error:
        raise ImapFailed(f"There is no server called {account.host}.") from error
    except (imaplib.IMAP4.error, ImapToolsError, OSError, httpx.HTTPError, ValueError) as error:
        raise ImapFailed(f"{account.host}: {' '.join(str(error).split())[:300] or type(error).__name__}") from error


def _connected(account: Account, timeout: float) -> BaseMailBox:
    if account.tls == "none":
        return MailBoxUnencrypted(account.host, account.port, timeout=timeout)
    context = ssl.create_default_context()
    if account.tls == "starttls":
        return MailBoxStartTls(account.host, account.port, timeout=timeout, ssl_context=context)
    return MailBox(account.host, account.port, timeout=timeout, ssl_context=context)


def _access_token(account: Account) -> str:
    asked = {
        "grant_type": "refresh_token", "refresh_token": account.secret, "client_id": account.client_id,
        "client_secret": account.client_secret,
    }  # fmt: skip
    with http.client() as client:
        answer = client.post(account.token_address, data=asked)
    found = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
    token = str(found.get("access_token", ""))
    if not token:
        raise ImapFailed(
            f"No access token could be had: {found.get('error_description') or found.get('error') or answer.status_code}."
        )
    return token
