"""Finding tickets by words, and not finding what is none of one's business."""

import pytest

from helpdesk.domain.filters import TicketFilter
from helpdesk.domain.marks import pieces
from helpdesk.domain.people import Actor
from helpdesk.services import attachments, search, tickets
from helpdesk.services.unit_of_work import run
from tests.cast import Cast


def _file(
    cast: Cast, title: str = "Crème brûlée machine broken", description: str = "The Überhitzung alarm rings."
) -> str:
    return run(cast.rita, tickets.create, title=title, description=description)


def _find(actor: Actor, text: str, **more: object) -> list[str]:
    return [row.reference for row in run(actor, tickets.page, TicketFilter(text=text, **more)).rows]


@pytest.mark.parametrize(
    "words",
    [
        "creme brulee", "CRÈME", "machines", "break OR broken", '"machine broken"', "uberhitzung", "Rita", "rita@northwind.example",
        "machine -printer", "alarm", "ringing",
    ],
)  # fmt: skip
def test_words_are_found_without_accents_in_any_form(cast: Cast, words: str) -> None:
    ref = _file(cast)
    assert _find(cast.ada, words) == [ref] and _find(cast.rita, words) == [ref]


@pytest.mark.parametrize("words", ["printer", "machine -broken", '"broken machine"', "evil.example"])
def test_other_words_are_not(cast: Cast, words: str) -> None:
    _file(cast)
    assert _find(cast.ada, words) == []


def test_the_reference_is_found_alone_in_any_case(cast: Cast) -> None:
    ref = _file(cast)
    other = _file(cast, title=f"Like {ref}")
    assert _find(cast.ada, ref) == [ref] and _find(cast.ada, f" {ref.lower()} ") == [ref]
    assert other not in _find(cast.rita, ref)


def test_replies_are_found_by_all_and_notes_by_staff(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.reply, ref, "Try the gasket")
    run(cast.ada, tickets.note, ref, "Customer is a nuisance")
    assert _find(cast.rita, "gasket") == _find(cast.ada, "gasket") == _find(cast.ada, "nuisance") == [ref]
    for actor in (cast.rita, cast.carl):
        assert _find(actor, "nuisance") == []
        assert _find(actor, "gasket -nuisance") == [ref], "what is not there excludes nothing"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("machien", "machine"), ("brokne", "broken"), ("mashine", "machine"), ("requestr", "requester"),
        ("brulle", "brulee"), ("alarm machien", "alarm machine"),
    ],
)  # fmt: skip
def test_typing_errors_are_forgiven(cast: Cast, typed: str, meant: str) -> None:
    ref = _file(cast)
    assert _find(cast.ada, typed) == [], "nothing is learned yet"
    assert run(cast.desk, search.learn) is False
    page = run(cast.ada, tickets.page, TicketFilter(text=typed))
    assert ([row.reference for row in page.rows], page.corrected) == ([ref], meant)
    assert _find(cast.rita, typed) == [ref]


def test_words_that_exist_are_left_as_they_are(cast: Cast) -> None:
    ref, other = _file(cast, "Cable"), _file(cast, "Table")
    run(cast.desk, search.learn)
    for word, found in (("cable", ref), ("table", other)):
        page = run(cast.ada, tickets.page, TicketFilter(text=word))
        assert [row.reference for row in page.rows] == [found] and page.corrected == ""
    assert run(cast.ada, tickets.page, TicketFilter(text="xylophone")).corrected == ""


def test_a_customer_is_told_no_words_of_others(cast: Cast) -> None:
    _file(cast, "Projectzebra")
    run(cast.desk, search.learn)
    for actor in (cast.zoe, cast.mallory):
        assert run(actor, tickets.page, TicketFilter(text="projectzebr")).corrected == ""
    assert run(cast.eve, search.corrected, "projectzebr") == "projectzebr", "and other organizations learn nothing"


def test_hits_are_marked_in_the_title_and_where_they_are(cast: Cast) -> None:
    ref = _file(cast, "Two <b>machines</b>", "One machine & another")
    row = run(cast.ada, tickets.page, TicketFilter(text="machine")).rows[0]
    assert pieces(row.title_marked) == ["Two <b>", "machines", "</b>"]
    assert pieces(row.excerpt_marked) == ["One ", "machine", " & another"]
    run(cast.ada, tickets.reply, ref, "It is the gasket.")
    run(cast.ada, tickets.note, ref, "A gasket of a nuisance")
    for actor, said in ((cast.ada, "nuisance"), (cast.rita, "It is")):
        shown = run(actor, tickets.page, TicketFilter(text="gasket")).rows[0]
        assert pieces(shown.excerpt_marked)[1:2] == ["gasket"] and said in shown.excerpt_marked


def test_files_are_found_by_their_names(cast: Cast) -> None:
    def upload(actor: Actor, name: str) -> int:
        return run(actor, attachments.store, filename=name, content_type="text/plain", stream=[b"x"]).id

    first = upload(cast.rita, "budget_q3.txt")
    ref = run(cast.rita, tickets.create, title="x", description="y", attachment_ids=[first])
    run(cast.ada, tickets.reply, ref, "z", attachment_ids=[upload(cast.ada, "Angebot-Nord.txt")])
    run(cast.ada, tickets.note, ref, "z", attachment_ids=[upload(cast.ada, "blacklist.txt")])
    for words in ("budget_q3.txt", "budget", "angebot", "nord"):
        assert _find(cast.ada, words) == [ref] == _find(cast.rita, words), words
    assert _find(cast.ada, "blacklist") == [ref] and _find(cast.rita, "blacklist") == []


def test_a_new_title_is_found(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.ada, tickets.retitle, ref, "Espresso")
    assert _find(cast.ada, "espresso") == [ref]


def test_the_title_counts_most(cast: Cast) -> None:
    second = _file(cast, "Something", "the gasket is mentioned")
    first = _file(cast, "Gasket", "something")
    assert _find(cast.ada, "gasket") == [first, second]


def test_words_and_filters_together(cast: Cast) -> None:
    ref = _file(cast)
    assert _find(cast.ada, "machine", priority=("urgent",)) == []
    assert _find(cast.ada, "machine", status=("new",)) == [ref]


def test_nobody_finds_what_they_may_not_see(cast: Cast) -> None:
    ref = _file(cast)
    run(cast.max, tickets.move_to_team, ref, team_id=cast.support)
    for actor in (cast.zoe, cast.bob, cast.eve, cast.mallory):
        assert _find(actor, "machine") == [] and _find(actor, ref) == []
    assert _find(cast.carl, "machine") == [ref]


def test_customers_find_their_own_among_everybodys(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cap on common words must not fill up with other people's tickets."""
    monkeypatch.setattr(search, "MOST", 3)
    own = run(cast.zoe, tickets.create, title="Printer", description="mine")
    for _ in range(8):
        _file(cast, "Printer")
    assert _find(cast.zoe, "printer") == [own]


WEIRD = [
    '"unbalanced', ":*&|!", "'", "\\", "%", "_", "(((", "a & | b", "<->", "!", "-", "--", "👋", "👋🏽👋🏽", "\x00", "a\x00b", "\ud800",
    "x" * 10_000, "x " * 5_000, '"' * 999, "ACME-", "ACME-!!!!!!", "-ACME", "ACME-" + "2" * 500, "日本語", "the and of",
    "'; DROP TABLE ticket; --", "\u202e", "a" * 200 + "é", "OR OR OR", "² ½", "\n\t\r",
]  # fmt: skip


@pytest.mark.parametrize("words", WEIRD)
def test_weird_words_are_only_words(cast: Cast, words: str) -> None:
    _file(cast)
    for actor in (cast.ada, cast.rita):
        assert len(_find(actor, words)) <= 1


@pytest.mark.parametrize("words", WEIRD)
def test_weird_words_can_be_filed_and_answered(cast: Cast, words: str) -> None:
    ref = _file(cast, f"x {words[:200]}", f"x {words}")
    run(cast.ada, tickets.reply, ref, f"x {words}")
    run(cast.ada, tickets.note, ref, f"x {words}")
    assert ref in _find(cast.ada, "x")


def test_very_long_texts_fill_no_index(cast: Cast) -> None:
    long = "".join(f"w{number:x} " for number in range(20_000))[:99_000]
    ref = _file(cast, "Long", long)
    for _ in range(12):
        run(cast.ada, tickets.reply, ref, long)
        long = long.replace("w", "wx", 5_000)[:99_000]
    assert _find(cast.ada, "long") == [ref]


def test_ideographs_without_spaces_are_survived(cast: Cast) -> None:
    assert _file(cast, "漢" * 300, "字" * 100_000)
