"""Macros: what people do to tickets again and again, kept under a name: changes, and a reply with placeholders.

On one ticket the changes are made at once and the reply waits in the composer, to be read before it is sent; on many both
are done. Either way it is a run of `tickets/bulk.py`, which knows how to take it back. A macro may say for which tickets it is meant, in
the language of rules: it is offered for no other, and refused there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select

from helpdesk.domain import rules as language
from helpdesk.domain import templates
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.conditions import FIELDS, ME, NONE, Field, Group, Kind, Operator, Use, as_json, from_json
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from helpdesk.domain.permissions import Permission, may
from helpdesk.domain.rules import BY_HAND, Action, Do
from helpdesk.domain.text import clean, excerpt
from helpdesk.models import Macro, Person, Ticket
from helpdesk.services import access, actions, arranging, catalog, facts
from helpdesk.services.context import Context, requires, step
from helpdesk.services.tickets import conversation

SCOPES = {"me": "Only me", "team": "A team", "all": "Everybody"}
MOST_MACROS = 500
_KINDS = (ActivityKind.MACRO_CREATED, ActivityKind.MACRO_CHANGED)


@dataclass(frozen=True, slots=True)
class MacroRow:
    """A macro as shown; `does` says it in words."""

    id: int = 0
    name: str = ""
    scope: str = "me"
    team_id: int = 0
    team: str = ""
    owner: str = ""
    does: str = ""
    reply: str = ""
    says: str = ""
    may_change: bool = True
    when: str = ""  # for which tickets it is offered; empty: for all


@dataclass(frozen=True, slots=True)
class Change:
    """A field a macro will change."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a macro will do to one ticket."""

    id: int = 0
    name: str = ""
    text: str = ""
    changes: tuple[Change, ...] = ()


@requires(Permission.MACRO_OWN)
def listing(ctx: Context) -> tuple[MacroRow, ...]:
    """The macros one can use, by name."""
    query = select(Macro, Person.name).outerjoin(Person, col(Person.id) == Macro.owner_id).where(_usable(ctx))
    found = ctx.session.exec(query.order_by(func.lower(Macro.name), col(Macro.id))).all()
    kept = {macro.id: language.actions(macro.actions, BY_HAND) if macro.actions else () for macro, _ in found}
    meant = {macro.id: _meant(macro) for macro, _ in found}
    asked = language.names_asked(one for each in kept.values() for one in each)
    asked += [(one.field, value) for group in meant.values() for one in group for value in one.values]
    names = actions.named(ctx, asked)
    known = catalog.current(ctx)
    return tuple(
        MacroRow(
            macro.id, macro.name, macro.scope, macro.team_id or 0,
            known.team_by_id[macro.team_id].name if macro.team_id in known.team_by_id else "", owner or "",
            ", ".join(actions.spoken(known, one, names) for one in kept[macro.id]), macro.reply, excerpt(macro.reply, 120),
            _may_change(ctx, macro), actions.conditions_in_words(known, meant[macro.id], names),
        )
        for macro, owner in found
    )  # fmt: skip


@requires(Permission.MACRO_OWN)
def offered(ctx: Context, refs: Sequence[str]) -> tuple[MacroRow, ...]:
    """The macros one can use on some tickets, by name: those meant for at least one of them.

    Args:
        refs: references; those the actor does not see are left out.
    """
    rows = listing(ctx)
    picky = {
        macro.id: _meant(macro) for macro in ctx.session.exec(select(Macro).where(_usable(ctx))).all() if macro.offered
    }
    if not picky or not rows:
        return rows
    chosen = [str(ref)[:40].upper() for ref in refs]
    tickets = ctx.session.exec(access.visible(ctx, Ticket).where(col(Ticket.reference).in_(chosen))).all()
    known = facts.of_many(ctx, tickets, wanted=language.needs(picky.values())).values()
    return tuple(row for row in rows if row.id not in picky or any(language.holds(picky[row.id], one) for one in known))


@requires(Permission.MACRO_OWN)
def meant_for(ctx: Context, macro_id: int) -> dict[str, Any]:
    """For which tickets a macro is offered, as it is written; empty: for all.

    Raises:
        NotFound: none the actor can use.
    """
    return dict(_one(ctx, macro_id).offered)


@requires(Permission.MACRO_OWN)
def written(ctx: Context, macro_id: int) -> list[list[str]]:
    """What a macro changes, as it is written.

    Raises:
        NotFound: none the actor can use.
    """
    return [list(one) for one in _one(ctx, macro_id).actions]


@requires(Permission.MACRO_OWN)
def save(
    ctx: Context,
    macro_id: int | None = None,
    *,
    name: str,
    scope: str = "me",
    team_id: int | None = None,
    changes: Sequence[Sequence[str]] = (),
    reply: str = "",
    offered: Any = None,
) -> int:
    """Create a macro, or change the one with `macro_id`; returns its id.

    Args:
        scope: me, team or all.
        changes: actions as plain lists, of those that can be taken back.
        reply: Markdown with placeholders.
        offered: conditions a ticket must meet, as rules write them; none: offered everywhere.

    Raises:
        Invalid: says in which field, or in which action.
        NotAllowed: a shared one, without the permission to share.
        Conflict: there are too many.
        NotFound: none the actor can use.
    """
    macro = _one(ctx, macro_id) if macro_id else None
    if macro is not None and not _may_change(ctx, macro):
        raise NotAllowed("Ask a manager to change a macro that colleagues use, too.")
    name = arranging.checked_name(name, most=80, what="the macro")
    if scope not in SCOPES:
        raise Invalid(scope="Choose who can use it.")
    if scope != "me" and not may(ctx.actor, Permission.MACRO_SHARE):
        raise NotAllowed("Ask a manager to share this macro with your colleagues.")
    if scope == "team" and (team_id or 0) not in catalog.current(ctx).team_by_id:
        raise Invalid(team_id="Choose one of the teams.")
    twin = select(Macro.id).where(func.lower(Macro.name) == name.lower(), Macro.scope != "me")
    if scope != "me" and ctx.session.exec(twin.where(Macro.id != (macro.id if macro else 0))).first():
        raise Conflict(f"There is a shared macro “{name}” already.")
    wanted = language.actions([list(one) for one in changes], BY_HAND) if changes else ()
    actions.check(ctx, wanted)
    reply = clean(reply)
    try:
        templates.check(reply)
    except Invalid as error:
        raise Invalid(reply=error.message) from None
    if not wanted and not reply:
        raise Invalid(actions="Add a change or a reply: this macro would do nothing.")
    meant = _checked(ctx, offered)
    before = _facts(macro) if macro else None
    if macro is None:
        if ctx.session.exec(select(func.count()).select_from(Macro)).one() >= MOST_MACROS:
            raise Conflict(f"There are {MOST_MACROS} macros already. Delete one you no longer need.")
        macro = Macro(name=name, scope=scope, owner_id=ctx.actor.person_id, created_at=ctx.now, updated_at=ctx.now)
    macro.name, macro.scope, macro.team_id = name, scope, team_id if scope == "team" else None
    macro.actions, macro.reply, macro.offered = language.actions_json(wanted), reply, meant
    ctx.session.add(macro)
    ctx.session.flush()
    if _facts(macro) != before:
        macro.updated_at = ctx.now
        ctx.record(_KINDS[before is not None], subject_id=macro.id, name=name, before=before or {}, after=_facts(macro))
    ctx.topics.add(f"org-{ctx.organization_id}-macros")
    return macro.id


@requires(Permission.MACRO_OWN)
def delete(ctx: Context, macro_id: int) -> None:
    """Remove a macro; what it did stays.

    Raises:
        NotFound: none the actor can use.
        NotAllowed: a shared one, without the permission to share.
    """
    macro = _one(ctx, macro_id)
    if not _may_change(ctx, macro):
        raise NotAllowed("Ask a manager to delete a macro that colleagues use, too.")
    before, name = _facts(macro), macro.name
    ctx.session.delete(macro)
    ctx.session.flush()
    ctx.record(ActivityKind.MACRO_DELETED, subject_id=macro_id, name=name, before=before, after={})
    ctx.topics.add(f"org-{ctx.organization_id}-macros")


@requires(Permission.MACRO_OWN)
def preview(ctx: Context, ref: str, macro_id: int) -> Preview:
    """What a macro will say on a ticket, and every field it will change.

    Raises:
        NotFound: no such ticket or macro for the actor.
        Invalid: it can no longer be applied.
    """
    macro, ticket = _one(ctx, macro_id), access.ticket(ctx, ref)
    wanted = language.actions(macro.actions, BY_HAND) if macro.actions else ()
    actions.check(ctx, wanted)
    text = templates.fill(macro.reply, actions.values_for(ctx, ticket)) if macro.reply else ""
    found = (_change(ctx, ticket, one) for one in wanted)
    return Preview(macro.id, macro.name, text, tuple(one for one in found if one.before != one.after))


@step
def apply(ctx: Context, ticket: Ticket, macro_id: int, *, with_reply: bool) -> None:
    """Make a macro's changes, and send its reply with them or not.

    Raises:
        HelpdeskError: what the verbs say.
    """
    macro = _one(ctx, macro_id)
    meant = _meant(macro)
    if meant.parts and not language.holds(meant, facts.of(ctx, ticket, wanted=language.needs([meant]))):
        raise Conflict(f"The macro “{macro.name}” is not meant for this ticket.")
    # Before the changes: the text says what the preview said.
    text = templates.fill(macro.reply, actions.values_for(ctx, ticket)) if macro.reply and with_reply else ""
    if text:
        conversation.reply(ctx, ticket.reference, text)
    for one in language.actions(macro.actions, BY_HAND) if macro.actions else ():
        actions.apply(ctx, ticket, one)


@step
def name_of(ctx: Context, macro_id: int) -> str:
    """A macro's name.

    Raises:
        NotFound: none the actor can use.
    """
    return _one(ctx, macro_id).name


def _checked(ctx: Context, offered: Any) -> dict[str, Any]:
    """Conditions about how a ticket stands, ready to be kept."""
    group = language.conditions(offered) if offered else Group()
    for one in group:
        if one.operator in (Operator.WAS, Operator.CHANGED) or one.field in (Field.BY, Field.SAID):
            raise Invalid(offered=f"{FIELDS[one.field].label}: a macro knows how a ticket stands, not what has just happened to it.")  # fmt: skip
        if ME in one.values and FIELDS[one.field].kind is Kind.ID:
            raise Invalid(offered=f"{FIELDS[one.field].label}: name somebody, or leave it out.")
    try:
        actions.check_conditions(ctx, group)
    except Invalid as error:
        raise Invalid(offered=error.message) from None
    return as_json(group) if group.parts else {}


def _meant(macro: Macro) -> Group:
    return from_json(macro.offered, Use.RULE) if macro.offered else Group()


def _change(ctx: Context, ticket: Ticket, one: Action) -> Change:
    known = catalog.current(ctx)
    value = one.values[0] if one.values else ""
    if one.do in (Do.TAKE, Do.ASSIGN):
        before = ctx.session.get(Person, ticket.assignee_id) if ticket.assignee_id else None
        person_id = ctx.actor.person_id if one.do is Do.TAKE else access.whole(value)
        after = ctx.session.get(Person, person_id) if person_id and value != NONE else None
        return Change("Assignee", before.name if before else "Nobody", after.name if after else "Nobody")
    if one.do is Do.STATUS:
        return Change("Status", known.status_by_id[ticket.status_id].label, known.status(value).label)
    if one.do is Do.PRIORITY:
        return Change("Priority", known.priority_by_id[ticket.priority_id].label, known.priority(value).label)
    if one.do is Do.TEAM:
        teams: dict[int, Any] = dict(known.team_by_id)
        return Change("Team", _named(teams, ticket.team_id), _named(teams, access.whole(value)))
    if one.do is Do.CATEGORY:
        categories: dict[int, Any] = dict(known.category_by_id)
        return Change("Category", _named(categories, ticket.category_id), _named(categories, access.whole(value)))
    present = actions.tags_of(ctx, ticket)
    after_tags = present.union(one.values) if one.do is Do.TAG else present.difference(one.values)
    return Change("Tags", ", ".join(sorted(present)) or "None", ", ".join(sorted(after_tags)) or "None")


def _named(rows: dict[int, Any], row_id: int | None) -> str:
    return rows[row_id].name if row_id in rows else "None"


def _usable(ctx: Context) -> ColumnElement[bool]:
    """One's own, those of one's teams, and everybody's; who may share sees all shared ones."""
    mine = and_(col(Macro.scope) == "me", col(Macro.owner_id) == ctx.actor.person_id)
    if may(ctx.actor, Permission.MACRO_SHARE):
        return or_(mine, col(Macro.scope) != "me")
    of_team = and_(col(Macro.scope) == "team", col(Macro.team_id).in_(ctx.actor.team_ids or (-1,)))
    return or_(mine, of_team, col(Macro.scope) == "all")


def _one(ctx: Context, macro_id: int | None) -> Macro:
    found = ctx.session.exec(select(Macro).where(Macro.id == access.whole(macro_id), _usable(ctx))).first()
    if found is None:
        raise NotFound("There is no such macro.")
    return found


def _may_change(ctx: Context, macro: Macro) -> bool:
    if macro.scope == "me":
        return macro.owner_id == ctx.actor.person_id
    return may(ctx.actor, Permission.MACRO_SHARE)


def _facts(macro: Macro) -> dict[str, Any]:
    return {"name": macro.name, "scope": macro.scope, "team_id": macro.team_id or 0, "changes": macro.actions, "reply": macro.reply, "offered": macro.offered}  # fmt: skip
