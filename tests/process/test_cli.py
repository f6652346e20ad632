"""The command line tells people what to do, in sentences."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from helpdesk import cli, db, doctor, migrations, settings
from helpdesk.settings import ROOT
from tests.cast import Cast

PASSWORD = "a-long-enough-passphrase-7"


def run(*arguments: str, environment: dict[str, str] | None = None) -> tuple[int, str]:
    """Play `python -m helpdesk ...`; returns exit code and output."""
    played = CliRunner().invoke(cli.app, list(arguments), env=environment)
    said = str(played.exception.code) if isinstance(played.exception, SystemExit) else ""
    return played.exit_code, played.output + said


def test_an_organization_and_its_owner_are_founded(cast: Cast) -> None:
    code, said = run("create-organization", "globex", "Globex Corporation", "--prefix", "GLX")
    assert code == 0, said
    assert "GLX-" in said
    owner = ("create-admin", "globex", "gina@globex.example", "Gina")
    code, said = run(*owner, environment={"ADMIN_PASSWORD": PASSWORD})
    assert code == 0, said
    assert "Gina can sign in at http://globex.localhost:3000" in said
    assert PASSWORD not in said


def test_mistakes_are_told_in_sentences(cast: Cast) -> None:
    code, said = run("create-organization", "Not A Slug", "Globex")
    assert (code, "slug: " in said) == (1, True)
    assert "Traceback" not in said
    code, said = run("create-admin", "nowhere", "a@b.example", "A", "--password", PASSWORD)
    assert code == 1
    assert "no help desk" in said


def test_the_doctor_says_what_is_well(postgres: str) -> None:
    found = {finding.subject: finding for finding in doctor.examine()}
    assert found["Database"].what.startswith("PostgreSQL 18") or "fsync" in found["Database"].what
    assert found["Migrations"].is_well
    assert found["Mail"].is_well
    assert found["Storage"].is_well


def test_the_doctor_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": "1",
        "DATA_DIR": "/proc/nowhere",
    }
    for name, value in nowhere.items():
        monkeypatch.setenv(name, value)
    settings.get.cache_clear()
    try:
        code, said = run("doctor")
    finally:
        monkeypatch.undo()
        settings.get.cache_clear()
    assert code == 1
    for advice in ("Check DATABASE_URL", "Check REDIS_URL", "Check SMTP_HOST", "set DATA_DIR"):
        assert advice in said
    assert "This should not happen" not in said


def test_migrating_twice_changes_nothing(postgres: str) -> None:
    before = migrations.present()
    migrations.upgrade()
    assert migrations.present() == before == migrations.newest()
    db.owner_engine().dispose()


def test_settings_that_do_not_fit_end_it_before_anything_starts(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "ENVIRONMENT": "production", "DATA_DIR": str(tmp_path / "data")}
    ended = subprocess.run(
        [sys.executable, "-m", "helpdesk", "up"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert "SECRET_KEY" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "data").exists()


def test_a_configuration_is_written_compared_and_applied(cast: Cast, tmp_path: Path) -> None:
    code, text = run("config", "export", "--organization", "acme")
    assert code == 0 and "\nstatuses:\n" in text
    file = tmp_path / "acme.yaml"
    file.write_text(text.replace("auto_close_hours: 48", "auto_close_hours: 72"), "utf-8")
    code, said = run("config", "diff", str(file))
    assert code == 1 and said.startswith("changed organization (auto close hours: 48 → 72)\n")
    code, said = run("config", "apply", str(file))
    assert code == 0 and "48 → 72" in said
    code, said = run("config", "diff", str(file))
    assert code == 0 and said.startswith("Nothing would change.\n")
    file.write_text("format: 1\nteams:\n  - name: [\n", "utf-8")
    code, said = run("config", "apply", str(file))
    assert code == 1 and said.startswith("Line ") and "Traceback" not in said
