"""The one table of what runs by itself, and how often."""

from helpdesk.background import Repeated

SCHEDULE = (
    Repeated("helpdesk.jobs.tickets.sweep_sla", 3),
    Repeated("helpdesk.jobs.escalations.sweep_escalations", 5),
    Repeated("helpdesk.jobs.reactions.sweep_outbox", 10),
    Repeated("helpdesk.jobs.routing.sweep_waiting", 10),
    Repeated("helpdesk.jobs.mail.sweep_mail", 15),
    Repeated("helpdesk.jobs.inbound.sweep_inbound", 15),
    Repeated("helpdesk.jobs.mailboxes.sweep_mailboxes", 20),
    Repeated("helpdesk.jobs.webhooks.sweep_webhooks", 15),
    Repeated("helpdesk.jobs.files.sweep_scans", 15),
    Repeated("helpdesk.jobs.bulk.sweep_bulk", 20),
    Repeated("helpdesk.jobs.sla.sweep_sla_runs", 20),
    Repeated("helpdesk.jobs.tickets.learn_words", 30),
    Repeated("helpdesk.jobs.tickets.wake_snoozed", 30),
    Repeated("helpdesk.jobs.routing.sweep_absent", 30),
    Repeated("helpdesk.jobs.csat.sweep_csat", 60),
    Repeated("helpdesk.jobs.tickets.apply_waiting_rules", 30),
    Repeated("helpdesk.jobs.tickets.close_resolved", 300),
    Repeated("helpdesk.jobs.tickets.close_waiting", 300),
    Repeated("helpdesk.jobs.tickets.empty_trash", 3600),
    Repeated("helpdesk.jobs.files.forget_loose_files", 3600),
    Repeated("helpdesk.jobs.tickets.forget_rule_runs", 24 * 3600),
    Repeated("helpdesk.jobs.webhooks.forget_webhook_calls", 24 * 3600),
    Repeated("helpdesk.jobs.programs.forget_answers", 3600),
    Repeated("helpdesk.jobs.notifications.send_digests", 60),
    Repeated("helpdesk.jobs.notifications.forget_notifications", 24 * 3600),
)
