"""What every service function is given: the session, who acts, what time it is, and the log of what happened.

Also the three marks. Every public service function wears one: `@requires(permission)` for a verb, `@anyone` for what
needs no permission (it is open, or it restricts what is seen through `access`), `@step` for a piece only verbs call.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import Session

from helpdesk import db
from helpdesk.domain.activity import PUBLIC_KINDS, ActivityKind
from helpdesk.domain.errors import NotAllowed, SignedOut
from helpdesk.domain.people import Actor, ActorKind
from helpdesk.domain.permissions import Permission, may
from helpdesk.libpq import Facts, Rows
from helpdesk.models import Activity, Ticket
from helpdesk.models.base import Row, row

MOST_ACTIVITIES = 100

Params = ParamSpec("Params")
Result = TypeVar("Result")


class Touched(Protocol):
    """What of a ticket says who looks at it, for those who read no more."""

    @property
    def id(self) -> int: ...
    @property
    def assignee_id(self) -> int | None: ...
    @property
    def requester_id(self) -> int: ...
    @property
    def company_id(self) -> int | None: ...


class Context:
    """One unit of work."""

    def __init__(self, session: Session, actor: Actor, now: datetime, catalog_version: int) -> None:
        self.session = session
        self.actor = actor
        self.now = now
        self.catalog_version = catalog_version
        self.catalog_changed = False
        self.activities: list[Activity] = []
        self.topics: set[str] = set()
        # Jobs to queue once this is committed: (where it is, its arguments). A sweep must find what they were for.
        self.jobs: list[tuple[str, tuple[int | str, ...]]] = []
        # The same, of which one that waits for a worker does for all: they look for whatever there is to do.
        self.jobs_once: set[tuple[str, tuple[int | str, ...]]] = set()
        # Mails with a secret inside (a reset link): (template, person id, values). Written with the unit of work, but
        # never into an activity, which everybody on the staff may read. Without a person the values name `email`, `name`.
        self.letters: list[tuple[str, int | None, dict[str, str]]] = []
        self.limit = MOST_ACTIVITIES
        # (rule, ticket): a rule fires once per ticket, or rules would chase each other.
        self.fired: set[tuple[int, int]] = set()
        # Ids drawn ahead for activities of this unit of work: with one at hand, a cause needs no flush of its own, and the
        # activity stays out of the session until `flush`, or until all such are written at once in the end.
        self.activity_ids: list[int] = []
        self.unwritten: list[Activity] = []
        # How many activities the NOW lane has been through.
        self.reacted_to = 0
        # The tickets filed or locked here, by who did: they read what became of them, even if it left their sight.
        self.held: dict[tuple[ActorKind, int | None, str], Ticket] = {}
        # What is around tickets filed here, and how many things had happened by then; see `gathering`.
        self.noted: dict[int, tuple[object, int]] = {}
        self._cause: Activity | None = None
        self._connection: Connection | None = None

    @property
    def organization_id(self) -> int:
        """The organization this unit of work belongs to."""
        return self.actor.organization_id

    def record(
        self, kind: ActivityKind, ticket: Ticket | Touched | None = None, *, subject_id: int | None = None, **data: Any
    ) -> Activity:
        """Write down that something happened, and have the pages that show it look again.

        Args:
            kind: what happened.
            ticket: the ticket it happened to, if any.
            subject_id: the id of anything else it happened to (a person, a team).
            data: facts for the timeline, listeners and webhooks; never a secret.

        Raises:
            RuntimeError: more than 100 activities in one unit of work: rules chase each other.
        """
        facts = self._facts(kind, data, subject_id) | {"ticket_id": ticket.id if ticket else None}
        if self.activity_ids:
            facts["id"] = self.activity_ids.pop(0)
            activity = row(Activity, facts)
            self.unwritten.append(activity)
        else:
            activity = row(Activity, facts)
            self._add_unwritten()  # it may be the cause
            self.session.add(activity)
        self._note(activity, ticket)
        return activity

    def draft(self, kind: ActivityKind, data: dict[str, Any]) -> dict[str, Any]:
        """What `record` would write, but for the ticket: for a statement that writes it together with its ticket, and tells
        `recorded`."""
        self._add_unwritten()  # it may be the cause
        return self._facts(kind, data)

    def recorded(self, facts: dict[str, Any], ticket: Ticket) -> Activity:
        """Know of an activity that is written, as `record` knows of those it writes.

        Args:
            facts: the draft, and what was added to it.
        """
        known = {"ticket_id": ticket.id, "organization_id": self.organization_id, "reacted_at": None}
        activity = self.stored(Activity, facts | known)
        self._note(activity, ticket)
        return activity

    def _facts(self, kind: ActivityKind, data: dict[str, Any], subject_id: int | None = None) -> dict[str, Any]:
        return {
            "kind": kind,
            "subject_id": subject_id,
            "actor_kind": self.actor.kind,
            "actor_id": self.actor.person_id,
            "actor_name": self.actor.name,
            "data": data,
            "at": self.now,
            "cause_id": self._cause_id(),
        }

    def _note(self, activity: Activity, ticket: Ticket | Touched | None) -> None:
        if len(self.activities) >= self.limit:
            raise RuntimeError(
                f"More than {self.limit} activities in one unit of work; rules seem to chase each other."
            )
        self.activities.append(activity)
        if ticket is not None:
            self.touch_ticket(ticket, is_public=activity.kind in PUBLIC_KINDS)

    def ask(self, statement: str, facts: Facts = None, *, named: bool = False) -> Rows:
        """The rows of a statement past the ORM, after what the ORM still has to write; see `db.ask`."""
        self.session.flush()
        if self._connection is None:
            self._connection = self.session.connection()  # the same to the end
        return db.ask(self._connection, statement, facts, named=named)

    def ask_first(self, statement: str, facts: Facts = None) -> tuple[Any, ...] | None:
        """The first row of such a statement, if it has any."""
        rows = self.ask(statement, facts)
        return rows[0] if rows else None

    def ask_one(self, statement: str, facts: Facts = None) -> tuple[Any, ...]:
        """The one row of such a statement."""
        found = self.ask_first(statement, facts)
        if found is None:
            raise LookupError("The statement answered no row.")
        return found

    def at_hand(self, model: type[Row], number: int) -> Row | None:
        """The row with an id, if the session has it."""
        known = self.session.identity_map.get(self.session.identity_key(model, number))
        return known if isinstance(known, model) else None

    def stored(self, model: type[Row], facts: dict[str, Any]) -> Row:
        """A row that is in the database with these facts, as the session would have loaded it; the one it has, if it has it.
        For roads that go past the ORM.

        Args:
            facts: columns by name; one that is left out is read when somebody asks for it.
        """
        known = self.at_hand(model, facts["id"])
        if known is not None:
            return known
        made = row(model, facts)
        make_transient_to_detached(made)
        self.session.add(made)
        return made

    def flush(self) -> None:
        """Write everything so far, activities whose ids were drawn ahead as well; ids that are left are given up, for from
        here on rows may refer to what is recorded next."""
        self._add_unwritten()
        self.activity_ids.clear()
        self.session.flush()

    def _add_unwritten(self) -> None:
        if self.unwritten:
            self.session.add_all(self.unwritten)
            self.unwritten.clear()

    def touch_ticket(self, ticket: Ticket | Touched, *, is_public: bool) -> None:
        """Have the pages showing a ticket look again. Customers' pages only for what they may learn of: even the
        timing of an internal note says something."""
        self.topics |= {f"org-{self.organization_id}-tickets", f"ticket-{ticket.id}"}
        if ticket.assignee_id:
            self.topics.add(f"user-{ticket.assignee_id}")
        if is_public:
            self.topics |= {f"portal-{ticket.requester_id}", f"portal-ticket-{ticket.id}"}
            if ticket.company_id:
                self.topics.add(f"portal-company-{ticket.company_id}")

    @contextmanager
    def because(self, cause: Activity) -> Iterator[None]:
        """What is recorded inside the block happened because of `cause`."""
        before, self._cause = self._cause, cause
        try:
            yield
        finally:
            self._cause = before

    @contextmanager
    def acting_as(self, actor: Actor) -> Iterator[None]:
        """Act as someone else of the same organization (a rule, the desk) inside the block."""
        if actor.organization_id != self.organization_id:
            raise ValueError("An actor of another organization cannot act here.")
        before, self.actor = self.actor, actor
        try:
            yield
        finally:
            self.actor = before

    def _cause_id(self) -> int | None:
        if self._cause is None:
            return None
        if self._cause.id is None:
            self.session.flush()
        return self._cause.id


Verb = Callable[Concatenate[Context, Params], Result]


def requires(permission: Permission) -> Callable[[Verb[Params, Result]], Verb[Params, Result]]:
    """Mark a verb that only actors holding `permission` may call.

    Raises (from the verb):
        SignedOut: a visitor called it.
        NotAllowed: the actor's role does not grant the permission.
    """

    def mark(verb: Verb[Params, Result]) -> Verb[Params, Result]:
        @wraps(verb)
        def guarded(ctx: Context, *args: Params.args, **kwargs: Params.kwargs) -> Result:
            if not may(ctx.actor, permission):
                if ctx.actor.kind is ActorKind.ANONYMOUS:
                    raise SignedOut("Please sign in to do this.")
                if ctx.actor.must_enrol:
                    raise NotAllowed("Your role signs in with two factors. Set that up first.")
                if ctx.actor.must_complete:
                    raise NotAllowed("Complete your profile first.")
                raise NotAllowed("Your role does not allow this. Ask an administrator if you need it.")
            return verb(ctx, *args, **kwargs)

        guarded.mark = f"requires {permission}"  # type: ignore[attr-defined]
        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return mark


def anyone(function: Callable[Params, Result]) -> Callable[Params, Result]:
    """Mark a function that needs no permission: it is open to all, or shows each what `access` lets them see."""
    function.mark = "anyone"  # type: ignore[attr-defined]
    return function


def step(function: Callable[Params, Result]) -> Callable[Params, Result]:
    """Mark a piece of a verb: the verb that calls it has checked the permission."""
    function.mark = "step"  # type: ignore[attr-defined]
    return function
