"""What every page's state can do: find out who is looking, call the services, and be told when something changed."""

from collections.abc import Callable, Coroutine, Hashable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import reflex as rx

from helpdesk import log, threads
from helpdesk.domain.errors import HelpdeskError, NotAllowed, NotFound, SignedOut
from helpdesk.domain.people import SEES_ALL, Actor
from helpdesk.services import unit_of_work
from helpdesk.services.context import Context
from helpdesk.state import answers, identity, internals, live

Params = ParamSpec("Params")
Result = TypeVar("Result")
Load = Callable[..., Coroutine[Any, Any, Any]]

_logger = log.get(__name__)


class PageState(rx.State, mixin=True):
    """The mixin of every page's state: `class Tickets(PageState, rx.State): ...`.

    Handlers wear `@rx.event` and below it a mark of `guard`; expected errors they raise are shown by themselves, and
    `errors` then says what to do about which field.
    """

    # Field -> what to do about it. Cleared by `_run`.
    errors: dict[str, str] = {}
    # True until the first `@loads` handler has finished: skeletons.
    is_loading: bool = True
    # Why the page shows nothing: "", "missing" or "forbidden" or "failed". Set by `@loads`.
    problem: str = ""

    async def _actor(self) -> Actor:
        """Who is looking: from the connection, never from a var. At most a few seconds old."""
        return await identity.of_headers(internals.handshake(self))

    async def _run(
        self,
        verb: Callable[Concatenate[Context, Params], Result],
        /,
        *args: Params.args,
        **kwargs: Params.kwargs,
    ) -> Result:
        """Call a service as the person looking, in a unit of work of its own, off the event loop.

        Raises:
            HelpdeskError: as the verb; the handler need not catch it.
        """
        if self.errors:
            self.errors = {}
        actor = await self._actor()
        return await threads.hop(unit_of_work.run, actor, verb, *args, **kwargs)

    async def _read_together(
        self,
        verb: Callable[Concatenate[Context, Params], Result],
        /,
        *args: Params.args,
        **kwargs: Params.kwargs,
    ) -> Result:
        """The same for a read that depends on nothing but its arguments and what its reader may see: in answer to a
        nudge, pages with equal eyes are served by one read. Never for a verb, nor for anything about "me"."""
        return await _shared(_eyes, await self._actor(), verb, args, kwargs)

    async def _read_mine(
        self,
        verb: Callable[Concatenate[Context, Params], Result],
        /,
        *args: Params.args,
        **kwargs: Params.kwargs,
    ) -> Result:
        """The same for a read about the person looking: their tabs are served by one. Never for a verb."""
        return await _shared(_self, await self._actor(), verb, args, kwargs)

    def _watch(self, topic: str, *handlers: internals.EventLike) -> None:
        """Have this tab run `handlers` whenever `topic` changes, until it shows another page. Call it when loading."""
        token, socket = internals.token_at_hand(), internals.socket_of_state(self)
        if token and socket:
            live.hub.watch(token, socket, topic, *internals.events_of(*handlers))


def loads(handler: Load) -> Load:
    """Mark a page's loading handler: its failure is a page that says so, not a toast. Stands below the guard's mark."""

    @wraps(handler)
    async def load(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            answer = await handler(self, *args, **kwargs)
            if self.problem:
                self.problem = ""
            return answer
        except SignedOut:
            raise
        except NotFound:
            self.problem = "missing"
        except NotAllowed:
            self.problem = "forbidden"
        except HelpdeskError as error:
            self.problem = "failed"
            return answers.refused(error)
        except Exception as error:
            self.problem = "failed"
            return answers.sorry(error)
        finally:
            if self.is_loading:
                self.is_loading = False
        return None

    return load


async def _shared(
    whose: Callable[[Actor], Hashable],
    actor: Actor,
    verb: Callable[..., Result],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Result:
    async def read() -> Result:
        return await threads.hop(unit_of_work.run, actor, verb, *args, **kwargs)

    if not internals.is_push():
        return await read()  # somebody clicked: they must see what they have just done
    key = (verb.__module__, verb.__qualname__, whose(actor), repr(args), repr(sorted(kwargs.items())))
    found: Result = await live.hub.shared(key, read)
    return found


def _self(actor: Actor) -> Hashable:
    return (actor.organization_id, actor.person_id, *_eyes(actor))


def _eyes(actor: Actor) -> tuple[Hashable, ...]:
    """Equal for people who are shown the same: those who see all by their role, everybody else for themselves."""
    if actor.role in SEES_ALL:
        return (actor.organization_id, actor.role, actor.timezone, actor.is_held)
    return (
        actor.organization_id, actor.person_id, actor.role, actor.timezone, actor.team_ids, actor.company_id,
        actor.is_company_manager, actor.is_held,
    )  # fmt: skip
