"""What the environment may say, and what is refused."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from helpdesk import settings
from helpdesk.settings import Settings

STRONG = "0c5RrYt7Zk1vQe9uXo3LwJ8sNf2bGh6P-mDa4"
OUTSIDE = {"DATABASE_URL": "postgresql://owner@db/helpdesk", "REDIS_URL": "redis://redis:6379/0"}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of ours in the environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def refusal(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """Why these settings are refused, as a person reads it."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    return settings.explain(caught.value)


@pytest.mark.parametrize("key", ["", "short", "a" * 40, "development-only-key-never-use-in-production"])
def test_production_refuses_a_weak_key(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    said = refusal(monkeypatch, ENVIRONMENT="production", SECRET_KEY=key, **OUTSIDE)
    assert "SECRET_KEY is missing or weak" in said
    assert not key or key not in said


def test_production_refuses_a_missing_key(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "SECRET_KEY is missing" in refusal(monkeypatch, ENVIRONMENT="production", **OUTSIDE)


@pytest.mark.parametrize("missing", list(OUTSIDE))
def test_production_refuses_the_bundled_servers_unless_allowed(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given = {name: url for name, url in OUTSIDE.items() if name != missing}
    said = refusal(monkeypatch, ENVIRONMENT="production", SECRET_KEY=STRONG, **given)
    assert "ALLOW_EMBEDDED=true" in said
    monkeypatch.setenv("ALLOW_EMBEDDED", "true")
    assert Settings().allow_embedded


def test_production_marks_cookies_secure_and_logs_json(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ENVIRONMENT": "production", "SECRET_KEY": STRONG, **OUTSIDE}.items():
        monkeypatch.setenv(name, value)
    assert Settings().cookies_are_secure
    assert Settings().logs_as_json


def test_a_wrong_value_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    said = refusal(monkeypatch, DATABASE_URL="mysql://root:hunter2@db/helpdesk", PORT="70000")
    assert "DATABASE_URL" in said
    assert "PORT" in said
    assert "hunter2" not in said


def test_without_urls_the_bundled_sockets_are_meant(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", "here")
    found = Settings()
    assert found.data_dir == tmp_path / "here"
    assert "/postgres" in found.effective_database_url
    assert found.effective_redis_url.startswith("unix://")
    monkeypatch.setenv("DATABASE_URL", "postgres://owner@db/helpdesk")
    assert Settings().effective_database_url == "postgresql+psycopg://owner@db/helpdesk"


def test_secrets_are_not_in_the_settings_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", STRONG)
    assert STRONG not in repr(Settings())
