"""Work on many clocks, a batch at a time in short transactions, so that nothing is locked for long and progress is seen."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col, select

from helpdesk import clock, db
from helpdesk.models import SlaRun
from helpdesk.services import simulator, sla
from helpdesk.services.context import Context, anyone, step

_PATIENCE = timedelta(seconds=20)
_WORK = {sla.DERIVE: sla.derive_some_anew, sla.SIMULATE: simulator.simulate_some}


@step
def proceed(ctx: Context, run_id: int) -> bool:
    """Do the next batch of a run; whether there is more. Two workers never do the same one."""
    run = ctx.session.exec(
        select(SlaRun).where(SlaRun.id == run_id, col(SlaRun.finished_at).is_(None)).with_for_update(skip_locked=True)
    ).first()
    if run is None:
        return False
    there_is_more = _WORK[run.kind](ctx, run)
    run.updated_at = ctx.now
    if not there_is_more:
        run.finished_at = ctx.now
    ctx.topics.add(f"sla-run-{run.id}")
    return there_is_more


@anyone
def forgotten() -> list[tuple[int, int]]:
    """Runs nobody works on: their job was lost. (organization, run), read as the owner."""
    with db.owner_session() as session:
        rows = session.execute(
            text("SELECT organization_id, id FROM sla_run WHERE finished_at IS NULL AND updated_at < :before"),
            {"before": clock.now() - _PATIENCE},
        )
        return [(organization_id, run_id) for organization_id, run_id in rows]
