"""Pictures of people: which files are one."""

LARGEST = 1_000_000
_KINDS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


def kind(head: bytes) -> str:
    """The content type of a picture browsers show, by its first bytes; empty for anything else.

    What the sender calls it does not count, and SVG is none: it can carry scripts.
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((name for mark, name in _KINDS if head.startswith(mark)), "")
