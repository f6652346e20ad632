"""The only reader of the environment. Everything else takes a frozen Settings."""

import hashlib
import re
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
_DEVELOPMENT_KEY = "development-only-key-never-use-in-production"
_MIN_KEY_LENGTH = 32
# A socket's path may have 107 characters on Linux; PostgreSQL adds "/.s.PGSQL.5432" to the directory.
_LONGEST_SOCKET_DIRECTORY = 90


class Settings(BaseSettings):
    """One field, one environment variable of the same name in capitals; `docs/operations.md` prints the table."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_file=None, hide_input_in_errors=True)

    environment: Literal["development", "production", "test"] = Field(
        "development", description="`production` demands a strong SECRET_KEY and external services."
    )
    secret_key: SecretStr = Field(
        SecretStr(_DEVELOPMENT_KEY),
        description="Signs links and sessions, seals second factors and client secrets: keep it with the backups. At least 32 random characters in production.",
    )
    database_url: str = Field("", description="postgresql://... of the owning role. Empty: the bundled PostgreSQL.")
    redis_url: str = Field("", description="redis://... or unix://... Empty: the bundled Valkey.")
    allow_embedded: bool = Field(False, description="Allow the bundled servers in production (a single small machine).")
    data_dir: Path = Field(ROOT / ".data", description="Where the bundled servers, files, screenshots and logs live.")
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(3000, ge=1, le=65535, description="Port of pages, websocket and API together.")
    base_domain: str = Field("localhost", description="acme.<base_domain> is the organization with the slug acme.")
    public_url: str = Field(
        "", description="Address people reach the desk at, for links in mails; {organization} is replaced by the slug."
    )
    default_organization: str = Field("acme", description="Slug shown when the host names no organization.")
    web_workers: int = Field(
        1, ge=1, le=64, description="Web processes on this machine; more than one uses Redis for page state."
    )
    trusted_proxy_hops: int = Field(0, ge=0, le=8, description="How many reverse proxies in front set X-Forwarded-For.")
    secure_cookies: bool | None = Field(None, description="Mark cookies Secure; default: yes in production.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level logged.")
    sentry_dsn: SecretStr = Field(
        SecretStr(""), description="Where unexpected errors are reported to, in Sentry's language. Empty: nowhere."
    )
    log_json: bool | None = Field(None, description="Logs as JSON lines; default: yes in production.")
    database_pool: int = Field(10, ge=1, le=200, description="Connections kept per process (each of two pools).")

    session_idle_minutes: int = Field(12 * 60, ge=5, description="A session unused this long ends.")
    session_absolute_days: int = Field(7, ge=1, description="A session ends after this long, used or not.")
    remember_idle_days: int = Field(
        30, ge=1, description="The same for who asked to be kept signed in: unused this long."
    )
    remember_absolute_days: int = Field(90, ge=1, description="The same: after this long, used or not.")
    sign_in_tries_per_minute: int = Field(10, ge=1, description="Tries per address and minute on the sign-in doors.")
    access_token_minutes: int = Field(120, ge=1, description="How long an access token of the API is good.")
    refresh_token_days: int = Field(7, ge=1, description="How long a refresh token of the API is good, once.")
    api_requests_per_minute: int = Field(120, ge=1, description="Requests per person (or token) and minute to the API.")
    api_anonymous_per_minute: int = Field(30, ge=1, description="The same, per address, without signing in.")
    api_streams_per_person: int = Field(
        5, ge=1, description="Streams of events (`GET /api/v1/stream`) a person may listen to at once, per process."
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token that opens /metrics to other machines. Empty: to this machine alone."
    )
    cors_origins: str = Field(
        "",
        description="Comma-separated origins whose pages may call the API with a token, such as https://intranet.example.",
    )
    lock_after_failures: int = Field(8, ge=2, description="Wrong passwords in a row that lock an account.")
    lock_minutes: int = Field(15, ge=1, description="How long a locked account stays locked.")

    allow_private_addresses: bool = Field(
        False, description="Sign-in providers and webhooks may have addresses in private networks; still https only."
    )

    smtp_host: str = Field("", description="Mail server. Empty: mails are kept and readable in Admin > Sent mail.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_user: str = Field("", description="Sign-in name at the mail server.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server.")
    smtp_tls: Literal["starttls", "tls", "none"] = Field("starttls", description="How the connection is encrypted.")
    mail_from: str = Field("support@{organization}.example", description="Sender; {organization} is the slug.")

    mail_per_sender: int = Field(
        60,
        ge=1,
        description="Mails of one sender and hour that become tickets and replies; more wait in Admin > Received mail.",
    )
    attachment_max_bytes: int = Field(10 * 1024 * 1024, ge=1024, description="Largest file people may attach.")
    attachment_types: str = Field(
        "image/*,text/*,application/pdf,application/zip,application/json,application/msword,"
        "application/vnd.*,application/octet-stream,message/rfc822,audio/*,video/*,"
        "application/ms-tnef,application/pkcs7-*,application/x-pkcs7-*,application/pgp-*",
        description="Comma-separated content types people may attach.",
    )
    clamav: str = Field(
        "",
        description="Where clamd listens: tcp://host:3310 or unix:///run/clamav/clamd.ctl. Empty: the built-in scanner.",
    )
    s3_url: str = Field("", description="https://host[:port] of a storage that speaks S3. Empty: files are on disk.")
    s3_bucket: str = Field("", description="The bucket for files; it must exist.")
    s3_region: str = Field("us-east-1", description="The bucket's region, for signing.")
    s3_access_key: str = Field("", description="Access key of the storage.")
    s3_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of the storage.")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, directory: Path) -> Path:
        return directory.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _psycopg_url(cls, url: str) -> str:
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        if url and not url.startswith("postgresql+psycopg://"):
            raise ValueError("DATABASE_URL must start with postgresql://")
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, url: str) -> str:
        if url and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("REDIS_URL must start with redis://, rediss:// or unix://")
        return url

    @field_validator("clamav")
    @classmethod
    def _clamav_address(cls, address: str) -> str:
        if address and not re.fullmatch(r"tcp://[^/:]+:\d{1,5}|unix:///.+", address):
            raise ValueError("CLAMAV must be tcp://host:port or unix:///path/of/the/socket")
        return address

    @model_validator(mode="after")
    def _whole_s3(self) -> "Settings":
        if not self.s3_url:
            return self
        if not re.fullmatch(r"https?://[^/]+/?", self.s3_url):
            raise ValueError("S3_URL must be https://host or https://host:port, without a path")
        if not (self.s3_bucket and self.s3_access_key and self.s3_secret_key.get_secret_value()):
            raise ValueError("With S3_URL, set S3_BUCKET, S3_ACCESS_KEY and S3_SECRET_KEY as well")
        return self

    @model_validator(mode="after")
    def _fit_for_production(self) -> "Settings":
        if self.environment != "production":
            return self
        key = self.secret_key.get_secret_value()
        if key == _DEVELOPMENT_KEY or len(key) < _MIN_KEY_LENGTH or len(set(key)) < 12:
            raise ValueError(
                "SECRET_KEY is missing or weak: in production set at least 32 random characters, "
                'for example from: python -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        if not self.allow_embedded and not (self.database_url and self.redis_url):
            raise ValueError(
                "Production needs DATABASE_URL and REDIS_URL; set ALLOW_EMBEDDED=true to run the bundled servers instead."
            )
        return self

    @property
    def cookies_are_secure(self) -> bool:
        """Whether cookies carry the Secure mark."""
        return self.environment == "production" if self.secure_cookies is None else self.secure_cookies

    @property
    def logs_as_json(self) -> bool:
        """Whether log lines are JSON."""
        return self.environment == "production" if self.log_json is None else self.log_json

    @property
    def effective_database_url(self) -> str:
        """Where the database is: the one configured, else the socket of the bundled PostgreSQL."""
        return self.database_url or bundled_database_url(self.data_dir)

    @property
    def effective_redis_url(self) -> str:
        """Where Redis is: the one configured, else the socket of the bundled Valkey."""
        return self.redis_url or bundled_redis_url(self.data_dir)

    def organization_url(self, slug: str) -> str:
        """The address of an organization's desk, without a trailing slash."""
        if self.public_url:
            return self.public_url.replace("{organization}", slug).rstrip("/")
        return f"http://{slug}.{self.base_domain}:{self.port}"


def bundled_database_url(data_dir: Path) -> str:
    """The address of the bundled PostgreSQL of a data directory, running or not."""
    return f"postgresql+psycopg://helpdesk@/helpdesk?host={quote(str(socket_directory(data_dir, 'postgres')))}"


def bundled_redis_url(data_dir: Path) -> str:
    """The address of the bundled Valkey of a data directory, running or not."""
    return f"unix://{quote(str(socket_directory(data_dir, 'valkey') / 'valkey.sock'))}"


def socket_directory(data_dir: Path, server: str) -> Path:
    """Where a bundled server puts its socket: inside the data directory, or, where that path is too long for a
    socket, in a short temporary directory named after it."""
    inside = data_dir / "run" / server
    if len(str(inside).encode()) <= _LONGEST_SOCKET_DIRECTORY:
        return inside
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"helpdesk-{digest}-{server}"


@lru_cache(maxsize=1)
def get() -> Settings:
    """The settings of this process, read once.

    Raises:
        pydantic.ValidationError: a variable is missing or wrong; its text says which and why.
    """
    return Settings()


def explain(error: ValidationError) -> str:
    """What is wrong with the environment, in lines for people; never a value, it may be a secret."""
    lines = ["The settings in the environment do not fit:"]
    for found in error.errors(include_input=False, include_url=False):
        name = "".join(str(part).upper() for part in found["loc"][:1])
        lines.append(f"  {name + ': ' if name else ''}{found['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)


def as_table() -> str:
    """All settings as a Markdown table, for docs/operations.md."""
    rows = ["| variable | default | what it does |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        rows.append(f"| `{name.upper()}` | {_shown(name, field.default)} | {field.description} |")
    return "\n".join(rows)


def _shown(name: str, default: object) -> str:
    if name == "data_dir":
        return "`.data` beside the code"
    if isinstance(default, SecretStr):
        return "a fixed one, for development" if default.get_secret_value() else ""
    if default is None or default == "":
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
