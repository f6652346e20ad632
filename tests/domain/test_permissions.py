"""Who may do what, as one table to read."""

import pytest

from helpdesk.domain.people import ASSIGNABLE, SEES_ALL, STAFF, Actor, ActorKind, Role, anonymous, system
from helpdesk.domain.permissions import GRANTED, IN_WORDS, Permission, may

C, A, T, M, X, D, S = (
    Role.CUSTOMER, Role.AGENT, Role.TECHNICIAN, Role.MANAGER, Role.EXECUTIVE, Role.ADMIN, Role.SUPERADMIN,
)  # fmt: skip
MATRIX: dict[Permission, set[Role]] = {
    Permission.ACCOUNT: {C, A, T, M, X, D, S},
    Permission.TICKET_CREATE: {C, A, T, M, D, S},
    Permission.TICKET_CREATE_FOR_OTHERS: {A, T, M, D, S},
    Permission.TICKET_READ: {C, A, T, M, X, D, S},
    Permission.TICKET_REPLY: {C, A, T, M, D, S},
    Permission.TICKET_NOTE: {A, T, M, D, S},
    Permission.TICKET_ASSIGN: {A, M, D, S},
    Permission.TICKET_TAKE: {A, T, M, D, S},
    Permission.TICKET_STATUS: {C, A, T, M, D, S},
    Permission.TICKET_EDIT: {A, T, M, D, S},
    Permission.TICKET_ESCALATE: {A, T, M, D, S},
    Permission.TICKET_RATE: {C},
    Permission.TICKET_WATCH: {A, T, M, X, D, S},
    Permission.TICKET_MERGE: {A, T, M, D, S},
    Permission.TICKET_DELETE: {D, S},
    Permission.TIME_TRACK: {A, T, M, D, S},
    Permission.AVAILABILITY: {A, T, M, D, S},
    Permission.CUSTOMER_READ: {A, T, M, X, D, S},
    Permission.VIEW_OWN: {A, T, M, X, D, S},
    Permission.VIEW_SHARE: {M, D, S},
    Permission.REPORT_READ: {M, X, D, S},
    Permission.PERSON_READ: {A, T, M, X, D, S},
    Permission.PERSON_MANAGE: {D, S},
    Permission.ROLE_MANAGE: {S},
    Permission.TEAM_MANAGE: {M, D, S},
    Permission.PERSON_MERGE: {M, D, S},
    Permission.CATALOG_MANAGE: {D, S},
    Permission.ORGANIZATION_MANAGE: {D, S},
    Permission.PROVIDER_MANAGE: {S},
    Permission.WEBHOOK_MANAGE: {D, S},
    Permission.AUDIT_READ: {D, S},
    Permission.SIGN_IN_EXPORT: {S},
    Permission.CONFIGURATION_MANAGE: {D, S},
    Permission.AUTOMATION_MANAGE: {D, S},
    Permission.MACRO_OWN: {A, T, M, D, S},
    Permission.ARTICLE_WRITE: {A, T, M, D, S},
    Permission.MACRO_SHARE: {M, D, S},
    Permission.MAIL_READ: {D, S},
    Permission.MAILBOX_MANAGE: {D, S},
    Permission.IMPORT: {D, S},
}


@pytest.mark.parametrize("permission", list(Permission))
def test_the_matrix(permission: Permission) -> None:
    """A permission this table does not know needs a row here: somebody decided who holds it."""
    holders = {role for role in Role if may(Actor(ActorKind.PERSON, 1, 1, role=role), permission)}
    assert holders == MATRIX[permission]


@pytest.mark.parametrize("permission", list(Permission))
def test_visitors_may_nothing_and_the_desk_everything(permission: Permission) -> None:
    assert not may(anonymous(1), permission)
    assert may(system(1), permission)
    assert not may(Actor(ActorKind.PERSON, 1, 1, role=None), permission)


def test_a_person_never_becomes_the_desk_by_role() -> None:
    assert not any(Actor(ActorKind.PERSON, 1, 1, role=role).is_desk for role in Role)


def test_groups_of_roles() -> None:
    assert set(GRANTED) == set(Role)
    assert C not in STAFF | ASSIGNABLE | SEES_ALL
    assert X in STAFF and X not in ASSIGNABLE
    assert {A, T}.isdisjoint(SEES_ALL)


@pytest.mark.parametrize("held", ["must_enrol", "must_complete"])
@pytest.mark.parametrize("permission", list(Permission))
def test_who_is_held_has_only_their_own_account(held: str, permission: Permission) -> None:
    for role in Role:
        actor = Actor(ActorKind.PERSON, 1, 1, role=role, **{held: True})
        assert may(actor, permission) is (permission is Permission.ACCOUNT)


def test_every_permission_has_words_for_people() -> None:
    assert set(IN_WORDS) == set(Permission)
    assert len(set(IN_WORDS.values())) == len(IN_WORDS)
