"""Figures as a table."""

from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


@dataclass
class Report:
    """The lines of one benchmark."""

    title: str
    lines: list[tuple[str, str, str, bool | None]] = field(default_factory=list)

    def add(self, what: str, figure: str, goal: str = "", *, is_met: bool | None = None) -> None:
        """A figure, with its goal if it has one."""
        self.lines.append((what, figure, goal, is_met))

    def show(self) -> None:
        """Print it."""
        table = Table(title=self.title, title_justify="left", header_style="bold", row_styles=["", "dim"])
        for name in ("what", "figure", "goal", ""):
            table.add_column(name, no_wrap=name == "what")
        for what, figure, goal, is_met in self.lines:
            table.add_row(what, figure, goal, "" if is_met is None else "[green]met[/]" if is_met else "[red]missed[/]")
        Console(width=150).print(table)
