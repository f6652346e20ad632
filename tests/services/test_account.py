"""One's own profile: everybody changes their own, and nobody anybody else's."""

import pytest
from sqlmodel import col, select

from helpdesk.domain.errors import Invalid, NotAllowed, NotFound, SignedOut, TooLarge
from helpdesk.domain.people import anonymous
from helpdesk.models import Activity, Delivery, Person
from helpdesk.services import account, people, reactions, tickets
from helpdesk.services.unit_of_work import run
from tests.cast import Cast
from tests.conftest import Heard

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 60
FORM = {"name": "Rita Renamed", "phone": "+49 30 901820", "timezone": "Europe/Berlin"}


def _newest(cast: Cast) -> Activity:
    return run(cast.desk, lambda ctx: ctx.session.exec(select(Activity).order_by(col(Activity.id).desc())).first())


@pytest.mark.parametrize("name", ["rita", "ada", "tom", "max", "xena", "adam", "olga"])
def test_everybody_changes_their_own_profile(cast: Cast, heard: Heard, name: str) -> None:
    actor = getattr(cast, name)
    row = run(
        actor, account.change_profile, name=" New  Name ", phone="+4930901820", address="1 Main St", department="Sales",
        job_title="Head", timezone="Europe/Berlin",
    )  # fmt: skip
    assert (row.name, row.phone, row.address, row.department, row.job_title, row.timezone) == (
        "New Name", "+49 30 901820", "1 Main St", "Sales", "Head", "Europe/Berlin",
    )  # fmt: skip
    happened = _newest(cast)
    assert (happened.kind, happened.subject_id, happened.actor_id) == (
        "person.profile_changed", actor.person_id, actor.person_id,
    )  # fmt: skip
    assert happened.data["changed"]["timezone"] == ["UTC", "Europe/Berlin"]
    assert {f"user-{actor.person_id}", f"sessions-{actor.person_id}"} <= heard.topics


def test_the_same_again_is_no_change(cast: Cast) -> None:
    run(cast.rita, account.change_profile, **FORM)
    before = _newest(cast).id
    run(cast.rita, account.change_profile, **FORM)
    assert _newest(cast).id == before


@pytest.mark.parametrize(
    ("more", "fields"),
    [({"name": " "}, {"name"}), ({"phone": "030 1"}, {"phone"}), ({"timezone": "Mars/Olympus"}, {"timezone"}),
     ({"name": "x", "phone": "no", "timezone": ""}, {"name", "phone", "timezone"})],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_field(cast: Cast, more: dict[str, str], fields: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        run(cast.rita, account.change_profile, **(FORM | more))
    assert set(refused.value.fields) == fields


def test_visitors_have_no_profile(cast: Cast) -> None:
    for verb, form in ((account.profile, {}), (account.change_profile, FORM), (account.remove_picture, {})):
        with pytest.raises(SignedOut):
            run(anonymous(cast.acme.id), verb, **form)


def test_a_muted_notice_sends_no_mail_and_the_others_do(cast: Cast) -> None:
    def templates() -> list[str]:
        found = select(Delivery.template).where(Delivery.person_id == cast.rita.person_id)
        return list(run(cast.desk, lambda ctx: ctx.session.exec(found).all()))

    wanted = ["mail.ticket_created", "mail.mention", "made up"]
    row = run(cast.rita, account.change_notices, wants_mail=True, wanted=wanted)
    assert row.wanted_notices == ("mail.ticket_created",)
    assert _newest(cast).data["fields"] == ["notifications"]
    ref = run(cast.rita, tickets.create, title="Printer", description="It burns.")
    run(cast.ada, tickets.reply, ref, "We look at it.")
    run(cast.desk, lambda ctx: reactions.react(ctx, list(ctx.session.exec(select(Activity.id)))))
    assert templates() == ["ticket_received"]


def test_a_picture_is_shown_replaced_and_removed(cast: Cast) -> None:
    first = run(cast.rita, account.set_picture, stream=[PNG])
    assert run(cast.rita, people.me).picture == first == run(cast.adam, people.one, cast.rita.person_id).picture
    assert _newest(cast).kind == "person.picture_changed"
    second = run(cast.rita, account.set_picture, stream=[b"\xff\xd8\xff" + b"x" * 9])
    assert second != first, "browsers keep what an address once gave"
    kind, stream = run(cast.ada, account.picture, cast.rita.person_id)
    assert (kind, b"".join(stream)) == ("image/jpeg", b"\xff\xd8\xff" + b"x" * 9)
    run(cast.rita, account.remove_picture)
    assert run(cast.rita, account.profile).picture == ""
    assert _newest(cast).data == {"has_one": False}
    with pytest.raises(NotFound):
        run(cast.ada, account.picture, cast.rita.person_id)


def test_customers_see_staff_and_themselves_only(cast: Cast) -> None:
    for actor in (cast.rita, cast.zoe, cast.ada):
        run(actor, account.set_picture, stream=[PNG])
    for seen in (cast.rita, cast.ada):
        assert run(cast.rita, account.picture, seen.person_id)
    with pytest.raises(NotFound):
        run(cast.rita, account.picture, cast.zoe.person_id)
    with pytest.raises(NotFound):
        run(cast.eve, account.picture, cast.ada.person_id)
    with pytest.raises((SignedOut, NotAllowed)):
        run(anonymous(cast.acme.id), account.picture, cast.ada.person_id)


def test_pictures_stand_beside_what_people_wrote(cast: Cast) -> None:
    ref = run(cast.rita, tickets.create, title="Printer", description="It burns.")
    run(cast.ada, tickets.reply, ref, "We look at it.")
    face = run(cast.ada, account.set_picture, stream=[PNG])
    run(cast.rita, account.set_picture, stream=[PNG])
    run(cast.rita, tickets.reply, ref, "It still burns.")
    by_carl, by_adam = (run(actor, tickets.one, ref).comments for actor in (cast.carl, cast.adam))
    assert {one.author: one.author_picture for one in by_carl if one.author_id} == {
        "Ada Agent": face, "Rita Requester": "",
    }  # fmt: skip
    assert all(one.author_picture for one in by_adam if one.author_id)


def test_only_small_pictures_are_taken(cast: Cast) -> None:
    with pytest.raises(Invalid):
        run(cast.rita, account.set_picture, stream=[b"<svg onload='alert(1)'/>"])
    with pytest.raises(TooLarge):
        run(cast.rita, account.set_picture, stream=[PNG, b"x" * 1_000_000])
    assert run(cast.desk, lambda ctx: ctx.session.get_one(Person, cast.rita.person_id).picture_key) == ""
