"""The house's own source, for rules about it."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import helpdesk
import helpdesk.services

PACKAGE = Path(helpdesk.__file__).parent
ROOT = PACKAGE.parent


@cache
def sources() -> dict[str, ast.Module]:
    """Every module of the package as "services/tickets/status.py" -> syntax tree."""
    return {
        str(path.relative_to(PACKAGE)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def service_modules() -> Iterator[ModuleType]:
    """Every module under helpdesk.services, imported."""
    for found in pkgutil.walk_packages(helpdesk.services.__path__, "helpdesk.services."):
        yield importlib.import_module(found.name)
