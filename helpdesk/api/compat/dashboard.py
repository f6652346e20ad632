"""/api/dashboard/: the desk's figures."""

from helpdesk.api.compat import reports, slashes
from helpdesk.api.compat.ticketing import Family

family = Family("dashboard", slashes.DASHBOARD, slashes.DASHBOARD)

reports.counting(family, "stats")
