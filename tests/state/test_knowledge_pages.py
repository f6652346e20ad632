"""The knowledge base on a served desk: an article is written, found while one asks, and put into an answer."""

import pytest

from helpdesk.services import knowledge, organizations, tickets
from helpdesk.state.admin.organization import OrganizationSettings
from helpdesk.state.agent.answers import ArticlePicker
from helpdesk.state.agent.article import ArticleEditor
from helpdesk.state.agent.articles import Articles
from helpdesk.state.agent.palette import Palette
from helpdesk.state.agent.queue import Queue
from helpdesk.state.portal.article import HelpArticle
from helpdesk.state.portal.help import Help
from helpdesk.state.portal.home import Home
from helpdesk.state.portal.new import NewRequest
from helpdesk.state.portal.public import PublicRequest
from tests.served import Desk, desk  # noqa: F401 - a fixture
from tests.state.test_admin_pages import ADMIN, do, opened, play, run

pytestmark = pytest.mark.real_redis
AGENT, CUSTOMER = "ada@acme.example", "rita@northwind.example"


def test_an_article_is_written_published_and_put_back(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        tab = await opened(desk, AGENT, "/agent/articles/new")
        await do(tab, ArticleEditor.look, body="**Hold** it")
        assert "<strong>Hold</strong>" in tab.value(ArticleEditor, "html")
        await do(tab, ArticleEditor.save, sent={"article_id": "0", "title": "", "body": "x"})
        assert "title" in tab.value(ArticleEditor, "errors")
        said = await do(
            tab, ArticleEditor.save, sent={"title": "Calibrate the zebra", "body": "**Hold** it", "then": "publish"}
        )
        assert "is published" in said
        made = tab.value(ArticleEditor, "article")
        assert made["state"] == "published"
        await do(tab, ArticleEditor.move, article_id=made["id"], state="archived")
        assert tab.value(ArticleEditor, "article")["state"] == "archived"
        await do(tab, ArticleEditor.put_back, article_id=made["id"], state="published")
        assert tab.value(ArticleEditor, "article")["state"] == "published"
        listed = await opened(desk, AGENT, "/agent/articles?text=zebra")
        assert [row["slug"] for row in listed.value(Articles, "rows")] == ["calibrate-the-zebra"]
        missing = await opened(desk, AGENT, "/agent/articles/999999")
        assert missing.value(ArticleEditor, "problem") == "missing"
        for one in (tab, listed, missing):
            await one.close()

    play(story())


def test_it_is_read_rated_and_offered(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        made = await run(desk.cast.ada, knowledge.save, title="Ferry timetable for the harbour", body="Every hour.")
        await run(desk.cast.ada, knowledge.publish, made)
        visitor = await opened(desk, "", "/help?text=harbour")
        assert [row["slug"] for row in visitor.value(Help, "found")] == ["ferry-timetable-for-the-harbour"]
        reader = await opened(desk, "", "/help/ferry-timetable-for-the-harbour")
        assert reader.value(HelpArticle, "title") == "Ferry timetable for the harbour"
        await do(reader, HelpArticle.rate, answer="yes")
        assert reader.value(HelpArticle, "said") == "yes"
        assert (await run(desk.cast.ada, knowledge.written, made)).helpful == 1
        asking = await opened(desk, "", "/public/new")
        await do(asking, PublicRequest.look_for_answers, title="Where is the ferry timetable?")
        assert asking.value(PublicRequest, "answers")[0]["id"] == made
        home = await opened(desk, CUSTOMER, "/")
        await do(home, Home.look, text="ferr")
        assert home.value(Home, "answers")[0]["id"] == made
        new = await opened(desk, CUSTOMER, "/requests/new")
        await do(new, NewRequest.look_for_alike, title="Where is the ferry timetable?")
        assert new.value(NewRequest, "answers")[0]["id"] == made
        ref = await run(desk.cast.rita, tickets.create, title="Ferry timetable", description="x")
        agent = await opened(desk, AGENT, f"/agent?ticket={ref}")
        await do(agent, ArticlePicker.open)
        assert agent.value(ArticlePicker, "rows")[0]["id"] == made
        assert "/help/ferry-timetable-for-the-harbour" in await do(agent, ArticlePicker.insert, article_id=made)
        for one in (visitor, reader, asking, home, new, agent):
            await one.close()

    play(story())


def test_the_organization_turns_it_on(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        before = await run(desk.cast.adam, organizations.mine)
        tab = await opened(desk, ADMIN, "/admin/organization")
        form = {
            "name": before.name, "timezone": before.timezone, "accent": before.accent, "public_form": "on",
            "auto_close_hours": "168", "warning_share": "80", "reference_prefix": before.reference_prefix,
            "attachment_megabytes": "0", "answers_with_articles": "on", "waiting_close_hours": "336",
            "waiting_notice_hours": "24", "waiting_status": "waiting_on_customer",
        }  # fmt: skip
        await do(tab, OrganizationSettings.save, sent=form | {"waiting_notice_hours": "336"})
        assert "waiting_notice_hours" in tab.value(OrganizationSettings, "errors")
        await do(tab, OrganizationSettings.save, sent=form)
        now = await run(desk.cast.adam, organizations.mine)
        assert now.answers_with_articles and (now.auto_close_hours, now.waiting_close_hours) == (168, 336)
        off = {key: value for key, value in form.items() if key != "answers_with_articles"}
        await do(tab, OrganizationSettings.save, sent=off | {"waiting_close_hours": "0", "auto_close_hours": "48"})
        assert not (await run(desk.cast.adam, organizations.mine)).answers_with_articles
        await tab.close()

    play(story())


def test_phrases_are_offered_as_filters(desk: Desk) -> None:  # noqa: F811
    async def story() -> None:
        ref = await run(desk.cast.rita, tickets.create, title="Gate", description="x", priority="urgent")
        tab = await opened(desk, "max@acme.example", "/agent?text=urgent+tickets+from+rita")
        assert tab.value(Queue, "meant") == "Priority Urgent · Requester Rita Requester"
        href = tab.value(Queue, "meant_href")
        plain = await opened(desk, "max@acme.example", "/agent?text=purple+gate")
        assert plain.value(Queue, "meant") == ""
        shown = await opened(desk, "max@acme.example", href)
        assert ref in [row["reference"] for row in shown.value(Queue, "rows")]
        await do(tab, Palette.look, text="urgent tickets from rita")
        said = [one for one in tab.value(Palette, "items") if one["group"] == "As you said it"]
        assert [one["href"] for one in said] == [href]
        for one in (tab, plain, shown):
            await one.close()

    play(story())
