"""Texts with placeholders, as rules and macros keep them: "Hello {{ requester.first_name }}".

Jinja2 in its sandbox, and of Jinja2 only what a letter needs: known placeholders, "if", and a few filters. No loops, no
calls: a text an administrator wrote may take no longer than reading it.
"""

from collections.abc import Iterator, Mapping

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

from helpdesk.domain.errors import Invalid

LONGEST = 10_000
PLACEHOLDERS: dict[str, dict[str, str]] = {
    "ticket": {
        "reference": "ACME-7K3F9Q", "title": "its subject", "status": "its status", "priority": "its priority",
        "category": "its category", "team": "its team",
    },
    "requester": {
        "name": "who asked", "first_name": "their first name", "email": "their address", "company": "their company",
    },
    "agent": {"name": "who writes, or has the ticket", "first_name": "their first name"},
    "organization": {"name": "our name"},
}  # fmt: skip
KNOWN = tuple(f"{thing}.{fact}" for thing, facts in PLACEHOLDERS.items() for fact in facts)
_FILTERS = ("upper", "lower", "title", "capitalize", "default", "trim")
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Getattr, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter,
)  # fmt: skip
_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)

Values = Mapping[str, Mapping[str, str]]


def check(text: str) -> None:
    """Refuse a text that could not be filled in.

    Raises:
        Invalid: too long, a mistake in the writing, or an unknown placeholder; says which and in which line.
    """
    if len(text) > LONGEST:
        raise Invalid(text=f"Use at most {LONGEST:,} characters.")
    try:
        tree = _ENVIRONMENT.parse(text)
    except TemplateError as error:
        line = getattr(error, "lineno", 1)
        raise Invalid(text=f"Line {line} cannot be read: {str(error)[:120]}.") from None
    for node in _walk(tree):
        _check_node(node)


def fill(text: str, values: Values) -> str:
    """The text with its placeholders filled in; a fact that is not there is empty.

    Raises:
        Invalid: as `check`.
    """
    check(text)
    known = {
        thing: {fact: values.get(thing, {}).get(fact, "") for fact in facts} for thing, facts in PLACEHOLDERS.items()
    }
    try:
        return _ENVIRONMENT.from_string(text).render(known)
    except (TemplateError, TypeError, ValueError) as error:
        raise Invalid(text=f"The text cannot be filled in: {str(error)[:120]}.") from None


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    # What a placeholder is made of is read with it.
    if not (isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name)):
        for child in node.iter_child_nodes():
            yield from _walk(child)


def _check_node(node: nodes.Node) -> None:
    if isinstance(node, nodes.Getattr):
        name = f"{node.node.name}.{node.attr}" if isinstance(node.node, nodes.Name) else f"….{node.attr}"
        if name not in KNOWN:
            raise Invalid(text=f"Line {node.lineno}: there is no placeholder “{name}”. Use one of: {', '.join(KNOWN)}.")
    elif isinstance(node, nodes.Name):
        raise Invalid(
            text=f"Line {node.lineno}: there is no placeholder “{node.name}”. Use one of: {', '.join(KNOWN)}."
        )
    elif isinstance(node, nodes.Filter) and (node.name not in _FILTERS or node.kwargs or node.dyn_args):
        raise Invalid(text=f"Line {node.lineno}: “{node.name}” is not available. Use one of: {', '.join(_FILTERS)}.")
    elif not isinstance(node, _ALLOWED):
        raise Invalid(text=f"Line {node.lineno}: only placeholders and “if” can be used here.")
