"""The command line: `python -m helpdesk`. Each command is a thin call into the house."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec

import typer
from pydantic import ValidationError
from redis.exceptions import RedisError
from rich.progress import Progress
from sqlalchemy.exc import OperationalError

from helpdesk import background, crash_reports, db, doctor, embedded, frontend, log, migrations, settings, supervisor
from helpdesk.domain.configuration import Refused
from helpdesk.domain.errors import HelpdeskError, Invalid
from helpdesk.domain.people import Actor, Role, system
from helpdesk.jobs.inbound import understand_one
from helpdesk.jobs.schedule import SCHEDULE
from helpdesk.services import configuration, demo, importing, organizations, people, unit_of_work
from helpdesk.services.mail import inbound

app = typer.Typer(
    name="python -m helpdesk",
    help="The help desk.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # they print local variables, and a password may be one
)

config = typer.Typer(help="Everything an organization arranges, as one text.", no_args_is_help=True)
app.add_typer(config, name="config")

Params = ParamSpec("Params")

# What a running desk writes (attachments, logs) is for its own user only.
_PRIVATE = 0o077


def main() -> None:
    """Run a command; what people can mend is told in a sentence, not in a traceback."""
    try:
        current = settings.get()
    except ValidationError as error:
        sys.exit(settings.explain(error))
    log.configure(current.log_level, as_json=current.logs_as_json)
    crash_reports.start()
    app()


def command(name: str, *, group: typer.Typer = app) -> Callable[[Callable[Params, None]], Callable[Params, None]]:
    """Register a command, with failures for people."""

    def register(function: Callable[Params, None]) -> Callable[Params, None]:
        @wraps(function)
        def guarded(*args: Params.args, **kwargs: Params.kwargs) -> None:
            try:
                function(*args, **kwargs)
            except Refused as error:
                sys.exit(str(error))
            except Invalid as error:
                sys.exit("\n".join(f"{field}: {why}" for field, why in error.fields.items()) or str(error))
            except (supervisor.Refused, embedded.DoesNotStart, frontend.BuildFailed, HelpdeskError) as error:
                sys.exit(str(error))
            except (OperationalError, RedisError) as error:
                reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
                sys.exit(f"{reason}\nTo see what is missing: python -m helpdesk doctor")

        group.command(name)(guarded)
        return guarded

    return register


@command("up")
def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on; HOST by default.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; PORT by default.", min=1, max=65535)] = None,
    with_demo: Annotated[
        bool, typer.Option("--demo/--no-demo", help="Fill an empty desk with the demo; never in production.")
    ] = True,
) -> None:
    """Start everything: bundled servers, web, worker and scheduler. Ctrl-C stops all of it."""
    for name, value in (("HOST", host), ("PORT", port)):
        if value is not None:
            os.environ[name] = str(value)
    settings.get.cache_clear()
    current = settings.get()
    os.umask(_PRIVATE)
    wants_demo = with_demo and current.environment != "production"
    supervisor.run(current, prepare=lambda: _prepare(wants_demo=wants_demo))


@command("migrate")
def migrate() -> None:
    """Bring the database's tables up to date."""
    with supervisor.servers(settings.get()):
        migrations.upgrade()
        print(f"The database is at {migrations.present()}.")


@command("seed")
def seed() -> None:
    """Create the demo organizations, if they are not there yet. Not in production: their password is published."""
    if settings.get().environment == "production":
        raise supervisor.Refused("The demo's password is published; it is not for production.")
    with _desk():
        print("The demo is created." if demo.create_demo() else "The demo is there already.")
        print("\n".join(_sign_ins()))


@command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The export: CSV, plain or gzipped.", exists=True, dir_okay=False)],
    mapping: Annotated[str, typer.Option(help="Which column means what: a .json or .toml file, or a shipped name.")],
    organization: Annotated[str, typer.Option(help="The organization's subdomain.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row and write nothing.")] = False,
) -> None:
    """Bring in tickets from another desk's export. Safe to run again: what is here already stays as it is."""
    with _desk(), Progress(disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("Checking" if dry_run else "Importing", total=None)
        report = importing.run_import(
            organization or settings.get().default_organization,
            file,
            mapping,
            dry_run=dry_run,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    print(*report.lines(), sep="\n")


@command("build")
def build() -> None:
    """Build the front end, if its sources changed since the last build."""
    print(f"The front end is built: {frontend.build()}")


@command("web")
def web(
    host: Annotated[str | None, typer.Option(help="Address to listen on; HOST by default.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; PORT by default.", min=1, max=65535)] = None,
    workers: Annotated[int | None, typer.Option(help="Processes; WEB_WORKERS by default.", min=1)] = None,
) -> None:
    """Serve pages, websocket and API from the built front end."""
    chosen = settings.get()
    if not frontend.is_built():
        raise frontend.BuildFailed("The front end is not built. Run: python -m helpdesk build")
    # A fresh process: Reflex forks its workers, and nothing opened here should be forked along.
    told = [host or chosen.host, str(port or chosen.port), str(workers or chosen.web_workers)]
    os.environ.update(HOST=told[0], PORT=told[1], WEB_WORKERS=told[2])
    os.umask(_PRIVATE)
    os.chdir(settings.ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "helpdesk.reflex_runtime", "launch", *told])  # noqa: S606 - ourselves


@command("worker")
def worker() -> None:
    """Run jobs until stopped."""
    os.umask(_PRIVATE)
    background.work()


@command("scheduler")
def scheduler() -> None:
    """Queue what runs by itself, until stopped. Two of them do not do it twice."""
    background.schedule(SCHEDULE)


@command("create-organization")
def create_organization(
    slug: Annotated[str, typer.Argument(help="Its subdomain: acme for acme.example.com.")],
    name: Annotated[str, typer.Argument(help="Its name.")],
    prefix: Annotated[str, typer.Option(help="Letters before every ticket reference.")] = "",
    timezone: Annotated[str, typer.Option(help="Its time zone, for example Europe/Berlin.")] = "UTC",
) -> None:
    """Found an organization."""
    with _desk():
        made = organizations.create(label=slug, name=name, prefix=prefix, timezone=timezone)
        print(
            f"{made.name} is at {settings.get().organization_url(made.slug)}; its references start with {made.reference_prefix}-."
        )
        print(f"Next: python -m helpdesk create-admin {made.slug} EMAIL NAME")


@command("create-admin")
def create_admin(
    slug: Annotated[str, typer.Argument(help="The organization's subdomain.")],
    email: Annotated[str, typer.Argument(help="Their e-mail address, to sign in with.")],
    name: Annotated[str, typer.Argument(help="Their name.")],
    password: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            confirmation_prompt=True,
            envvar="ADMIN_PASSWORD",
            help="Asked for when not given.",
        ),
    ],
) -> None:
    """Give an organization an owner, who can do everything in it."""
    with _desk():
        organization = organizations.by_slug(slug)
        unit_of_work.run(
            system(organization.id), people.create, name=name, email=email, role=Role.SUPERADMIN, password=password
        )
        print(f"{name} can sign in at {settings.get().organization_url(slug)}/login")


_Whose = Annotated[str, typer.Option("--organization", help="The organization's subdomain.")]
_Text = Annotated[Path, typer.Argument(help="The configuration, YAML.", exists=True, dir_okay=False)]


@command("export", group=config)
def export_configuration(organization: _Whose = "") -> None:
    """Print the configuration as it stands."""
    with _desk():
        print(unit_of_work.run(_owner(organization), configuration.export), end="")


@command("diff", group=config)
def compare_configuration(file: _Text, organization: _Whose = "") -> None:
    """Say what applying a file would change; ends with 1 when it would change something."""
    with _desk():
        changes = unit_of_work.run(_owner(organization), configuration.differences, file.read_text("utf-8"))
        print("\n".join(map(str, changes)) or "Nothing would change.")
    if changes:
        raise typer.Exit(1)


@command("apply", group=config)
def apply_configuration(file: _Text, organization: _Whose = "") -> None:
    """Arrange everything as a file says, or nothing of it."""
    with _desk():
        changes = unit_of_work.run(_owner(organization), configuration.apply, file.read_text("utf-8"))
        print("\n".join(map(str, changes)) or "Nothing has changed.")


@command("mail")
def take_mail(
    file: Annotated[
        Path, typer.Argument(help="The mail as it was received (.eml), or - for what is piped in.", allow_dash=True)
    ],
    mailbox: Annotated[str, typer.Option(help="The address of the mailbox it is for; the oldest one by default.")] = "",
    organization: _Whose = "",
) -> None:
    """Take in a mail from a file: for trying out, and for mail servers that hand mail to a program."""
    raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    with _desk():
        desk = _owner(organization)
        kept = unit_of_work.run(desk, inbound.keep_file, raw, address=mailbox)
        if kept.is_new:
            understand_one(desk.organization_id, kept.id)
        row = unit_of_work.run(desk, inbound.one, kept.id)
        print(" ".join(part for part in (row.state, row.reference, row.reason or row.error) if part))


@command("doctor")
def examine() -> None:
    """Look at database, Redis, migrations, jobs, mail, storage and front end, and say what to do."""
    findings = []
    for finding in doctor.examine():
        findings.append(finding)
        print(f"{'ok     ' if finding.is_well else 'PROBLEM'}  {finding.subject:<11} {finding.what}")
        if finding.advice:
            print(f"         {'':<11} -> {finding.advice}")
    if not all(finding.is_well for finding in findings):
        raise typer.Exit(1)


@command("settings-table")
def settings_table() -> None:
    """Print all settings as the table that stands in docs/operations.md."""
    print(settings.as_table())


def _owner(label: str) -> Actor:
    return system(organizations.by_slug(label or settings.get().default_organization).id, "The command line")


@contextmanager
def _desk() -> Iterator[None]:
    """The database with its tables, for a command that works on it; the bundled servers are started for it if need be."""
    with supervisor.servers(settings.get()):
        if not migrations.present():
            migrations.upgrade()
        if migrations.present() != migrations.newest():
            raise supervisor.Refused("The database's tables are of another release. Run: python -m helpdesk migrate")
        yield


def _prepare(*, wants_demo: bool) -> list[str]:
    """Everything between an empty database and the first page; returns the sign-ins to show."""
    migrations.upgrade()
    founded = {organization.slug for organization in organizations.everyone()}
    demos = {plan.demo.slug for plan in demo.PLANS}
    # Not only an empty desk: creating the demo may have been interrupted.
    if wants_demo and founded <= demos:
        if not founded:
            print("Creating the demo organizations ...", flush=True)
        demo.create_demo()
        founded = demos
    if not frontend.is_built():
        print("Building the front end (only when its sources changed; up to a minute) ...", flush=True)
        frontend.build(quietly=True)
    for engine in (db.owner_engine(), db.app_engine()):
        engine.dispose()  # this process only watches from here on
    return _sign_ins() if wants_demo and demos <= founded else []


def _sign_ins() -> list[str]:
    """Who can sign in to the demo, in lines."""
    people_there = [f"  {role:<16} {email}" for role, email in demo.DEMO_SIGN_INS]
    return ["", f"Sign in to the demo with the password {demo.DEMO_PASSWORD}", *people_there]
