"""What this process counts, for /metrics. Each web process counts for itself."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()

REQUESTS = Counter("helpdesk_requests", "Requests answered.", ["method", "route", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "helpdesk_request_seconds", "How long answers took.", ["route"], registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
ACTIVITIES = Counter("helpdesk_activities", "What happened at the desk, by kind.", ["kind"], registry=REGISTRY)
PAGES = Gauge("helpdesk_pages_connected", "Open pages this process keeps up to date.", registry=REGISTRY)
JOBS = Gauge("helpdesk_jobs_waiting", "Jobs that wait for a worker.", registry=REGISTRY)
WORKERS = Gauge("helpdesk_workers_alive", "Workers heard of lately.", registry=REGISTRY)
OUTBOX = Gauge("helpdesk_outbox_lag_seconds", "Age of the oldest activity nobody has reacted to.", registry=REGISTRY)
LATENESS = Gauge(
    "helpdesk_sweep_lateness_seconds", "How long the SLA timer that is due longest has waited.", registry=REGISTRY
)
MAIL_QUEUED = Gauge("helpdesk_mail_queued", "Mails that wait to be sent.", registry=REGISTRY)
MAIL_FAILED = Gauge("helpdesk_mail_failed_day", "Mails of the last day that could not be delivered.", registry=REGISTRY)


def as_text() -> bytes:
    """Everything, as Prometheus reads it."""
    return generate_latest(REGISTRY)
