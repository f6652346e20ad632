"""The knowledge base: who writes, who reads, what is found."""

from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from helpdesk import clock
from helpdesk.domain.activity import ActivityKind, sentence
from helpdesk.domain.errors import Conflict, Invalid, NotAllowed, NotFound, SignedOut
from helpdesk.domain.people import anonymous
from helpdesk.models import Activity
from helpdesk.services import catalog, knowledge, organizations
from helpdesk.services.context import Context
from helpdesk.services.unit_of_work import run
from tests.cast import Cast

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
RESET = "Open the sign-in page and press **Forgot password**. A link comes by mail."
SETTINGS = {
    "name": "Acme Support", "timezone": "UTC", "accent": "indigo", "auto_close_hours": 48, "warning_share": 80,
}  # fmt: skip


def _write(cast: Cast, title: str = "Reset your password", body: str = RESET, *, publish: bool = True) -> int:
    made = run(cast.ada, knowledge.save, title=title, body=body)
    if publish:
        run(cast.ada, knowledge.publish, made)
    return made


def _said(cast: Cast) -> list[str]:
    def read(ctx: Context) -> list[str]:
        query = select(Activity).where(col(Activity.kind).startswith("article.")).order_by(col(Activity.id))
        return [sentence(ActivityKind(one.kind), one.data) for one in ctx.session.exec(query)]

    return run(cast.ada, read)


def test_an_article_from_draft_to_archive(cast: Cast) -> None:
    made = _write(cast, publish=False)
    assert run(cast.ada, knowledge.written, made).state == "draft"
    with pytest.raises(NotFound):
        run(cast.rita, knowledge.article, "reset-your-password")
    for _ in range(2):
        run(cast.ada, knowledge.publish, made)
    shown = run(cast.rita, knowledge.article, "reset-your-password")
    assert "<strong>Forgot password</strong>" in shown.html and shown.body == "" and shown.author == ""
    run(cast.ada, knowledge.archive, made)
    with pytest.raises(NotFound):
        run(cast.rita, knowledge.article, "reset-your-password")
    run(cast.ada, knowledge.withdraw, made)
    assert run(cast.ada, knowledge.written, made).state == "draft"
    name = "the article “Reset your password”"
    assert _said(cast) == [f"wrote {name}", f"published {name}", f"archived {name}", f"made {name} a draft again"]


def test_the_address_follows_the_title_until_it_is_published(cast: Cast) -> None:
    made = _write(cast, publish=False)
    run(cast.ada, knowledge.save, made, title="Choose a new password", body=RESET)
    assert run(cast.ada, knowledge.written, made).slug == "choose-a-new-password"
    run(cast.ada, knowledge.publish, made)
    run(cast.ada, knowledge.save, made, title="Something else", body=RESET)
    assert run(cast.ada, knowledge.written, made).slug == "choose-a-new-password"


def test_equal_titles_get_addresses_of_their_own(cast: Cast) -> None:
    slugs = [run(cast.ada, knowledge.written, _write(cast)).slug for _ in range(3)]
    assert slugs == ["reset-your-password", "reset-your-password-2", "reset-your-password-3"]
    assert run(cast.ada, knowledge.written, _write(cast, "密码")).slug == "article"


def test_saving_the_same_twice_says_nothing(cast: Cast) -> None:
    made = _write(cast)
    before = _said(cast)
    run(cast.ada, knowledge.save, made, title="Reset your password", body=RESET)
    assert _said(cast) == before


def test_somebody_elses_change_is_not_overwritten(cast: Cast) -> None:
    with clock.frozen(NOON):
        made = _write(cast)
    seen = run(cast.ada, knowledge.written, made).updated_at
    run(cast.bob, knowledge.save, made, title="Reset it", body=RESET, seen=seen)
    with pytest.raises(Conflict, match="Somebody else"):
        run(cast.ada, knowledge.save, made, title="Mine", body=RESET, seen=seen)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"body": ""}, "body"),
        ({"body": "x" * 100_001}, "body"),
    ],
)
def test_bad_articles_are_refused(cast: Cast, given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.ada, knowledge.save, **{"title": "A", "body": "b"} | given)
    assert list(refused.value.fields) == [field]


def test_who_may_write(cast: Cast) -> None:
    for actor in (cast.rita, cast.xena):
        with pytest.raises(NotAllowed):
            run(actor, knowledge.save, title="A", body="b")
    with pytest.raises(NotFound):
        run(cast.eve, knowledge.written, _write(cast))


def test_other_organizations_find_nothing(cast: Cast) -> None:
    _write(cast)
    assert run(cast.mallory, knowledge.find, "password") == []
    assert run(cast.mallory, knowledge.suggestions, "reset password") == []
    assert run(cast.mallory, knowledge.topics) == ()
    with pytest.raises(NotFound):
        run(cast.mallory, knowledge.article, "reset-your-password")


def test_visitors_read_where_they_may_ask(cast: Cast) -> None:
    _write(cast)
    visitor = anonymous(cast.acme.id)
    assert [one.title for one in run(visitor, knowledge.find, "password")] == ["Reset your password"]
    run(cast.adam, organizations.change, **SETTINGS, public_form=False)
    for verb, given in (
        (knowledge.topics, ()),
        (knowledge.find, ("password",)),
        (knowledge.article, ("reset-your-password",)),
    ):
        with pytest.raises(SignedOut):
            run(visitor, verb, *given)
    assert run(visitor, knowledge.suggestions, "reset my password") == []
    assert run(cast.rita, knowledge.find, "password")


@pytest.mark.parametrize("words", ["password", "passwords", "reset password", "forgot", "pasword", "passw", "Réset"])
def test_found_by_words_halves_and_misspellings(cast: Cast, words: str) -> None:
    _write(cast)
    _write(cast, "Print in colour", "Choose the printer PX-2 in the dialog.")
    assert [one.slug for one in run(cast.rita, knowledge.find, words)] == ["reset-your-password"]


def test_drafts_are_found_by_staff_alone(cast: Cast) -> None:
    made = _write(cast, publish=False)
    assert (
        run(cast.rita, knowledge.find, "password") == []
        and run(cast.rita, knowledge.suggestions, "password reset") == []
    )
    assert [one.id for one in run(cast.ada, knowledge.listing, words="password")] == [made]
    assert run(cast.ada, knowledge.to_insert, "password") == []


def test_suggests_what_the_question_is_about(cast: Cast) -> None:
    _write(cast)
    _write(cast, "Connect to the VPN", "Open the client, choose the nearest gateway, sign in with your password.")
    _write(cast, "Print in colour", "Choose the printer in the dialog.")
    titles = [one.title for one in run(cast.rita, knowledge.suggestions, "I forgot my password, please reset")]
    assert titles[0] == "Reset your password"
    assert run(cast.rita, knowledge.suggestions, "The coffee machine is broken") == []
    assert run(cast.rita, knowledge.suggestions, "pas") == []


def test_topics_are_the_categories_in_their_order(cast: Cast) -> None:
    accounts = run(cast.adam, catalog.save_category, name="Accounts")
    _write(cast, "Loose")
    made = _write(cast)
    run(cast.ada, knowledge.save, made, title="Reset your password", body=RESET, category_id=accounts)
    found = [(topic.name, [one.title for one in topic.articles]) for topic in run(cast.rita, knowledge.topics)]
    assert found == [("Accounts", ["Reset your password"]), ("More", ["Loose"])]


def test_whether_it_helped(cast: Cast) -> None:
    made = _write(cast)
    for is_helpful in (True, False, False):
        run(cast.rita, knowledge.rate, "reset-your-password", is_helpful=is_helpful)
    for _ in range(2):
        run(anonymous(cast.acme.id), knowledge.rate, "reset-your-password", is_helpful=True)
    row = run(cast.ada, knowledge.written, made)
    assert (row.helpful, row.unhelpful) == (2, 1)
    with pytest.raises(NotFound):
        run(cast.rita, knowledge.rate, "nothing-here", is_helpful=True)


def test_the_list_goes_on_behind_its_last(cast: Cast) -> None:
    made = [_write(cast, f"Article {number}") for number in range(5)]
    first = run(cast.ada, knowledge.listing, size=2)
    rest = run(cast.ada, knowledge.listing, before=first[-1].id, size=10)
    assert {one.id for one in first + rest} == set(made) and len(first + rest) == 5
    run(cast.ada, knowledge.archive, made[0])
    assert [one.id for one in run(cast.ada, knowledge.listing, state="archived")] == [made[0]]
