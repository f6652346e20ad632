"""Every public function of the service layer says who may call it."""

import inspect
import re
from collections.abc import Callable

import pytest

from helpdesk.domain.permissions import Permission
from tests.contracts.walk import service_modules

_THE_MARKS_THEMSELVES = {"requires", "anyone", "step"}


def _public() -> list[tuple[str, Callable[..., object]]]:
    found = []
    for module in service_modules():
        for name, member in vars(module).items():
            if name.startswith("_") or not inspect.isfunction(member) or member.__module__ != module.__name__:
                continue
            if module.__name__ == "helpdesk.services.context" and name in _THE_MARKS_THEMSELVES:
                continue
            found.append((f"{module.__name__.removeprefix('helpdesk.services.')}.{name}", member))
    return found


PUBLIC = _public()


def test_the_walk_sees_the_service_layer() -> None:
    names = {name for name, _ in PUBLIC}
    assert len(names) > 80
    assert {"tickets.creation.create", "sign_in.sign_in", "mail.outbound.queue", "teams.save"} <= names


@pytest.mark.parametrize(("name", "function"), PUBLIC, ids=[name for name, _ in PUBLIC])
def test_it_wears_a_mark(name: str, function: Callable[..., object]) -> None:
    # Context managers that run(), the API and tests open; the mark sits on run().
    if name in ("unit_of_work.unit_of_work", "unit_of_work.steady"):
        return
    mark = getattr(function, "mark", "")
    assert mark, f"{name} needs @requires(...), @anyone or @step"
    if mark.startswith("requires"):
        assert function.permission in set(Permission)  # type: ignore[attr-defined]
        assert next(iter(inspect.signature(function).parameters)) == "ctx"


# What needs no permission, each for a reason somebody thought about.
FOR_ANYONE = {
    "api_sessions.actor_of": "a door",
    "api_sessions.login": "a door",
    "api_sessions.logout": "one's own session",
    "api_sessions.organization_of": "a door; reads only what we signed",
    "api_sessions.refresh": "a door",
    "api_tokens.actor_of": "a door",
    "kept_answers.begin": "one's own requests",
    "kept_answers.finish": "one's own requests",
    "kept_answers.release": "one's own requests",
    "branding.logo": "the sign-in page shows it",
    "health.asked": "whether servers answer; what waits is asked with permission",
    "catalog.categories": "the public form offers them",
    "identities.door": "a door",
    "identities.enter_with": "a door",
    "identities.refuse": "a door",
    "identity_providers.offered": "the sign-in page offers them",
    "webhooks.organizations_due": "the sweep's question, asked as the owner, answered with ids only",
    "csat.organizations_due": "the desk's sweep; ids only",
    "tickets.rating.invitation": "the signed link of a mail is the key",
    "tickets.rating.rate_by_link": "the signed link of a mail is the key",
    "scanning.organizations_due": "the desk's sweep; ids only",
    "scanning.look": "asks the scanner about a file that `claim` has handed out; reads and writes no rows",
    "digest.organizations_with_readers": "the desk's sweep; ids only",
    "integrations.organizations_due": "the desk's sweep; ids only",
    "integrations.call": "makes a call that `claim` has handed out; reads and writes nothing here",
    "push.organizations_due": "the desk's sweep; ids only",
    "push.push": "makes a push that `claim` has handed out; reads and writes nothing here",
    "webhooks.call": "makes a call that `claim` has handed out; reads and writes nothing here",
    "automation.organizations_due": "the desk's sweep; ids only",
    "tickets.upkeep.organizations_closing": "the desk's sweep; ids only",
    "knowledge.article": "visitors read help pages where the organization lets them",
    "knowledge.find": "the same",
    "knowledge.rate": "the same",
    "knowledge.suggestions": "the same",
    "knowledge.topics": "the same",
    "mail.outbound.organizations_due": "the desk's sweeps; ids only",
    "mail.inbound.organizations_due": "the same",
    "mail.polling.mailboxes_due": "the same",
    "mail.mailboxes.tried": "tries what `connections` has handed out; reads and writes nothing here",
    "organizations.by_host": "every request's first question",
    "organizations.by_slug": "the same",
    "organizations.create": "the command line's verb; no door calls it",
    "organizations.everyone": "the desk's sweeps; no door calls it",
    "organizations.mine": "name and colours of the sign-in page",
    "people.me": "oneself",
    "reactions.overdue": "the desk's sweep; ids only",
    "readings.read": "numbers of the whole desk, for whoever runs it; no organization's words",
    "sign_in.actor_of": "a door",
    "sign_in.actors_of": "a door",
    "sign_in.confirm": "a door",
    "sign_in.forgot": "a door",
    "sign_in.limited": "a door",
    "sign_in.register": "a door",
    "sign_in.reset": "a door",
    "sign_in.second_step": "a door",
    "sign_in.set_theme": "oneself",
    "sign_in.set_single_keys": "oneself",
    "sign_in.organizations_with_absent": "the desk's sweep; ids only",
    "sign_in.sign_in": "a door",
    "sign_in.sign_out": "a door",
    "escalations.organizations_due": "the desk's sweep; ids only",
    "routing.organizations_waiting": "the desk's sweep; ids only",
    "sla.organizations_due": "the desk's sweep; ids only",
    "tickets.sending.organizations_due": "the desk's sweep; ids only",
    "tickets.bulk.forgotten": "the desk's sweep; ids only",
    "sla_runs.forgotten": "the desk's sweep; ids only",
    "tickets.creation.create_from_public_form": "asks the organization's setting",
    "tickets.portal.request_form": "shows only what the public form offers anyway",
    "tickets.queries.category_options": "the public form offers them",
    "tickets.queries.priority_options": "words of the portal",
    "tickets.queries.public_fields_asked": "the public form asks them; none without it",
    "tickets.queries.status_options": "words of the portal",
}


def test_what_is_open_to_anyone_was_thought_about() -> None:
    found = {name for name, function in PUBLIC if getattr(function, "mark", "") == "anyone"}
    assert found - set(FOR_ANYONE) == set(), "add it above with its reason, or give it a permission"
    assert set(FOR_ANYONE) - found == set(), "gone: remove it above"


@pytest.mark.parametrize("permission", list(Permission))
def test_permissions_are_written_as_they_are_named(permission: Permission) -> None:
    assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", permission.value)
    assert permission.value.replace(".", "_").upper() == permission.name
