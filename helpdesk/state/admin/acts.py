"""Actions as they are edited, for rules and macros."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from helpdesk.components.base import Choice
from helpdesk.domain.rules import ASSIGNEE, LEVELS, NOTIFIED, REQUESTER, Action, Do
from helpdesk.services.macros import MacroRow
from helpdesk.services.tickets import FilterChoices, Option

INPUTS = {
    Do.TAG: "words", Do.UNTAG: "words", Do.DUE: "span", Do.NOTE: "text", Do.REPLY: "text", Do.MAIL: "mail", Do.STOP: "nothing",
    Do.TAKE: "nothing", Do.NOTIFY: "notify",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """An action as it is edited."""

    number: int = 0
    do: str = "priority"
    value: str = ""
    recipient: str = ""  # not "to": a var has a method of that name
    subject: str = ""
    input: str = "choose"  # choose, words, span, text, mail, notify, nothing


def fresh(do: str) -> Act:
    """An action that is to be filled in."""
    recipient = {Do.MAIL: REQUESTER, Do.NOTIFY: ASSIGNEE}.get(Do(do), "")
    return Act(do=do, recipient=recipient, input=INPUTS.get(Do(do), "choose"))


def act_of(one: Action) -> Act:
    """An action to edit."""
    if one.do is Do.MAIL:
        return Act(do=one.do.value, recipient=one.values[0], subject=one.values[1], value=one.values[2], input="mail")
    if one.do is Do.NOTIFY:
        return Act(do=one.do.value, recipient=one.values[0], value=one.values[1], input="notify")
    entered = INPUTS.get(one.do, "choose")
    return Act(
        do=one.do.value, value=", ".join(one.values) if entered == "words" else "".join(one.values), input=entered
    )


def as_json(one: Act) -> list[str]:
    """What was edited, as a plain list."""
    if one.input == "mail":
        return [one.do, one.recipient, one.subject, one.value]
    if one.input == "notify":
        return [one.do, one.recipient, one.value]
    if one.input == "words":
        return [one.do, *(word.strip() for word in one.value.split(","))]
    return [one.do] if one.input == "nothing" else [one.do, one.value]


def plain(one: Act) -> Act:
    """The action itself, not the proxy a var gives out."""
    return Act(**{item.name: getattr(one, item.name) for item in fields(Act)})


def counted(acts: list[Act]) -> list[Act]:
    """The actions with the numbers they are addressed by."""
    return [replace(plain(one), number=at) for at, one in enumerate(acts)]


def targets(
    known: FilterChoices, macros: Sequence[MacroRow] = (), hooks: Sequence[Choice] = (), policies: Sequence[Choice] = ()
) -> dict[str, list[Choice]]:
    """What each action can be done with."""
    people = _chosen(known.agents)
    words = [Choice(word, label) for word, label in NOTIFIED.items()]
    ones = [Choice(f"team:{one.value}", f"team {one.label}") for one in known.teams]
    return {
        Do.NOTIFY.value: [*words, *ones, *(Choice(f"person:{one.value}", one.label) for one in known.agents)],
        Do.ANSWER.value: [Choice(str(one.id), one.name) for one in macros if one.scope != "me" and one.reply],
        Do.WEBHOOK.value: list(hooks),
        Do.SLA.value: [Choice("none", "what conditions say"), *policies],
        Do.ESCALATE.value: [Choice(one, one) for one in LEVELS],
        Do.STATUS.value: _chosen(known.statuses), Do.PRIORITY.value: _chosen(known.priorities), Do.WATCH.value: people,
        Do.ASSIGN.value: [Choice("none", "nobody"), *people], Do.TEAM.value: [Choice("none", "no team"), *_chosen(known.teams)],
        Do.CATEGORY.value: [Choice("none", "none"), *_chosen(known.categories)],
    }  # fmt: skip


def _chosen(options: tuple[Option, ...]) -> list[Choice]:
    return [Choice(one.value, one.label) for one in options]
