"""Looks at everything a desk needs, and says what to do about what is missing."""

import shutil
import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import redis
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from helpdesk import background, db, frontend, migrations, redis_client, settings
from helpdesk.adapters.scanner import Clamd, ScannerAway, scanner
from helpdesk.adapters.storage import storage
from helpdesk.domain.errors import Unavailable

_LEAST_POSTGRES = 15
_LEAST_FREE_BYTES = 1024**3


class Unwell(Exception):
    """Something is wrong.

    Args:
        what: what was found.
        advice: what to do about it.
    """

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found."""

    subject: str
    is_well: bool
    what: str
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Look at one thing after the other; a thing that is unwell does not keep us from looking at the next."""
    for subject, look in _LOOKS:
        try:
            yield Finding(subject, True, look())
        except Unwell as error:
            yield Finding(subject, False, str(error), error.advice)
        except Exception as error:  # a look that breaks is a finding, too
            yield Finding(subject, False, f"{type(error).__name__}: {error}", "This should not happen; see the log.")


def _database() -> str:
    chosen = settings.get()
    try:
        with db.owner_engine().connect() as connection:
            version = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
            is_fsync = connection.execute(text("SHOW fsync")).scalar_one() == "on"
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        advice = (
            "Check DATABASE_URL."
            if chosen.database_url
            else "The bundled PostgreSQL runs while bin/run runs; start that."
        )
        raise Unwell(f"no connection: {reason}", advice) from error
    if version < _LEAST_POSTGRES:
        raise Unwell(f"PostgreSQL {version}", f"Use PostgreSQL {_LEAST_POSTGRES} or newer.")
    if not is_fsync:
        raise Unwell("fsync is off", "Set fsync = on, or a power cut will lose or ruin data.")
    return f"PostgreSQL {version}, {'yours' if chosen.database_url else 'the bundled one'}"


def _migrations() -> str:
    try:
        present, newest = migrations.present(), migrations.newest()
    except SQLAlchemyError as error:
        raise Unwell("unknown, no database", "See the database above.") from error
    if present != newest:
        raise Unwell(f"at {present or 'nothing'}, the code expects {newest}", "Run: python -m helpdesk migrate")
    return f"at {present}, the newest"


def _redis() -> str:
    chosen = settings.get()
    try:
        told: dict[str, Any] = redis_client.connection().info("server")  # type: ignore[assignment]
    except redis_client.UNAVAILABLE as error:
        advice = "Check REDIS_URL." if chosen.redis_url else "The bundled Valkey runs while bin/run runs; start that."
        raise Unwell(f"no connection: {error}", advice) from error
    version = told.get("valkey_version") or told.get("redis_version")
    return f"version {version}, {'yours' if chosen.redis_url else 'the bundled one'}"


def _worker() -> str:
    return _count(background.workers_alive, "worker", "Run one: python -m helpdesk worker")


def _scheduler() -> str:
    return _count(lambda: int(background.scheduler_is_alive()), "scheduler", "Run one: python -m helpdesk scheduler")


def _jobs() -> str:
    try:
        waiting = background.waiting()
    except redis.RedisError as error:
        raise Unwell("unknown, no Redis", "See Redis above.") from error
    if waiting > 1000:
        raise Unwell(f"{waiting} wait", "Start more workers, or look in their log for why they are slow.")
    return f"{waiting} wait"


def _mail() -> str:
    chosen = settings.get()
    if not chosen.smtp_host:
        return "no server configured: mails are kept and readable in Admin > Sent mail"
    place = f"{chosen.smtp_host}:{chosen.smtp_port}"
    try:
        if chosen.smtp_tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                chosen.smtp_host, chosen.smtp_port, timeout=10, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(chosen.smtp_host, chosen.smtp_port, timeout=10)
        with server:
            if chosen.smtp_tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if chosen.smtp_user:
                server.login(chosen.smtp_user, chosen.smtp_password.get_secret_value())
    except smtplib.SMTPAuthenticationError as error:
        raise Unwell(f"{place} refuses the sign-in", "Check SMTP_USER and SMTP_PASSWORD.") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unwell(
            f"{place}: {error}", "Check SMTP_HOST, SMTP_PORT and SMTP_TLS, and that this machine may reach it."
        ) from error
    return f"{place} accepts us"


def _storage() -> str:
    directory = settings.get().data_dir
    try:
        directory.mkdir(parents=True, exist_ok=True)
        kept = storage().write([b"doctor"], most=6)
        is_same = b"".join(storage().read(kept.key)) == b"doctor"
        storage().delete(kept.key)
        free = shutil.disk_usage(directory).free
    except Unavailable as error:
        if settings.get().s3_url:
            raise Unwell(
                f"{settings.get().s3_url} does not keep a file",
                "Check S3_URL, S3_BUCKET, S3_REGION and the keys; the log says what it answered.",
            ) from error
        raise Unwell(str(error), f"Make {directory} writable for this user, or set DATA_DIR.") from error
    except OSError as error:
        raise Unwell(str(error), f"Make {directory} writable for this user, or set DATA_DIR.") from error
    if not is_same:
        raise Unwell("a file came back changed", f"Check the disk under {directory}.")
    if free < _LEAST_FREE_BYTES:
        raise Unwell(f"{free // 1024**2} MB free", f"Make room on the disk of {directory}.")
    if settings.get().s3_url:
        return f"{settings.get().s3_url}, bucket {settings.get().s3_bucket}"
    return f"{directory}, {free // 1024**3} GB free"


def _scanner() -> str:
    chosen = scanner()
    if not isinstance(chosen, Clamd):
        return "built in; set CLAMAV to ask clamd"
    try:
        found = chosen.scan([b"doctor"]).blocked or chosen.ping()
    except ScannerAway as error:
        raise Unwell(str(error), "Start clamd, or check CLAMAV. Files wait meanwhile; nothing is lost.") from error
    return f"{settings.get().clamav}: {found}"


def _front_end() -> str:
    if not frontend.is_built():
        raise Unwell("not built for the present sources", "Run: python -m helpdesk build")
    return "built"


def _count(count: Callable[[], int], what: str, advice: str) -> str:
    try:
        found = count()
    except redis.RedisError as error:
        raise Unwell("unknown, no Redis", "See Redis above.") from error
    if not found:
        raise Unwell(f"no {what} is running", advice)
    return f"{found} running"


_LOOKS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("Database", _database),
    ("Migrations", _migrations),
    ("Redis", _redis),
    ("Worker", _worker),
    ("Scheduler", _scheduler),
    ("Jobs", _jobs),
    ("Mail", _mail),
    ("Storage", _storage),
    ("Virus scanner", _scanner),
    ("Front end", _front_end),
)
