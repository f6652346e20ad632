"""The configuration as text: written, compared, applied whole or not at all, rolled back."""

from typing import Any

import pytest
from sqlmodel import col, func, select

from helpdesk.domain.configuration import Refused, fingerprint
from helpdesk.domain.errors import Conflict, NotAllowed, NotFound
from helpdesk.domain.filters import Sort
from helpdesk.models import Activity, ConfigurationVersion
from helpdesk.services import (
    catalog,
    configuration,
    custom_fields,
    escalations,
    organizations,
    people,
    statuses,
    tags,
    teams,
    tickets,
    views,
)
from helpdesk.services.unit_of_work import run
from tests.cast import Cast


@pytest.fixture
def text(cast: Cast) -> str:
    """Acme's configuration, with something in every section."""
    run(cast.adam, catalog.save_category, name="Hardware", team_id=cast.support)
    run(cast.adam, catalog.save_category, name="Software")
    run(cast.adam, tags.save, name="vip", colour="amber")
    calendar = {"monday": ["09:00-12:00", "13:00-17:00"]}
    more = (
        "format: 1\nskills:\n  - name: German\ntransitions:\n  - role: agent\n    closed:\n      - open -> closed\n"
        f"calendars:\n  - name: Office\n    timezone: Europe/Berlin\n    week: {calendar}\n"
        "    holidays: {2026-12-25: Christmas Day}\n"
        "custom_fields:\n  - label: Serial\n    kind: text\n    categories: [Hardware]\n    required: true\n"
        "  - label: Floor\n    kind: number\n"
        "shared_views:\n  - name: Broken things\n    sort: -created\n    columns: [reference, subject]\n"
        "    where: {all: [[category, any, Hardware, Software], [assignee, is, ada@acme.example], [created, last, 7],"
        ' {any: [[team, is, me], [status, not, Closed], ["field:Serial", is, A-1]]}]}\n'
        "rules:\n  - name: Raise\n    when: stuck\n    after: 2d\n    active: false\n"
        '    where: {all: [[team, is, Support], {any: [["field:Serial", is, A-1], [text, contains, smoke]]}]}\n'
        '    then: [[assign, ada@acme.example], [category, Hardware], [note, "Look at\\n{{ ticket.reference }}"], [stop]]\n'
        "  - name: Greet\n    when: created\n    then: [[reply, Hello]]\n"
        "macros:\n  - name: Ask back\n    team: Support\n    changes: [[take], [team, Support], [status, waiting]]\n    reply: Which one?\n"
    )
    run(cast.adam, configuration.apply, more)
    return run(cast.adam, configuration.export)


def stand(cast: Cast) -> tuple[Any, ...]:
    """How many activities and versions there are, and what stands."""
    counted = run(
        cast.desk,
        lambda ctx: tuple(
            ctx.session.exec(select(func.count()).select_from(model)).one()
            for model in (Activity, ConfigurationVersion)
        ),
    )
    return (*counted, run(cast.adam, configuration.export))


def test_applying_what_was_exported_changes_nothing(cast: Cast, text: str) -> None:
    for section in configuration.SECTIONS:
        assert f"\n{section.name}:" in text
    before = stand(cast)
    assert run(cast.adam, configuration.differences, text) == []
    assert run(cast.adam, configuration.apply, text) == [] and stand(cast) == before


def test_a_section_left_out_stays(cast: Cast, text: str) -> None:
    assert run(cast.adam, configuration.differences, "format: 1\n") == []


def test_everything_that_differs_is_told_and_done(cast: Cast, text: str) -> None:
    wanted = (
        text.replace("auto_close_hours: 48", "auto_close_hours: 72")
        .replace("label: Open\n", "label: Working\n")
        .replace("name: German", "name: French")
        .replace("members:\n      - ada@acme.example", "members:\n      - ada@acme.example\n      - bob@acme.example")
        .replace("- open -> closed", "- new -> closed")
        .replace("13:00-17:00", "13:00-18:00")
        .replace("rank: 4", "rank: 9")
        .replace("name: vip\n    colour: amber", "name: vip\n    colour: red")
        .replace("resolution: 4m", "resolution: 90m")
    )
    hardware, software = wanted.index("  - name: Hardware"), wanted.index("  - name: Software")
    end = wanted.index("\n# ", software)
    wanted = wanted[:hardware] + wanted[software:end] + wanted[hardware:software] + wanted[end:]
    changes = run(cast.adam, configuration.differences, wanted)
    told = [str(change) for change in changes]
    assert "changed organization (auto close hours: 48 → 72)" in told
    assert "changed statuses “open” (label: Open → Working)" in told
    assert "added skills “French”" in told and "removed skills “German”" in told
    assert "changed teams “Support” (members: ada@acme.example → ada@acme.example, bob@acme.example)" in told
    assert "changed sla_policies “Demo”" in " ".join(told) and "1h 30m" in " ".join(told)
    assert {change.kind for change in changes} == {"added", "changed", "removed", "ordered"}
    assert run(cast.adam, configuration.apply, wanted, expected=fingerprint(changes)) == changes
    assert run(cast.adam, configuration.differences, wanted) == []
    assert run(cast.adam, organizations.mine).auto_close_hours == 72
    assert [row.name for row in run(cast.rita, catalog.categories)] == ["Software", "Hardware"]
    support = next(row for row in run(cast.ada, teams.listing) if row.name == "Support")
    assert set(support.member_ids) == {cast.ada.person_id, cast.bob.person_id}


def test_each_change_is_in_the_audit_because_of_the_text(cast: Cast, text: str) -> None:
    run(cast.adam, configuration.apply, text.replace("label: Open\n", "label: Working\n"))

    def newest(ctx: Any) -> list[Activity]:
        return list(ctx.session.exec(select(Activity).order_by(col(Activity.id).desc()).limit(2)).all())

    changed, applied = run(cast.desk, newest)
    assert (applied.kind, applied.data["summary"]) == ("configuration.applied", "1 changed")
    assert (changed.kind, changed.cause_id) == ("status.changed", applied.id)
    assert (changed.data["before"]["label"], changed.data["after"]["label"]) == ("Open", "Working")


def test_a_version_is_kept_of_before_and_after_and_can_be_gone_back_to(cast: Cast, text: str) -> None:
    count = len(run(cast.adam, configuration.versions))
    run(
        cast.adam,
        configuration.apply,
        text.replace("label: Open\n", "label: Working\n").replace("name: German", "name: French"),
    )
    newest, *older = run(cast.adam, configuration.versions)
    assert len(older) == count and (newest.kind, newest.who) == ("applied", "Adam Admin")
    assert "removed skills “German”" in newest.changes
    assert run(cast.adam, configuration.version, older[0].id) == text
    run(cast.adam, configuration.roll_back, older[0].id)
    assert run(cast.adam, configuration.export) == text
    assert run(cast.adam, configuration.versions)[0].kind == "rolled back"
    assert run(cast.adam, configuration.roll_back, older[0].id) == []


def test_what_stood_before_the_first_text_is_kept_too(cast: Cast) -> None:
    before = run(cast.adam, configuration.export)
    run(cast.adam, configuration.apply, before.replace("label: Open\n", "label: Working\n"))
    applied, kept = run(cast.adam, configuration.versions)
    assert (applied.kind, kept.kind) == ("applied", "kept")
    run(cast.adam, configuration.roll_back, kept.id)
    assert run(cast.adam, configuration.export) == before


@pytest.mark.parametrize(
    ("old", "new", "where", "what"),
    [
        ("format: 1", "format: 2", "format", "must begin"),
        ("slug: open", "slug: open\n    shape: round", "statuses › open › shape", "no such field"),
        ("auto_close_hours: 48", "auto_close_hours: soon", "organization › auto_close_hours", "whole number"),
        ("auto_close_hours: 48", "auto_close_hours: 0", "organization", "1 to 8760"),
        ("public_form: true", "public_form: maybe", "organization › public_form", "true or false"),
        ("category: pending", "category: limbo", "statuses › waiting_on_customer › category", "Input should be"),
        ("colour: teal", "colour: teel", "statuses › open", "colours"),
        ("- ada@acme.example", "- ghost@acme.example", "teams › Support", "ghost@acme.example"),
        ("team: Support", "team: Ghosts", "categories › Hardware", "no team"),
        ("- open -> closed", "- open to closed", "transitions › agent", "no way"),
        ("- open -> closed", "- open -> ghost", "transitions › agent", "no status"),
        ("09:00-12:00", "nine to twelve", "calendars › Office", "no range"),
        ("timezone: Europe/Berlin\n    week", "timezone: Mars\n    week", "calendars › Office", "time zone"),
        ("resolution: 4m", "resolution: soon", "sla_policies › Demo", "span"),
        ("name: German", "name: German\n  - name: German", "skills › German", "twice"),
        ("skills:", "skulls:", "skulls", "no such section"),
        ("strategy: round_robin", "strategy: chance", "teams", "given out"),
        ("slug: low", "slug: Low!", "priorities", "priority “Low”"),
    ],
)
def test_a_bad_text_changes_nothing_and_names_its_line(
    cast: Cast, text: str, old: str, new: str, where: str, what: str
) -> None:
    before = stand(cast)
    assert old in text
    # Something good comes along, and must not stay either.
    bad = text.replace(old, new, 1).replace("warning_share: 80", "warning_share: 70")
    with pytest.raises(Refused) as refused:
        run(cast.adam, configuration.apply, bad)
    said = [str(problem) for problem in refused.value.problems]
    assert any(where in line and what in line for line in said), said
    line = refused.value.problems[0].line
    assert new.splitlines()[0].split(":")[0].strip("- ") in "".join(bad.splitlines()[max(0, line - 2) : line + 9]), said
    assert stand(cast) == before


def test_what_is_in_use_is_not_removed_by_a_text(cast: Cast, text: str) -> None:
    run(cast.rita, tickets.create, title="x", description="y", category_id=_category(cast, "Hardware"))
    start = text.index("  - name: Hardware")
    without = text[:start] + text[text.index("  - name: Software") :]
    before = stand(cast)
    with pytest.raises(Refused) as refused:
        run(cast.adam, configuration.apply, without)
    assert "1 ticket has the category “Hardware”" in str(refused.value) and stand(cast) == before


def test_tags_agents_made_are_not_removed_by_a_text(cast: Cast, text: str) -> None:
    ref = run(cast.rita, tickets.create, title="x", description="y")
    run(cast.ada, tickets.tag, ref, ["fresh"])
    assert run(cast.adam, configuration.differences, text) == []


def test_what_somebody_looked_at_is_what_is_applied(cast: Cast, text: str) -> None:
    wanted = text.replace("label: Open\n", "label: Working\n")
    seen = fingerprint(run(cast.adam, configuration.differences, wanted))
    opened = next(row for row in run(cast.adam, statuses.listing) if row.slug == "open")
    run(cast.adam, statuses.save, opened.id, label="Started", category="open", colour="teal")
    with pytest.raises(Conflict):
        run(cast.adam, configuration.apply, wanted, expected=seen)


@pytest.mark.parametrize("name", ["rita", "ada", "max", "xena"])
def test_only_admins_configure(cast: Cast, name: str) -> None:
    for verb, args in (
        (configuration.export, ()), (configuration.differences, ("format: 1",)), (configuration.apply, ("format: 1",)),
        (configuration.versions, ()), (configuration.version, (1,)), (configuration.roll_back, (1,)),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            run(getattr(cast, name), verb, *args)


def test_another_organizations_versions_are_not_there(cast: Cast, text: str) -> None:
    [newest, *_] = run(cast.adam, configuration.versions)
    assert run(cast.eve, configuration.versions) == []
    for verb in (configuration.version, configuration.roll_back):
        with pytest.raises(NotFound):
            run(cast.eve, verb, newest.id)
    assert "Support" not in run(cast.eve, configuration.export).split("teams:")[1].split("statuses:")[0]


def test_a_configuration_moves_to_another_organization(cast: Cast, text: str) -> None:
    for email in ("ada@acme.example", "bob@acme.example"):
        run(cast.eve, people.create, name="Twin", email=email, role="agent", password="correct horse battery")
    run(cast.eve, configuration.apply, text)
    assert run(cast.eve, configuration.differences, text) == []


def _category(cast: Cast, name: str) -> int:
    return next(row.id for row in run(cast.adam, catalog.all_categories) if row.name == name)


def test_views_and_fields_are_told_by_name_and_found_again(cast: Cast, text: str) -> None:
    assert "ada@acme.example" in text and "Hardware" in text
    [view] = [one for one in run(cast.max, views.listing) if one.label == "Broken things"]
    assert view.is_shared and view.columns == ("reference", "subject") and view.filter.sort is Sort.CREATED
    assert view.filter.where is not None
    assert [one.values for one in view.filter.where][1] == (str(cast.ada.person_id),)
    serial, floor = run(cast.adam, custom_fields.listing)
    assert (serial.label, serial.is_required, len(serial.category_ids), floor.kind) == ("Serial", True, 1, "number")
    turned = text.replace("  - label: Serial", "  - label: Zeal").replace("name: Broken things", "name: Broken")
    assert [(one.section, one.kind, one.entry) for one in run(cast.adam, configuration.apply, turned)] == [
        ("custom_fields", "added", "Zeal"), ("shared_views", "added", "Broken"),
        ("shared_views", "removed", "Broken things"),
    ]  # fmt: skip
    assert [one.label for one in run(cast.adam, custom_fields.listing)] == ["Serial", "Floor", "Zeal"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Hardware, Software]", "Hardware, Nonsense]", "There is no category “Nonsense”."),
        ("field:Serial", "field:Zeal", "There is no custom field “Zeal”."),
        ("is, ada@acme.example", "is, nobody@acme.example", "There is no assignee “nobody@acme.example”."),
        ("- Hardware\n    required", "- Nonsense\n    required", "There is no category “Nonsense”."),
        ("kind: number", "kind: date", "Floor"),
    ],
)
def test_names_nobody_has_are_refused(cast: Cast, text: str, old: str, new: str, said: str) -> None:
    before = stand(cast)
    with pytest.raises(Refused) as refused:
        run(cast.adam, configuration.apply, text.replace(old, new))
    assert said in str(refused.value) and stand(cast) == before


ESCALATING = """format: 1
organization:
  name: Acme Support
  reference_prefix: ACME
  timezone: UTC
  accent: indigo
  public_form: true
  auto_close_hours: 48
  warning_share: 80
  away_after_minutes: 15
skills:
  - name: French
teams:
  - name: Support
    strategy: skill
    members: [ada@acme.example, bob@acme.example]
    leads: [bob@acme.example]
    skills: [French]
    hands_back: true
categories:
  - name: Ventes
    team: Support
    skills: [French]
escalation_policies:
  - name: Late
    where: {all: [[category, is, Ventes], [priority, any, urgent, high]]}
    steps:
      - {since: breach, after: at once, whom: [lead], level: 1}
      - {since: no_reply, after: 1d 4h, whom: [managers, "team: Support", "person: ada@acme.example"], level: 2, message: "{{ ticket.reference }} waits"}
"""


def test_routing_and_escalation_are_told_by_name_and_found_again(cast: Cast) -> None:
    run(cast.adam, configuration.apply, ESCALATING)
    [policy] = run(cast.adam, escalations.listing)
    assert policy.steps[1].whom == ("managers", f"team:{cast.support}", f"person:{cast.ada.person_id}")
    assert (policy.steps[1].after, policy.steps[1].message) == ("1d 4h", "{{ ticket.reference }} waits")
    team = next(one for one in run(cast.max, teams.listing) if one.name == "Support")
    assert (team.strategy, team.hands_back, team.lead_ids) == ("skill", True, (cast.bob.person_id,))
    assert run(cast.adam, organizations.mine).away_after_minutes == 15
    written = run(cast.adam, configuration.export)
    for said in ("Ventes", "team: Support", "person: ada@acme.example", "hands_back: true", "away_after_minutes: 15"):
        assert said in written
    before = stand(cast)
    run(cast.adam, configuration.apply, written)
    assert stand(cast)[-1] == before[-1], "what was written changes nothing"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("after: 1d 4h", "after: soon", "soon"),
        ("whom: [lead]", "whom: [boss]", "nobody to tell"),
        ("whom: [lead]", "whom: []", "Choose who"),
        ("team: Support\"", "team: Ghosts\"", "Ghosts"),
        ("person: ada@", "person: ghost@", "ghost@"),
        ("level: 2", "level: 4", "level"),
        ("ticket.reference", "ticket.colour", "ticket.colour"),
        ("is, Ventes", "is, Achats", "Achats"),
        ("leads: [bob", "leads: [max", "no member"),
        ("skills: [French]\n    hands", "skills: [Latin]\n    hands", "Latin"),
        ("away_after_minutes: 15", "away_after_minutes: 2", "5 to 1440"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_in_routing_and_escalation_is_refused(cast: Cast, old: str, new: str, said: str) -> None:
    assert old in ESCALATING
    with pytest.raises(Refused) as refused:
        run(cast.adam, configuration.apply, ESCALATING.replace(old, new, 1))
    assert any(said in str(problem) for problem in refused.value.problems)
