"""Pages that must work when nothing else does: no script, no style sheet, no state."""

from html import escape

from starlette.responses import HTMLResponse

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh; display: grid; place-items: center }}
main {{ max-width: 28rem; padding: 2rem }} h1 {{ font-size: 1.35rem; margin: 0 0 .5rem }}
p {{ margin: 0 0 1rem; opacity: .8 }} a {{ color: LinkText }}
</style></head><body><main><h1>{title}</h1><p>{text}</p>{link}</main></body></html>"""


def page(status: int, title: str, text: str, *, back: str = "", headers: dict[str, str] | None = None) -> HTMLResponse:
    """A readable page.

    Args:
        back: a local path to go back to; none when empty.
    """
    link = f'<p><a href="{escape(back)}">Go back</a></p>' if back else ""
    content = _PAGE.format(title=escape(title), text=escape(text), link=link)
    return HTMLResponse(content, status, headers={"Cache-Control": "no-store"} | (headers or {}))
