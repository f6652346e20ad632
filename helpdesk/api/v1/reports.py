"""Looking back: figures, promises kept and broken, what administrators did, who signed in, what was mailed."""

from typing import Annotated

from fastapi import Query, Request

from helpdesk.api.v1.caller import Caller
from helpdesk.api.v1.routing import Router
from helpdesk.api.v1.schemas import Done, Number, Page, page
from helpdesk.domain.permissions import Permission
from helpdesk.services import audit, compliance
from helpdesk.services.audit import AttemptRow, AuditRow
from helpdesk.services.compliance import BreachRow, By, ComplianceRow
from helpdesk.services.mail import outbound
from helpdesk.services.mail.outbound import DeliveryRow
from helpdesk.services.reports import satisfaction
from helpdesk.services.reports.overview import Overview, overview
from helpdesk.services.reports.satisfaction import Satisfaction

router = Router("Reports and logs")

Days = Annotated[int, Query(ge=1, le=365)]
Day = Annotated[str, Query(max_length=10, description="A day, such as 2026-11-21.")]
Size = Annotated[int, Query(ge=1, le=200)]


@router.op("GET", "/stats", Permission.REPORT_READ, "Read the desk's figures")
def get_stats(
    caller: Caller, days: Days = 30, team_id: Number | None = None, category_id: Number | None = None
) -> Overview:
    """What came in and was solved, with the period before; each figure with the filter of its tickets."""
    return caller.run(overview, days=days, team_id=team_id, category_id=category_id)


@router.op("GET", "/satisfaction", Permission.REPORT_READ, "Read how customers rated the help")
def get_satisfaction(
    caller: Caller, days: Days = 30, team_id: Number | None = None, category_id: Number | None = None,
    agent_id: Number | None = None,
) -> Satisfaction:  # fmt: skip
    """Of tickets solved in 7, 30 or 90 days; each figure with the filter of its tickets."""
    return caller.run(satisfaction.report, days=days, team_id=team_id, category_id=category_id, agent_id=agent_id)


@router.op("GET", "/sla/compliance", Permission.REPORT_READ, "Read how promises were kept")
def get_compliance(caller: Caller, by: By = By.POLICY, days: Days = 30) -> Page[ComplianceRow]:
    """By policy, priority, team or metric."""
    return Page(items=list(caller.run(compliance.compliance, by, days=days)))


@router.op("GET", "/sla/breaches", Permission.REPORT_READ, "List broken promises")
def list_breaches(caller: Caller) -> Page[BreachRow]:
    """The latest first."""
    return Page(items=list(caller.run(compliance.recent_breaches)))


@router.op("GET", "/audit", Permission.AUDIT_READ, "Read what administrators changed")
def list_audit(
    request: Request, caller: Caller, person_id: Number | None = None, subject: Annotated[str, Query(max_length=40)] = "", since: Day = "",
    until: Day = "", before: Number | None = None, size: Size = 50,
) -> Page[AuditRow]:  # fmt: skip
    """Newest first, with before and after."""
    found = caller.run(
        audit.listing, person_id=person_id, subject=subject, since=since, until=until, before=before, size=size
    )
    return page(request, found, full=size)


@router.op("GET", "/sign-ins", Permission.AUDIT_READ, "Read who tried to sign in")
def list_sign_ins(
    request: Request, caller: Caller, email: Annotated[str, Query(max_length=254)] = "", outcome: Annotated[str, Query(max_length=20)] = "",
    address: Annotated[str, Query(max_length=64)] = "", since: Day = "", until: Day = "", before: Number | None = None,
    size: Size = 50,
) -> Page[AttemptRow]:  # fmt: skip
    """Newest first."""
    found = caller.run(
        audit.attempts,
        email=email,
        outcome=outcome,
        address=address,
        since=since,
        until=until,
        before=before,
        size=size,
    )
    return page(request, found, full=size)


@router.op("GET", "/mail", Permission.MAIL_READ, "List sent mail")
def list_mail(
    request: Request, caller: Caller, text: Annotated[str, Query(max_length=100)] = "", state: Annotated[str, Query(max_length=20)] = "",
    before: Number | None = None, size: Size = 50,
) -> Page[DeliveryRow]:  # fmt: skip
    """Newest first."""
    found = caller.run(outbound.listing, text_=text, state=state, before=before, size=size)
    return page(request, found, full=size)


@router.op("GET", "/mail/{number}", Permission.MAIL_READ, "Read a sent mail")
def get_mail(caller: Caller, number: Number) -> DeliveryRow:
    """With its text."""
    return caller.run(outbound.one, number)


@router.op("POST", "/mail/{number}/send-again", Permission.MAIL_READ, "Have a mail sent again")
def send_mail_again(caller: Caller, number: Number) -> Done:
    """In a moment."""
    caller.run(outbound.send_again, number)
    return Done()
