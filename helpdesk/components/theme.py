"""The tokens of the design: the only place that knows a colour by its value.

Components name tokens (`var(--ink-2)`) or wear a tone (`tone-amber`); `assets/theme.css` is printed from
this file (`python -m helpdesk.components.theme`), and a contract test insists that it is up to date.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

STYLESHEETS: Final = ["/theme.css", "/desk.css"]
SCRIPT: Final = "/desk.js"
FAVICON: Final = "/favicon.svg"

ACCENT: Final = "iris"  # what RadixThemesPlugin calls the colour nearest to our accent
GRAY: Final = "slate"


@dataclass(frozen=True)
class Tone:
    """One meaning of colour in one theme: soft ground, text on it, full colour, hairline."""

    bg: str
    ink: str
    solid: str
    line: str


LIGHT_TONES: Final[dict[str, Tone]] = {
    "gray": Tone("#eff0f3", "#4d5055", "#84868c", "#d6d9e0"),
    "blue": Tone("#e8f2ff", "#065091", "#2288e8", "#bfdcfe"),
    "indigo": Tone("#edf0ff", "#404593", "#6f77ea", "#cfd7ff"),
    "violet": Tone("#f3eefe", "#5b3c89", "#9769dc", "#dfd1fc"),
    "pink": Tone("#ffebf3", "#7f2c59", "#cd5394", "#f9cadf"),
    "red": Tone("#ffecea", "#872c2a", "#da534f", "#ffcbc5"),
    "orange": Tone("#feede5", "#813700", "#d35f03", "#fbceb7"),
    "amber": Tone("#fdefdb", "#6a4801", "#d79700", "#efd5ad"),
    "green": Tone("#e3f7e7", "#00612e", "#05a152", "#bde5c6"),
    "teal": Tone("#dcf8f3", "#005d53", "#079b8b", "#aee7dc"),
    "cyan": Tone("#def6fe", "#04596d", "#0695b5", "#ade3f5"),
}

DARK_TONES: Final[dict[str, Tone]] = {
    "gray": Tone("#26272d", "#c5c7ce", "#9c9ea5", "#3e4045"),
    "blue": Tone("#16293d", "#9eccff", "#4da2fb", "#254161"),
    "indigo": Tone("#22253e", "#b9c3ff", "#8793fd", "#373c62"),
    "violet": Tone("#2b223a", "#d1b9ff", "#ae85f0", "#45375d"),
    "pink": Tone("#381e2b", "#fcabd1", "#e472ac", "#593145"),
    "red": Tone("#3b1e1c", "#feb0a9", "#ef736c", "#5e312e"),
    "orange": Tone("#3a2013", "#ffb38c", "#ea7c3d", "#5b3420"),
    "amber": Tone("#34250b", "#edbf76", "#eaa61b", "#523b12"),
    "green": Tone("#152e1c", "#92dba6", "#40b96c", "#22492e"),
    "teal": Tone("#062f29", "#70decc", "#03b7a4", "#034b42"),
    "cyan": Tone("#062d37", "#70d7f6", "#04b0d5", "#054757"),
}

# Rows (status, priority, tag, category) carry a colour by name; people use more names than we have tones.
ALIASES: Final[dict[str, str]] = {
    "grey": "gray",
    "slate": "gray",
    "neutral": "gray",
    "iris": "indigo",
    "accent": "indigo",
    "purple": "violet",
    "plum": "violet",
    "rose": "pink",
    "crimson": "pink",
    "magenta": "pink",
    "ruby": "red",
    "tomato": "red",
    "brown": "orange",
    "yellow": "amber",
    "gold": "amber",
    "lime": "green",
    "grass": "green",
    "emerald": "green",
    "jade": "teal",
    "mint": "teal",
    "sky": "cyan",
}

# What a state of an SLA timer looks like; `ok` and `met` are quiet because most are.
SLA_TONES: Final[dict[str, str]] = {
    "ok": "green",
    "running": "green",
    "at_risk": "amber",
    "breached": "red",
    "paused": "gray",
    "met": "gray",
}
AVAILABILITY_TONES: Final[dict[str, str]] = {"available": "green", "busy": "amber", "away": "amber", "offline": "gray"}
AVATAR_TONES: Final = ("blue", "indigo", "violet", "pink", "orange", "amber", "green", "teal", "cyan")

LIGHT: Final[dict[str, str]] = {
    "canvas": "#f6f7f9",
    "surface": "#ffffff",
    "raised": "#ffffff",
    "sunken": "#f6f7f9",
    "hover": "#f0f1f4",
    "active": "#e6e8eb",
    "selected": "#eef0ff",
    "thumb": "#ffffff",
    "line": "#e6e8eb",
    "line-2": "#d3d6dc",
    "line-3": "#868a93",
    "ink": "#1d1f25",
    "ink-2": "#4f525b",
    "ink-3": "#666a73",
    "accent": "#4b52d0",
    "accent-hover": "#3f45bb",
    "on-accent": "#ffffff",
    "accent-ink": "#4249c0",
    "accent-soft": "#edf0ff",
    "accent-line": "#cfd7ff",
    "focus": "#5a62dc",
    "danger": "#c53030",
    "danger-hover": "#a92525",
    "on-danger": "#ffffff",
    "danger-ink": "#b42a2a",
    "note": "#fff8e6",
    "note-line": "#f0dca6",
    "note-ink": "#6a4801",
    "agent": "#f1f3ff",
    "agent-line": "#dde2fd",
    "star": "#d79700",
    "skeleton": "#e9ebef",
    "scrim": "rgb(20 22 28 / 0.32)",
    "tip": "#1d1f25",
    "on-tip": "#f6f7f9",
    "lift-1": "0 1px 2px rgb(20 22 28 / 0.06)",
    "lift-2": "0 4px 16px -2px rgb(20 22 28 / 0.10), 0 2px 4px rgb(20 22 28 / 0.05)",
    "lift-3": "0 20px 48px -8px rgb(20 22 28 / 0.22), 0 4px 12px rgb(20 22 28 / 0.08)",
}

DARK: Final[dict[str, str]] = {
    "canvas": "#0f1013",
    "surface": "#151619",
    "raised": "#1e2025",
    "sunken": "#111215",
    "hover": "#1f2126",
    "active": "#2b2e34",
    "selected": "#20233a",
    "thumb": "#43464f",
    "line": "#26282e",
    "line-2": "#383b43",
    "line-3": "#747781",
    "ink": "#e6e8ec",
    "ink-2": "#a7abb4",
    "ink-3": "#8f929b",
    "accent": "#5a61dd",
    "accent-hover": "#5259d6",
    "on-accent": "#ffffff",
    "accent-ink": "#a9b6fe",
    "accent-soft": "#22253e",
    "accent-line": "#373c62",
    "focus": "#8d9df5",
    "danger": "#c93a3a",
    "danger-hover": "#b83030",
    "on-danger": "#ffffff",
    "danger-ink": "#ff9c94",
    "note": "#292110",
    "note-line": "#4a3a15",
    "note-ink": "#edc57f",
    "agent": "#1b1e30",
    "agent-line": "#2b3050",
    "star": "#eaa61b",
    "skeleton": "#23252b",
    "scrim": "rgb(0 0 0 / 0.56)",
    "tip": "#e6e8ec",
    "on-tip": "#151619",
    "lift-1": "0 1px 2px rgb(0 0 0 / 0.4)",
    "lift-2": "0 4px 16px -2px rgb(0 0 0 / 0.5), 0 0 0 1px rgb(255 255 255 / 0.05)",
    "lift-3": "0 20px 48px -8px rgb(0 0 0 / 0.7), 0 0 0 1px rgb(255 255 255 / 0.07)",
}

# The same in both themes. Sizes step by 4 px; text has five sizes and two weights.
SHARED: Final[dict[str, str]] = {
    "font": '"Inter", ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
    "mono": 'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace',
    "size-2xs": "0.6875rem",
    "size-xs": "0.75rem",
    "size-sm": "0.8125rem",
    "size-md": "0.875rem",
    "size-lg": "1rem",
    "size-xl": "1.25rem",
    "size-2xl": "1.625rem",
    "round-1": "4px",
    "round-2": "6px",
    "round-3": "8px",
    "round-4": "12px",
    "quick": "100ms",
    "smooth": "140ms",
    "ease": "cubic-bezier(0.2, 0, 0, 1)",
    "rail": "56px",
    "topbar": "48px",
}

# For TailwindV4Plugin(theme.TAILWIND): layout classes in pages may say `text-ink-2 bg-surface border-line`.
TAILWIND: Final[dict[str, object]] = {
    "darkMode": "class",
    "theme": {
        "extend": {
            "colors": {
                name: f"var(--{name})"
                for name in (
                    "canvas",
                    "surface",
                    "raised",
                    "sunken",
                    "hover",
                    "selected",
                    "line",
                    "line-2",
                    "ink",
                    "ink-2",
                    "ink-3",
                    "accent",
                    "accent-ink",
                    "accent-soft",
                    "danger",
                    "danger-ink",
                )
            },
            "borderColor": {"DEFAULT": "var(--line)"},
        }
    },
}

# Text and the grounds it is set on, as (text, ground); the unit test holds them to WCAG AA (4.5:1).
TEXT_PAIRS: Final[tuple[tuple[str, str], ...]] = (
    *(
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3")
        for ground in ("surface", "canvas", "sunken", "raised", "hover")
    ),
    *((ink, ground) for ink in ("ink", "ink-2") for ground in ("selected", "note", "agent", "active")),
    ("ink", "thumb"),
    *(("accent-ink", ground) for ground in ("surface", "canvas", "accent-soft", "selected", "hover")),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-danger", "danger"),
    ("on-danger", "danger-hover"),
    ("danger-ink", "surface"),
    ("danger-ink", "canvas"),
    ("danger-ink", "raised"),
    ("note-ink", "note"),
    ("on-tip", "tip"),
)
# What is not text but must be seen: field borders, focus rings, stars (3:1).
SHAPE_PAIRS: Final[tuple[tuple[str, str], ...]] = (
    ("line-3", "surface"),
    ("focus", "surface"),
    ("focus", "canvas"),
    ("accent", "surface"),
)


def tone_name(name: str) -> str:
    """The tone a colour name stands for; an unknown name is gray."""
    lowered = name.strip().lower()
    known = ALIASES.get(lowered, lowered)
    return known if known in LIGHT_TONES else "gray"


def stylesheet() -> str:
    """The text of assets/theme.css."""
    fonts = "\n".join(
        f'@font-face {{ font-family: "Inter"; src: url("/fonts/inter-{name}.woff2") format("woff2"); '
        f"font-weight: 100 900; font-display: swap; unicode-range: {unicode_range}; }}"
        for name, unicode_range in _FONT_RANGES.items()
    )
    return "\n".join(
        [
            "/* Printed by `python -m helpdesk.components.theme`; change helpdesk/components/theme.py instead. */",
            fonts,
            _block(":root", SHARED),
            _block(":root, .light", {**LIGHT, **_flat(LIGHT_TONES)}),
            _block(".dark", {**DARK, **_flat(DARK_TONES)}),
            ":root, .light { color-scheme: light; }",
            ".dark { color-scheme: dark; }",
            *(_tone_class(name) for name in LIGHT_TONES),
            "",
        ]
    )


_FONT_RANGES: Final[dict[str, str]] = {
    "latin": "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+0304, U+0308, U+0329, "
    "U+2000-206F, U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD",
    "latin-ext": "U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+1D00-1DBF, U+1E00-1E9F, "
    "U+1EF2-1EFF, U+20A0-20AB, U+20AD-20C0, U+2113, U+2C60-2C7F, U+A720-A7FF",
}


def _block(selector: str, tokens: dict[str, str]) -> str:
    lines = "\n".join(f"  --{name}: {value};" for name, value in tokens.items())
    return f"{selector} {{\n{lines}\n}}"


def _flat(tones: dict[str, Tone]) -> dict[str, str]:
    return {
        f"{name}-{part}": getattr(tone, part) for name, tone in tones.items() for part in ("bg", "ink", "solid", "line")
    }


def _tone_class(name: str) -> str:
    selectors = ", ".join(f".tone-{each}" for each in (name, *(alias for alias, to in ALIASES.items() if to == name)))
    parts = " ".join(f"--tone-{part}: var(--{name}-{part});" for part in ("bg", "ink", "solid", "line"))
    return f"{selectors} {{ {parts} }}"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two #rrggbb colours (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


if __name__ == "__main__":
    (Path(__file__).resolve().parents[2] / "assets" / "theme.css").write_text(stylesheet(), encoding="utf-8")
