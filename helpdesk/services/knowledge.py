"""The knowledge base: writing articles, finding them, and hearing whether they helped.

Staff write; customers read what is published, and so do visitors where the organization takes requests from them, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import defer
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from helpdesk import settings
from helpdesk.domain.activity import ActivityKind
from helpdesk.domain.articles import (
    BODY_LENGTH,
    SLUG_LENGTH,
    TITLE_LENGTH,
    WORTH_A_LOOK,
    ArticleState,
    Hit,
    relevance,
    summary,
)
from helpdesk.domain.errors import Conflict, Invalid, NotFound, SignedOut
from helpdesk.domain.people import ActorKind
from helpdesk.domain.permissions import Permission
from helpdesk.domain.text import clean, excerpt, one_line, slug, to_html
from helpdesk.models import Article, ArticleFeedback, Person
from helpdesk.services import access, catalog
from helpdesk.services.context import Context, anyone, requires, step

SHOWN = 3
MOST = 50
# Of a question's words with articles that have them: rare words come first, common ones tell nothing.
_HITS = 400
# Shorter ones match everything; UX: from about a word and a half.
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article as shown. Lists leave the texts out."""

    id: int = 0
    slug: str = ""
    title: str = ""
    category: str = ""
    category_id: int = 0
    state: str = ArticleState.DRAFT.value
    author: str = ""
    updated_at: str = ""
    published_at: str = ""
    summary: str = ""
    helpful: int = 0
    unhelpful: int = 0
    body: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An article that may answer a question, with its address."""

    id: int
    slug: str
    title: str
    summary: str
    url: str = ""
    relevance: float = 0.0


@dataclass(frozen=True, slots=True)
class Topic:
    """A category of the help pages with its articles."""

    name: str
    description: str
    articles: tuple[Suggestion, ...]


# ---- Writing -----------------------------------------------------------------------------------------------------


@requires(Permission.ARTICLE_WRITE)
def listing(
    ctx: Context,
    *,
    words: str = "",
    state: str = "",
    category_id: int | None = None,
    before: int | None = None,
    size: int = 50,
) -> list[ArticleRow]:
    """Articles, the last changed first; with words the best first, at most 50.

    Args:
        state: draft, published or archived; all of them when empty.
        before: only those behind this one (keyset).
    """
    query = _articles(ctx)
    if state in set(ArticleState):
        query = query.where(Article.state == state)
    if category_id:
        query = query.where(Article.category_id == access.whole(category_id))
    if words := one_line(words)[:200]:
        ids = _found(ctx, words)
        rows = ctx.session.exec(query.where(col(Article.id).in_(ids))).all()
        return _rows(ctx, sorted(rows, key=lambda one: ids.index(one.id)))
    place = tuple_(col(Article.updated_at), col(Article.id))
    if before:
        edge = select(Article.updated_at, Article.id).where(Article.id == access.whole(before))
        query = query.where(place < edge.scalar_subquery())
    newest = query.order_by(col(Article.updated_at).desc(), col(Article.id).desc()).limit(min(size, 200))
    return _rows(ctx, ctx.session.exec(newest).all())


@requires(Permission.ARTICLE_WRITE)
def written(ctx: Context, article_id: int) -> ArticleRow:
    """One article to read or change.

    Raises:
        NotFound: no such article.
    """
    return _rows(ctx, [access.one(ctx, Article, article_id, what="article")], with_text=True)[0]


@requires(Permission.ARTICLE_WRITE)
def preview(ctx: Context, body: str) -> str:
    """What a text will look like, as sanitised HTML."""
    return to_html(clean(body)[:BODY_LENGTH])


@requires(Permission.ARTICLE_WRITE)
def save(
    ctx: Context,
    article_id: int | None = None,
    *,
    title: str,
    body: str,
    category_id: int | None = None,
    seen: str = "",
) -> int:
    """Write an article, or change the one with `article_id`; returns its id. A new one is a draft; the address of a
    published one stays.

    Args:
        body: Markdown.
        seen: when the article was last changed as its writer saw it; somebody else's change since is not overwritten.

    Raises:
        Invalid: names the field.
        NotFound: no such article.
        Conflict: somebody else has changed it in the meantime.
    """
    title, body = _checked(title, body)
    category = catalog.current(ctx).category(category_id)
    article = _locked(ctx, article_id) if article_id else None
    if article is not None and seen and article.updated_at.isoformat() != seen:
        raise Conflict(
            "Somebody else has changed this article. Copy your text, load the page anew, and put it in there."
        )
    before = _facts(article) if article else None
    is_new_text = article is None or article.body != body
    if article is None:
        article = Article(
            slug="",
            title=title,
            body=body,
            body_html="",
            author_id=ctx.actor.person_id,
            created_at=ctx.now,
            updated_at=ctx.now,
        )
    if article.published_at is None and (article.title != title or not article.slug):
        article.slug = _free_slug(ctx, title, article.id)
    article.title, article.category_id = title, category.id if category else None
    if is_new_text:
        article.body, article.body_html = body, to_html(body)
    ctx.session.add(article)
    ctx.session.flush()
    if is_new_text or _facts(article) != before:
        article.updated_at = ctx.now
        kind = ActivityKind.ARTICLE_CREATED if before is None else ActivityKind.ARTICLE_CHANGED
        _record(ctx, kind, article, before)
    return article.id


@requires(Permission.ARTICLE_WRITE)
def publish(ctx: Context, article_id: int) -> None:
    """Let customers read an article; twice changes nothing.

    Raises:
        NotFound: no such article.
    """
    _move(ctx, article_id, ArticleState.PUBLISHED, ActivityKind.ARTICLE_PUBLISHED)


@requires(Permission.ARTICLE_WRITE)
def archive(ctx: Context, article_id: int) -> None:
    """Take an article out of sight; it is kept, and can come back.

    Raises:
        NotFound: no such article.
    """
    _move(ctx, article_id, ArticleState.ARCHIVED, ActivityKind.ARTICLE_ARCHIVED)


@requires(Permission.ARTICLE_WRITE)
def withdraw(ctx: Context, article_id: int) -> None:
    """Make a published or archived article a draft again.

    Raises:
        NotFound: no such article.
    """
    _move(ctx, article_id, ArticleState.DRAFT, ActivityKind.ARTICLE_WITHDRAWN)


@requires(Permission.ARTICLE_WRITE)
def to_insert(ctx: Context, words: str = "") -> list[Suggestion]:
    """Published articles to put into an answer: those with some words, else the last changed ones."""
    if words := one_line(words)[:200]:
        return _suggested(ctx, _found(ctx, words)[:10])
    query = _articles(ctx).where(Article.state == ArticleState.PUBLISHED)
    rows = ctx.session.exec(query.order_by(col(Article.updated_at).desc()).limit(10)).all()
    return [_suggestion(ctx, one) for one in rows]


# ---- Reading -----------------------------------------------------------------------------------------------------


@anyone
def topics(ctx: Context) -> tuple[Topic, ...]:
    """The published articles by category, in the order of the categories; those without one come last.

    Raises:
        SignedOut: a visitor, where the organization wants to know its readers.
    """
    _check_reader(ctx)
    rows = ctx.session.exec(_published(ctx).order_by(col(Article.title), col(Article.id)).limit(500)).all()
    by_category: dict[int | None, list[Suggestion]] = {}
    for one in rows:
        by_category.setdefault(one.category_id, []).append(_suggestion(ctx, one))
    known = catalog.current(ctx).categories
    found = [Topic(row.name, row.description, tuple(by_category[row.id])) for row in known if row.id in by_category]
    if None in by_category:
        found.append(Topic("More" if found else "All articles", "", tuple(by_category[None])))
    return tuple(found)


@anyone
def article(ctx: Context, address: str) -> ArticleRow:
    """A published article by its slug; staff read drafts there, too.

    Raises:
        NotFound: none the actor may read.
        SignedOut: a visitor, where the organization wants to know its readers.
    """
    _check_reader(ctx)
    query = _articles(ctx) if ctx.actor.is_staff else _published(ctx)
    found = ctx.session.exec(query.where(Article.slug == one_line(address)[:90])).first()
    if found is None:
        raise NotFound("There is no such article, or it is not published any more.")
    return _rows(ctx, [found], with_text=True, for_reader=True)[0]


@anyone
def find(ctx: Context, words: str) -> list[Suggestion]:
    """Published articles with some words, best first; half a word and typing errors are forgiven.

    Raises:
        SignedOut: a visitor, where the organization wants to know its readers.
    """
    _check_reader(ctx)
    words = one_line(words)[:200]
    return _suggested(ctx, _found(ctx, words)) if words else []


@anyone
def suggestions(ctx: Context, question: str) -> list[Suggestion]:
    """Up to three published articles that may answer what somebody is about to ask; nothing where visitors may not read."""
    if len(one_line(question)) < _SHORTEST or not _may_read(ctx):
        return []
    return best(ctx, question, at_least=WORTH_A_LOOK)


@anyone
def rate(ctx: Context, address: str, *, is_helpful: bool) -> None:
    """Say whether an article helped. Of somebody signed in the last word counts.

    Raises:
        NotFound: none the actor may read.
        SignedOut: a visitor, where the organization wants to know its readers.
    """
    _check_reader(ctx)
    found = ctx.session.exec(_published(ctx).where(Article.slug == one_line(address)[:90])).first()
    if found is None:
        raise NotFound("There is no such article, or it is not published any more.")
    said = insert(ArticleFeedback).values(
        article_id=found.id, person_id=ctx.actor.person_id, is_helpful=is_helpful, at=ctx.now
    )
    ctx.session.execute(
        said.on_conflict_do_update(
            index_elements=["organization_id", "article_id", "person_id"], index_where=text("person_id IS NOT NULL"),
            set_={"is_helpful": is_helpful, "at": ctx.now},
        )
    )  # fmt: skip
    ctx.topics.add(f"org-{ctx.organization_id}-articles")


# ---- Pieces ------------------------------------------------------------------------------------------------------


@step
def best(ctx: Context, question: str, *, at_least: float) -> list[Suggestion]:
    """Up to three published articles that answer a question at least so well (domain/articles.py), best first."""
    rows = ctx.session.execute(
        text("SELECT article_id, word, in_title, articles, asked, published FROM similar_articles(:question, :most)"),
        {"question": one_line(question), "most": _HITS},
    ).all()
    if not rows:
        return []
    known = {row.word: row.articles for row in rows}
    hits: dict[int, list[Hit]] = {}
    for row in rows:
        hits.setdefault(row.article_id, []).append(Hit(row.word, row.in_title, row.articles))
    scores = {
        article_id: relevance(of_one, known.values(), asked=rows[0].asked, published=rows[0].published)
        for article_id, of_one in hits.items()
    }
    good = sorted((score, article_id) for article_id, score in scores.items() if score >= at_least)
    return _suggested(ctx, [article_id for _, article_id in reversed(good)][:SHOWN], scores)


def _found(ctx: Context, words: str) -> list[int]:
    rows = ctx.session.execute(
        text("SELECT article_id FROM search_articles(:words, :staff, :most)"),
        {"words": words, "staff": ctx.actor.is_staff, "most": MOST},
    )
    return list(rows.scalars())


def _articles(ctx: Context) -> SelectOfScalar[Article]:
    return access.visible(ctx, Article).options(defer(col(Article.words)))  # type: ignore[arg-type]


def _published(ctx: Context) -> SelectOfScalar[Article]:
    published: ColumnElement[bool] = col(Article.state) == ArticleState.PUBLISHED
    return select(Article).where(published).options(defer(col(Article.words)))  # type: ignore[arg-type]


def _may_read(ctx: Context) -> bool:
    return ctx.actor.kind is not ActorKind.ANONYMOUS or catalog.current(ctx).organization.public_form


def _check_reader(ctx: Context) -> None:
    if not _may_read(ctx):
        raise SignedOut("Please sign in to read the help pages.")


def _suggested(ctx: Context, ids: Sequence[int], scores: dict[int, float] | None = None) -> list[Suggestion]:
    """Published articles in the order of their ids."""
    if not ids:
        return []
    rows = {one.id: one for one in ctx.session.exec(_published(ctx).where(col(Article.id).in_(ids))).all()}
    return [_suggestion(ctx, rows[one], (scores or {}).get(one, 0.0)) for one in ids if one in rows]


def _suggestion(ctx: Context, found: Article, score: float = 0.0) -> Suggestion:
    base = settings.get().organization_url(catalog.current(ctx).organization.slug)
    return Suggestion(
        found.id, found.slug, found.title, summary(found.body), f"{base}/help/{found.slug}", round(score, 3)
    )


def _rows(
    ctx: Context, found: Sequence[Article], *, with_text: bool = False, for_reader: bool = False
) -> list[ArticleRow]:
    names, said = ({}, {}) if for_reader else (_authors(ctx, found), _feedback(ctx, found))
    known = catalog.current(ctx).category_by_id
    return [
        ArticleRow(
            one.id, one.slug, one.title, known[one.category_id].name if one.category_id in known else "",
            one.category_id or 0, one.state, names.get(one.author_id or 0, ""), one.updated_at.isoformat(),
            one.published_at.isoformat() if one.published_at else "", summary(one.body), said.get((one.id, True), 0),
            said.get((one.id, False), 0), "" if for_reader or not with_text else one.body, one.body_html if with_text else "",
        )
        for one in found
    ]  # fmt: skip


def _authors(ctx: Context, found: Sequence[Article]) -> dict[int, str]:
    ids = {one.author_id for one in found if one.author_id}
    return dict(ctx.session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids))).all()) if ids else {}


def _feedback(ctx: Context, found: Sequence[Article]) -> dict[tuple[int, bool], int]:
    query = (
        select(ArticleFeedback.article_id, ArticleFeedback.is_helpful, func.count())
        .where(col(ArticleFeedback.article_id).in_([one.id for one in found]))
        .group_by(col(ArticleFeedback.article_id), col(ArticleFeedback.is_helpful))
    )
    return (
        {(article_id, helped): number for article_id, helped, number in ctx.session.exec(query).all()} if found else {}
    )


def _checked(title: str, body: str) -> tuple[str, str]:
    title, body = one_line(title), clean(body)
    problems = {}
    if not title:
        problems["title"] = "Give the article a title: the question it answers."
    elif len(title) > TITLE_LENGTH:
        problems["title"] = f"Use at most {TITLE_LENGTH} characters."
    if not body:
        problems["body"] = "Write the answer first."
    elif len(body) > BODY_LENGTH:
        problems["body"] = f"Use at most {BODY_LENGTH:,} characters, or split the article."
    if problems:
        raise Invalid(**problems)
    return title, body


def _free_slug(ctx: Context, title: str, article_id: int | None) -> str:
    """An address made from the title that no other article has."""
    stem = slug(title)[:SLUG_LENGTH].strip("-") or "article"
    taken = set(
        ctx.session.exec(
            select(Article.slug).where(
                col(Article.slug).startswith(stem, autoescape=True), Article.id != (article_id or 0)
            )
        ).all()
    )
    return next(one for one in (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))) if one not in taken)


def _locked(ctx: Context, article_id: int) -> Article:
    found = access.one(ctx, Article, article_id, what="article")
    return ctx.session.get_one(Article, found.id, with_for_update=True, populate_existing=True)


def _move(ctx: Context, article_id: int, state: ArticleState, kind: ActivityKind) -> None:
    found = _locked(ctx, article_id)
    if found.state == state:
        return
    before = _facts(found)
    found.state, found.updated_at = state.value, ctx.now
    if state is ArticleState.PUBLISHED:
        found.published_at = found.published_at or ctx.now
    _record(ctx, kind, found, before)


def _record(ctx: Context, kind: ActivityKind, found: Article, before: dict[str, Any] | None) -> None:
    ctx.record(kind, subject_id=found.id, name=found.title, slug=found.slug, before=before or {}, after=_facts(found))
    ctx.topics.add(f"org-{ctx.organization_id}-articles")


def _facts(found: Article) -> dict[str, Any]:
    return {
        "title": found.title, "category_id": found.category_id or 0, "state": str(found.state), "text": excerpt(found.body, 300),
    }  # fmt: skip
