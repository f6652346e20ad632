"""Arrows only point down: the contracts in pyproject.toml hold."""

import pytest
from importlinter.application import use_cases
from importlinter.configuration import configure

from tests.contracts.walk import ROOT


def test_every_contract_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    kept = use_cases.lint_imports(str(ROOT / "pyproject.toml"), cache_dir=None, is_debug_mode=True, no_logo=True)
    assert kept, capsys.readouterr().out
