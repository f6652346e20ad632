"""Every kind of activity says a sentence, whatever its data."""

import pytest

from helpdesk.domain.activity import PUBLIC_KINDS, SENTENCES, ActivityKind, sentence


@pytest.mark.parametrize("kind", list(ActivityKind))
def test_every_kind_says_something_without_data(kind: ActivityKind) -> None:
    said = sentence(kind, {})
    assert said and "{" not in said


@pytest.mark.parametrize("kind", [kind for kind in ActivityKind if kind.value.startswith(("ticket.", "sla."))])
def test_what_happens_to_tickets_has_its_own_words(kind: ActivityKind) -> None:
    assert kind in SENTENCES


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        (ActivityKind.TICKET_STATUS_CHANGED, {"before": "New", "after": "Open"}, "changed the status from New to Open"),
        (ActivityKind.TICKET_TAGS_CHANGED, {"after": ["a", "b"]}, "changed the tags to a, b"),
        (ActivityKind.TICKET_TAGS_CHANGED, {"after": []}, "changed the tags to nothing"),
        (ActivityKind.TICKET_CATEGORY_CHANGED, {"before": "", "after": None}, "changed the category from nothing to nothing"),
        (ActivityKind.TICKET_ASSIGNED, {"assignee": "Ada", "reason": "least loaded"}, "assigned it to Ada (least loaded)"),
        (ActivityKind.TICKET_RATED, {"score": 5}, "rated the help 5 of 5"),
        (ActivityKind.TICKET_TITLE_CHANGED, {"before": "{after} {0} {x.__class__}"}, "changed the subject from “{after} {0} {x.__class__}”"),
    ],
)  # fmt: skip
def test_sentences(kind: ActivityKind, data: dict[str, object], said: str) -> None:
    assert sentence(kind, data) == said


def test_notes_are_not_public() -> None:
    assert ActivityKind.TICKET_NOTED not in PUBLIC_KINDS
