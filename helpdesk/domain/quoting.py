"""What somebody wrote in a mail, told apart from what they quoted and from how they sign: folded, never lost.

Mail has no mark for either. Every program writes its own line above a quote, in its reader's language, and wraps it
where it likes; people answer above, below and in between. So each line is given a kind, and the order of kinds decides.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in two: what was written now, and everything else in its order."""

    reply: str
    rest: str = ""


class _Kind(StrEnum):
    """What a line is; one letter each, so that the order of a mail is a word."""

    EMPTY = "e"
    TEXT = "t"
    QUOTE = "q"  # "> ..."
    INTRODUCTION = "b"  # "On Monday Ada wrote:"
    ORIGINAL = "o"  # "---- Original message ----"
    HEADER = "h"  # one of a block of "From: ..." lines
    DELIMITER = "d"  # "-- ", "_____"
    DEVICE = "s"  # "Sent from my phone"


_LONGEST_INTRODUCTION, _MOST_LINES = 320, 7
_LONGEST_DEVICE = 90

_VERBS = (
    r"wrote|writes|a\s+écrit|écrit|ecrit|schrieb|schreef|geschreven|escribi[óo]|escreveu|ha\s+scritto|scrisse|"
    r"napisał(?:\(a\)|a)?|pisze|skrev|написал(?:\(а\)|а)?|пишет|пише|написав|kirjoitti|yazdı|şunu\s+yazdı|napsal(?:\(a\)|a)?|"
    r"napísal(?:\(a\)|a)?|a\s+scris|írta|ezt\s+írta|έγραψε|写道|寫道|写到|さんは書きました|のメッセージ|작성|כתב(?:ה)?|كتب"
)
_ENDS_WITH_VERB = re.compile(rf"(?:{_VERBS})\s*[:：]?\s*(?:-{{2,}})?\s*$", re.IGNORECASE)
_VERB_THEN_DATE = re.compile(rf"(?:{_VERBS})\s+(?:am|op|den|le|el|il|em|on|dne|dňa)\b[^:]*\d.*[:：]\s*$", re.IGNORECASE)
_VERB = re.compile(rf"(?:{_VERBS})", re.IGNORECASE)
# How a line above a quote begins: with "on" in some language or with a date.
_OPENING = re.compile(
    r"^\s*(?:-{2,}\s*)?(?:on|at|le|am|op|el|em|il|il\s+giorno|dnia|w\s+dniu|den|på|pe|dne|dňa|в|за|wt|pon|sob|a|στις|"
    r"在|於|于|\d{1,4}[-./年]|\d{1,2}\.?\s+\w+\.?\s+\d{4}|\w+,\s+\d{1,2}\.?\s+\w+)(?=\W|\d|$)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*|<\s*mailto:|&lt;[^&]*@")
_DATED = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\b(?:19|20)\d\d\b|\d{1,2}[:.h]\d{2}\b|年|月")
_MOMENT = re.compile(r"\d{1,2}[:.h]\d{2}\b|\d\s*(?:uhr|klo|o['’]clock)", re.IGNORECASE)
_CHINESE = re.compile(r"(?:[写寫]道?|写到)$")
# "2016-03-03 17:21 GMT+01:00 Ada Agent <ada@acme.example>:" stands without any verb.
_BARE_DATE = re.compile(
    r"^\s*(?:\d{4}-\d{1,2}-\d{1,2}\s+\d{1,2}:\d{2}\s+(?:GMT|UTC)?[+-]?[\d:]*\s+\S.{0,150}"
    r"|\d{4}/\d{1,2}/\d{1,2}\s+\S.{0,120}<[^<>\s]+@[^<>\s]+>:?)\s*$"
)
_QUOTE = re.compile(r"^\s{0,3}(?:>|\|(?:\s|$)|[A-Z]{1,2}[a-z]?>(?:\s|$))")
_MARKS = re.compile(r"^[\s>|]+")
_DELIMITER = re.compile(r"^\s{0,5}(?:[-_=+~#*ᐧ—–]{2,}|[—–ᐧ])\s*$")
_RULED = re.compile(r"^\s*\*?\s*[-_=]{3,}\s*(\S.{1,60}?)\s*[-_=]{3,}\s*\*?\s*$")
_ORIGINAL = re.compile(
    r"original|forward|weitergeleitet|ursprünglich|réexpédi|transfér|transmis|d['’]origine|reenviad|encaminhad|inoltrat|"
    r"originale|oorspronkelijk|doorgestuurd|вихідне|исходно|пересыла|пересланн|vidarebefordra|vidarebefordrat|videresend|"
    r"oprindelig|opprinnelig|alkuperäinen|przekazan|oryginaln|původní|przesłan|iletilen|orijinal|原始|转发|轉寄|"
    r"転送|元のメッセージ|원본|전달",
    re.IGNORECASE,
)
_BEGIN_FORWARDED = re.compile(
    r"^\s*(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|début du message (?:réexpédié|transféré)|"
    r"inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht|início da mensagem (?:re)?encaminhada|"
    r"vidarebefordrat brev|videresendt besked|начало переадресованного сообщения)\s*:?\s*$",
    re.IGNORECASE,
)
_FROM = "from|von|de|da|från|fra|van|от|від|od|lähettäjä|kimden|feladó|expéditeur|remitente|mittente|afzender|发件人|寄件者|差出人|보낸 ?사람|από"
_WHEN = (
    "date|datum|data|fecha|sent|gesendet|envoyé|enviado|enviada|inviato|verzonden|skickat|sendt|wysłano|odesláno|дата|"
    "отправлено|надіслано|lähetetty|päivämäärä|tarih|gönderilme|elküldve|发送时间|日期|寄件日期|送信日時|보낸 ?날짜|dato|on"
)
_ABOUT = (
    "to|subject|cc|reply-to|an|betreff|kopie|antwort an|à|objet|répondre à|para|asunto|assunto|responder a|a|oggetto|"
    "risposta|rispondi a|aan|onderwerp|till|ämne|til|emne|do|dw|temat|komu|předmět|кому|тема|копия|копія|vastaanottaja|aihe|"
    "kime|konu|címzett|tárgy|收件人|主题|主旨|抄送|宛先|件名|받는 ?사람|제목|προς|θέμα|importance|attachments|organization"
)
_HEADER = re.compile(
    rf"^[\s>|]*\*{{0,2}}(?:(?P<from>{_FROM})|(?P<when>{_WHEN})|(?P<about>{_ABOUT}))\*{{0,2}}\s?[:：]\*{{0,2}}(?:\s|$|\S)",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"^[\s<(\[*_]*(?:"
    r"sent (?:from|via|with|by|using|on)\b|this (?:e-?mail|message) was sent (?:from|using|with) (?:my|a|an|the)\b|get \[?outlook for\b|from my\b|sent from\b|"
    r"\w+ from (?:mobile|my phone|phone)\b|"
    r"envoy[ée](?: depuis|e depuis| de| avec| à partir d)|télécharger outlook|obtenir outlook|"
    r"von (?:meinem|unterwegs|iphone)\b.*|gesendet (?:von|mit|über)|diese nachricht wurde von\b|outlook für|holen sie sich outlook|"
    r"enviado (?:desde|do|de|a partir|con|com|via|por)|obtener outlook|obter o outlook|"
    r"inviato (?:da|dal|con|tramite)|ottieni outlook|verzonden (?:met|vanaf|van|via)|outlook voor|verstuurd vanaf|"
    r"sendt fra|skickat från|hämta outlook|hent outlook|wysłan[eoa] (?:z|ze|przez)|отправлено (?:с|из)|надіслано (?:з|із)|"
    r"lähetetty|odesláno z|iphone['’]?(?:umdan|dan) gönderildi|從我的|从我的|发自我的|來自我的|iphoneから送信|나의 iphone에서"
    r")",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^\s{0,3}(?:```|~~~\w)")
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x0b|\x0c")


def fold(body: str) -> Folded:
    """Tell apart what was written now from quotes, forwarded mails and signatures.

    Args:
        body: a mail's text, in any language.

    Returns:
        Both parts in their order. Nothing but a quote (and no line that says so) is a text like any other; the reply is empty
        only if a mail holds nothing but what others wrote.
    """
    lines = _LINE_ENDS.sub("\n", body).replace("\u00a0", " ").replace("\u200b", "").split("\n")
    kinds = _kinds(lines)
    kept = _kept(kinds)
    kept = {number for number in kept if kinds[number] not in "bsod"} if len(kept) < len(lines) else kept
    reply = [line for number, line in enumerate(lines) if number in kept]
    rest = [line for number, line in enumerate(lines) if number not in kept]
    return Folded(_trimmed(reply), _trimmed(rest))


def _kinds(lines: list[str]) -> str:
    kinds: list[str] = [_Kind.TEXT] * len(lines)
    in_code = False
    number = 0
    while number < len(lines):
        line = lines[number]
        if _FENCE.match(line):
            in_code = not in_code and any(_FENCE.match(later) for later in lines[number + 1 :])
            number += 1
            continue
        if in_code or _underlines(lines, number):
            number += 1
            continue
        length = _introduction(lines, number)
        if length:
            kinds[number : number + length] = [_Kind.INTRODUCTION] * length
            number += length
            continue
        kinds[number] = _kind(line)
        number += 1
    _headers(lines, kinds)
    return "".join(kinds)


def _kind(line: str) -> _Kind:
    if not line.strip():
        return _Kind.EMPTY
    bare = _MARKS.sub("", line)
    ruled = _RULED.match(bare)
    if (ruled and _ORIGINAL.search(ruled.group(1))) or _BEGIN_FORWARDED.match(bare):
        return _Kind.ORIGINAL
    if _QUOTE.match(line):
        return _Kind.QUOTE
    if _DELIMITER.match(line):
        return _Kind.DELIMITER
    if len(line.strip()) <= _LONGEST_DEVICE and _DEVICE.match(line):
        return _Kind.DEVICE
    return _Kind.TEXT


def _underlines(lines: list[str], number: int) -> bool:
    """Whether a line of dashes is as long as the heading above it, rather than the beginning of a signature."""
    line = lines[number].strip()
    return (
        number > 0
        and len(line) >= 3
        and set(line) in ({"="}, {"-"}, {"~"})
        and len(line) == len(lines[number - 1].strip())
    )


def _introduction(lines: list[str], start: int) -> int:
    """How many lines from here are one that introduces a quote; none when it is something else."""
    first = _MARKS.sub("", lines[start])
    if not first:
        return 0
    if _BARE_DATE.match(first):
        return 1
    if not (_OPENING.match(first) or _ADDRESS.search(first) or _VERB.search(first)):
        # Somebody's long name may come first, and the address with the verb on the next line.
        return 0
    told = ""
    for length in range(1, min(_MOST_LINES, len(lines) - start) + 1):
        line = lines[start + length - 1]
        bare = line.strip() if length > 1 and line.strip() in {">", ">:"} else _MARKS.sub("", line).strip()
        if length > 1 and not bare and not _is_broken_address(told, lines, start + length):
            return 0
        told = f"{told} {bare}".strip()
        if len(told) > _LONGEST_INTRODUCTION:
            return 0
        if told and _introduces(told, _is_quoted_below(lines, start + length)):
            return length
    return 0


def _introduces(told: str, is_quoted_below: bool) -> bool:
    """Whether a text is a line above a quote. A sentence may end with "wrote:" as well, so it takes two signs besides the
    colon: a verb and an address, a moment and an address, a verb at the end and a moment; a mere day only above a quote."""
    end = told[-1]
    if end not in ":：-" and not _CHINESE.search(told):
        return False
    is_moment, is_day = bool(_MOMENT.search(told)), bool(_DATED.search(told))
    has_address, has_verb = bool(_ADDRESS.search(told)), bool(_VERB.search(told))
    if has_address:
        return (has_verb and (is_day or is_quoted_below or bool(_ENDS_WITH_VERB.search(told)))) or (
            is_day and end in ":："
        )
    ends_with_verb = bool(_ENDS_WITH_VERB.search(told) or _VERB_THEN_DATE.search(told))
    return ends_with_verb and (is_moment or (is_day and is_quoted_below))


def _is_quoted_below(lines: list[str], start: int) -> bool:
    return next((bool(_QUOTE.match(line)) for line in lines[start : start + 4] if line.strip()), False)


def _is_broken_address(told: str, lines: list[str], following: int) -> bool:
    """Whether an empty line within an introduction is one that a program has put around an address."""
    after = next((line.strip() for line in lines[following : following + 2] if line.strip()), "")
    return bool(_DATED.search(told)) and (after.startswith("<") or told.endswith(("<", ">")))


def _headers(lines: list[str], kinds: list[str]) -> None:
    """Mark blocks of mail headers: one says whom it is from or when it was sent, and at least two others follow."""
    number = 0
    while number < len(lines):
        first = _HEADER.match(lines[number]) if kinds[number] in "tq" else None
        if first is None:
            number += 1
            continue
        found, last, plain = [first.lastgroup], number, 0
        for later in range(number + 1, min(number + 12, len(lines))):
            match = _HEADER.match(lines[later])
            if match:
                found.append(match.lastgroup)
                last, plain = later, 0
            elif not _MARKS.sub("", lines[later]).strip():
                # One program puts an empty line between headers; two empty lines end them.
                if len(found) >= 3 or (later + 1 < len(lines) and not _HEADER.match(lines[later + 1])):
                    break
            else:
                plain += 1
                if plain > 2:
                    break
        if len(found) >= 3 and ("from" in found or ("when" in found and "about" in found)):
            kinds[number : last + 1] = [_Kind.HEADER] * (last + 1 - number)
            number = last
        number += 1


def _kept(kinds: str) -> set[int]:
    """The lines that are the reply."""
    everything = set(range(len(kinds)))
    if "t" not in kinds:
        return everything if not set(kinds) & set("bohs") else set()
    first_text = kinds.index("t")
    end = len(kinds)
    # What stands below a line of dashes is a signature or a footer.
    if (delimiter := kinds.find("d", first_text)) >= 0:
        end = delimiter
    start = 0
    mark = re.search("[boh]", kinds[:end])
    if mark is None:
        return set(range(start, _without_trailing_quote(kinds, start, end)))
    at = mark.start()
    if first_text > at:
        # Nothing above it: the reply stands below, or somebody forwards a mail with no word of their own.
        quoted = re.match("[boheds]*q[qeboh]*", kinds[at:end])
        below = at + quoted.end() if quoted and at + quoted.end() < end else at
        start = kinds.index("t", below) if "t" in kinds[below:end] else at
        if quoted is None:
            start = kinds.index("t", at)
        inner = re.search("[oh]", kinds[start:end])
        end = start + inner.start() if inner else end
        kept = set(range(start, end))
        return kept if quoted is None else set(range(start, _without_trailing_quote(kinds, start, end)))
    # A forwarded or original mail runs to the end, and so does what is introduced and not marked line by line.
    while mark is not None:
        at = mark.start()
        if kinds[at] in "oh":
            end = at
            break
        after = re.match("b+e*", kinds[at:end])
        below = at + (after.end() if after else 1)
        if below >= end or kinds[below] not in "q":
            end = at
            break
        # Marked line by line: whoever writes again below it answers in between.
        if not re.search("t", kinds[below:end]):
            end = at
            break
        mark = re.compile("[boh]").search(kinds, below, end)
    return set(range(start, _without_trailing_quote(kinds, start, end)))


def _without_trailing_quote(kinds: str, start: int, end: int) -> int:
    found = re.search("[qesb]*$", kinds[start:end])
    cut = start + found.start() if found else end
    return cut if "t" in kinds[start:cut] else end


def _trimmed(lines: list[str]) -> str:
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    last = next((number for number in range(len(lines), 0, -1) if lines[number - 1].strip()), 0)
    return "\n".join(line.rstrip() for line in lines[first:last])
