"""Texts with placeholders: the known ones are filled in, anything else is refused when it is written."""

import pytest

from helpdesk.domain import templates
from helpdesk.domain.errors import Invalid

_VALUES = {"ticket": {"reference": "ACME-7K3F9Q", "priority": "High"}, "requester": {"name": "Rita", "first_name": ""}}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hello", "Hello"), ("", ""), ("Hello {{ requester.name }}!", "Hello Rita!"), ("{{requester.name|upper}}", "RITA"),
        ("{{ ticket.reference }}: {{ ticket.priority }}", "ACME-7K3F9Q: High"), ("{{ agent.name }}", ""),
        ("{{ requester.first_name | default('you', true) }}", "you"), ("{% if agent.name %}A{% else %}B{% endif %}", "B"),
        ("{% if ticket.priority == 'High' and not agent.name %}!{% endif %}", "!"), ("100 % {not} {{ '{{' }}", "100 % {not} {{"),
        ("<b>{{ requester.name }}</b>\n", "<b>Rita</b>\n"),
    ],
)  # fmt: skip
def test_filled(text: str, filled: str) -> None:
    assert templates.fill(text, _VALUES) == filled


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ ticket }}", "no placeholder “ticket”"), ("{{ ticket.secret }}", "ticket.secret"), ("{{ x }}", "“x”"),
        ("{{ ticket.__class__ }}", "__class__"), ("{{ ticket.title.__class__ }}", "__class__"), ("{{ ''.__class__ }}", "__class__"),
        ("{{ ticket['title'] }}", "only placeholders"), ("{% for i in range(9) %}{% endfor %}", "only placeholders"),
        ("{{ range(10**9) }}", "only placeholders|no placeholder"), ("{{ 9**9**9 }}", "only placeholders"),
        ("{% set x = 1 %}", "only placeholders"), ("{% include 'x' %}", "only placeholders"), ("{% macro x() %}{% endmacro %}", "only"),
        ("{{ ticket.title | pprint }}", "“pprint” is not available"), ("{{ 'x' * 999999999 }}", "only placeholders"),
        ("{{ ticket.title() }}", "only placeholders"), ("a\nb {{ ", "Line 2"), ("{% if x %}", "cannot be read"), ("{{ ticket. }}", "cannot be read"),
        ("x" * 10_001, "at most 10,000"), ("{{ 'x' | nosuch }}", "not available|cannot be read"), ("{{ requester.name ~ 'x' }}", "only"),
    ],
)  # fmt: skip
def test_refused(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        templates.check(text)
    with pytest.raises(Invalid):
        templates.fill(text, _VALUES)


def test_values_are_never_read_as_templates() -> None:
    assert templates.fill("{{ requester.name }}", {"requester": {"name": "{{ ticket.title }}"}}) == "{{ ticket.title }}"
