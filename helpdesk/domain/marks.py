"""Where words were found in a text: never as HTML, but as pieces of which every second one is a hit."""

# Private characters the database puts around a hit; what people type with them in it is only marked oddly.
BEGIN, END = "\ue000", "\ue001"


def pieces(marked: str) -> list[str]:
    """A text with marks as pieces, plain and hit in turn: "a <b> c" is ["a ", "b", " c"]; without a hit, nothing."""
    found: list[str] = []
    for part in marked.split(BEGIN):
        hit, ended, rest = part.partition(END)
        if not found or not ended:
            found = [*found[:-1], "".join([*found[-1:], part.replace(END, "")])]
        elif found[-1] == "" and len(found) > 1:
            # Two hits side by side are one.
            found = [*found[:-2], found[-2] + hit, rest]
        else:
            found += [hit, rest]
    return found if len(found) > 1 else []
