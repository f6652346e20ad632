"""A filter and its URL are the same thing."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.conditions import as_json, from_json
from helpdesk.domain.errors import Invalid
from helpdesk.domain.filters import BUILT_IN_VIEWS, PAGE_SIZES, Sort, TicketFilter, Whose, as_group, parse
from helpdesk.domain.tickets import Channel, StatusCategory

_WORDS = st.lists(st.from_regex(r"[a-z0-9_]{1,12}", fullmatch=True), max_size=3).map(tuple)
_IDS = st.lists(st.integers(1, 2**63 - 1), max_size=3).map(tuple)
_MOMENTS = st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - bounds
    lambda at: at.replace(microsecond=0)
)
_FILTERS = st.builds(
    TicketFilter,
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200).map(str.strip),
    open=st.none() | st.booleans(),
    category=st.lists(st.sampled_from(StatusCategory), max_size=3).map(tuple),
    status=_WORDS, priority=_WORDS, tag=_WORDS,
    topic=_IDS, team=_IDS, assignee=_IDS, requester=_IDS, company=_IDS,
    whose=st.sampled_from(Whose),
    channel=st.lists(st.sampled_from(Channel), max_size=3).map(tuple),
    at_risk=st.booleans(), breached=st.booleans(), rated=st.booleans(), mentioned=st.booleans(),
    created_from=_MOMENTS, created_to=_MOMENTS, updated_from=_MOMENTS, updated_to=_MOMENTS, resolved_from=_MOMENTS,
    resolved_to=_MOMENTS, closed_from=_MOMENTS, closed_to=_MOMENTS, breached_from=_MOMENTS, breached_to=_MOMENTS,
    sort=st.sampled_from(Sort), size=st.sampled_from(PAGE_SIZES),
)  # fmt: skip


@given(_FILTERS)
def test_there_and_back_again(wanted: TicketFilter) -> None:
    assert parse(dict(parse_qsl(wanted.query(), keep_blank_values=True))) == wanted


@pytest.mark.parametrize("view", BUILT_IN_VIEWS, ids=lambda view: view.slug)
def test_views_survive_their_links(view) -> None:
    assert parse(dict(parse_qsl(view.filter.query()))) == view.filter


def test_the_default_has_the_empty_url() -> None:
    assert TicketFilter().query() == "" and parse({}) == TicketFilter()


def test_parameters_of_others_are_left_alone() -> None:
    assert parse({"cursor": "x", "utm_source": "mail", "organization_id": "7"}) == TicketFilter()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("team", "x"), ("team", "0"), ("team", "-1"), ("team", str(2**63)), ("team", "1.5"), ("team", "²"),
        ("assignee", "1 OR 1=1"), ("requester", "null"), ("topic", "1;2"), ("company", "NaN"),
        ("size", "26"), ("size", "-1"), ("size", "1e3"), ("size", "1000000"),
        ("sort", "title; DROP TABLE ticket"), ("whose", "you"), ("open", "maybe"), ("category", "nonsense"),
        ("channel", "fax"), ("created_from", "yesterday"), ("created_to", "2026-13-01"), ("updated_from", "2026-02-30"),
        ("created_from", "0001-01-01T00:00:00+14:00"), ("closed_to", "9999-12-31T23:59:59-14:00"),
    ],
)  # fmt: skip
def test_bad_values_name_their_field(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse({field: value})
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("field", "value", "wanted"),
    [
        ("sort", "-created_at", "-created, created, due"), ("size", "7", "25, 50, 100"), ("open", "maybe", "yes or no"),
        ("team", "x", "ids"), ("created_from", "soon", "2026-01-31"), ("whose", "you", ": me, none."),
    ],
)  # fmt: skip
def test_bad_values_hear_what_would_do(field: str, value: str, wanted: str) -> None:
    with pytest.raises(Invalid, match=wanted):
        parse({field: value})


@given(st.sampled_from([*TicketFilter.__dataclass_fields__]), st.text(max_size=40))
def test_anything_is_either_a_filter_or_refused_by_name(field: str, value: str) -> None:
    try:
        parse({field: value})
    except Invalid as refused:
        assert list(refused.fields) == [field]


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-21", datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-21T10:00:00Z", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        ("2026-11-21T10:00:00+02:00", datetime(2026, 11, 21, 8, tzinfo=UTC)),
        ("2026-11-21T10:00:00", datetime(2026, 11, 21, 10, tzinfo=UTC)),
    ],
)
def test_moments_end_up_in_utc(value: str, moment: datetime) -> None:
    assert parse({"created_from": value}).created_from == moment


def test_long_texts_are_cut() -> None:
    assert len(parse({"text": "x" * 10_000}).text) == 200


def test_what_the_bar_says_becomes_conditions_beside_the_others() -> None:
    where = from_json(
        {"all": [["has_due", "is", "no"], {"any": [["tag", "is", "vip"], {"all": [["sla", "is", "ok"]]}]}]}
    )
    wanted = TicketFilter(
        open=True, priority=("high",), answered=False, breached=True, closed_from=datetime(2026, 11, 1, 23, tzinfo=UTC),
        created_to=datetime(2026, 11, 18, 14, 30, tzinfo=UTC), where=where,
    )  # fmt: skip
    group = as_group(wanted, "Europe/Berlin")
    assert as_json(group)["all"] == [
        ["status_category", "any", "new", "open", "pending"], ["answered", "is", "no"], ["sla", "is", "breached"],
        ["priority", "any", "high"], ["created", "before", "2026-11-18T14:30:00Z"], ["closed", "after", "2026-11-01"],
        *as_json(where)["all"],
    ]  # fmt: skip
    assert from_json(as_json(group)) == group, "not nested too deep"
