"""A real IMAP server (dovecot) on loopback, of one's own: started, stopped and started again like one of the house."""

import getpass
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

USER, PASSWORD = "support@acme.example", "imap-secret"
_BINARIES = ("dovecot", "/usr/sbin/dovecot")


def found() -> str:
    """Where dovecot is; empty when it is not installed."""
    return next((path for one in _BINARIES if (path := shutil.which(one))), "")


class ImapServer:
    """One mailbox with a password; its mail survives being stopped.

    Args:
        certificate: files of a certificate and its key: it speaks TLS from the start on `tls_port`, and STARTTLS.
        token_info: the address that says whose an access token is: it can be put at its end.
    """

    def __init__(self, *, certificate: tuple[Path, Path] | None = None, token_info: str = "") -> None:
        # Its processes run as several users: all of them must get in here.
        self.directory = directory = Path(tempfile.mkdtemp(prefix="helpdesk-imap-"))
        directory.chmod(0o755)
        self.port, self.tls_port = _free(), _free()
        self._process: subprocess.Popen[bytes] | None = None
        who = getpass.getuser()
        is_root = os.getuid() == 0
        inside, at_the_door = ("dovecot", "dovenull") if is_root else (who, who)
        owner = pwd.getpwnam(inside)  # root's mail is read by nobody
        (directory / "mail").mkdir(parents=True)
        (directory / "passwd").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        tls, tokens, mechanisms = "ssl = no", "", "plain"
        if certificate is not None:
            # Read by dovecot as root, before it becomes anybody else.
            tls = f"ssl = yes\nssl_cert = <{certificate[0]}\nssl_key = <{certificate[1]}"
        if token_info:
            mechanisms = "plain xoauth2"
            (directory / "oauth2").write_text(f"tokeninfo_url = {token_info}\nusername_attribute = email\n")
            tokens = f"passdb {{\n  driver = oauth2\n  mechanisms = xoauth2\n  args = {directory}/oauth2\n}}"
        (directory / "dovecot.conf").write_text(
            f"""
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/log
protocols = imap
listen = 127.0.0.1
{tls}
disable_plaintext_auth = no
default_internal_user = {inside}
default_login_user = {at_the_door}
default_internal_group = {inside}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{directory}/mail
auth_mechanisms = {mechanisms}
{tokens}
passdb {{
  driver = passwd-file
  mechanisms = plain
  args = {directory}/passwd
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={directory}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {self.port}
  }}
  inet_listener imaps {{
    port = {self.tls_port if certificate else 0}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
        )

        if is_root:
            for path in (directory, directory / "mail"):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def start(self) -> None:
        """Until it answers."""
        command = [found(), "-F", "-c", str(self.directory / "dovecot.conf")]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            try:
                imaplib.IMAP4("127.0.0.1", self.port, timeout=2).logout()
            except (OSError, imaplib.IMAP4.error):
                time.sleep(0.05)
            else:
                return
        log = self.directory / "log"
        raise RuntimeError(f"dovecot does not answer: {log.read_text() if log.exists() else 'no log'}")

    def stop(self) -> None:
        """And wait until it is gone."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
            self._process = None

    def remove(self) -> None:
        """Stop it and forget its mail."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def deliver(self, raw: bytes) -> None:
        """Put a mail into the mailbox, as a mail server does."""
        with imaplib.IMAP4("127.0.0.1", self.port) as client:
            client.login(USER, PASSWORD)
            client.append("INBOX", "", imaplib.Time2Internaldate(time.time()), raw)

    def seen(self) -> int:
        """How many mails carry the mark."""
        with imaplib.IMAP4("127.0.0.1", self.port) as client:
            client.login(USER, PASSWORD)
            client.select("INBOX", readonly=True)
            return len(client.search(None, "SEEN")[1][0].split())

    def see_all(self) -> None:
        """Somebody reads everything in another program."""
        with imaplib.IMAP4("127.0.0.1", self.port) as client:
            client.login(USER, PASSWORD)
            client.select("INBOX")
            client.store("1:*", "+FLAGS", "\\Seen")


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
