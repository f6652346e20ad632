"""What somebody wrote in a mail, told apart from what they quoted and from how they sign: folded, never lost.

Mail has no mark for either. Every program writes its own line above a quote, in its reader's language, and wraps it
where it likes; people answer above, below and in between. So each line is given a kind, and the order of kinds decides.
"""

import itertools
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
_QUOTING = re.compile(
    r"^\s*(?:zitat von|quoting|citando|citat från|mensaje citado por|quota|citaat van)\s+\S", re.IGNORECASE
)
# A phone puts what it quotes on the same line.
_ON_ONE_LINE = re.compile(
    rf"^\s*\S.{{0,120}}\d.{{0,120}}<[^<>\s]+@[^<>\s]+>\s*,?\s*(?:{_VERBS})\s*[:：]\s*\S", re.IGNORECASE
)
_ABOVE = re.compile(
    r"(?:reply|respon|answer|type|antwort|schreib|répon|scriv|rispo|escrib|antwoord|typ|svar|skriv|odpow|odpis|напиш|ответ)\w*.{0,60}"
    r"(?:above|oberhalb|über|au-dessus|encima|arriba|sopra|boven|acima|powyżej|ovanför|ovenfor|над|выше).{0,30}"
    r"(?:line|zeile|linie|ligne|línea|linea|regel|lijn|linha|lini|rad|linje|строк|черт)",
    re.IGNORECASE,
)
# What a company's server puts below every mail: how it begins, and what it is about.
_NOTICE = re.compile(
    r"^\s*\W{0,3}(?:this (?:e-?mail|message|communication|transmission)(?: is (?:confid|intend|for|priv|only|sent)| and| may| contain| has been| was|,| ?\()|the (?:information|contents?) (?:contained |of |in )|confidential(?:ity)?\b|disclaimer|"
    r"(?:important )?notice:|diese (?:e-?mail|nachricht)|der inhalt dieser|vertraulich|(?:ce|cet|le présent) (?:message|courriel|e-?mail)|"
    r"este (?:mensaje|correo|e-?mail|mensagem)|esta (?:mensagem|comunicaci)|questo messaggio|(?:questa|la presente) (?:e-?mail|comunicazione)|"
    r"dit (?:bericht|e-?mail)|deze e-?mail|detta (?:e-?post|meddelande)|denne (?:e-?mail|e-?post|mail)|ta wiadomość|niniejsza wiadomość|tento e-?mail|"
    r"это (?:сообщение|письмо)|настоящее сообщение|if you (?:are not the intended|have received this|received this))",
    re.IGNORECASE,
)
_CONFIDENTIAL = re.compile(
    r"intended (?:only |solely |exclusively )?for|intended recipient|in error|privileged|confidential|legally|unauthori[sz]ed|viruses|scanned|"
    r"vertraulich|irrtümlich|adressat|empfänger|confidentiel|destinataire|diffus|autorisation|confidencial|destinatari|autoriza|riservat|"
    r"vertrouwelijk|geadresseerde|konfidentiell|fortrolig|poufn|adresat|důvěrn|конфиденциальн|адресат",
    re.IGNORECASE,
)
_ADVERTISEMENT = re.compile(r"^\s*(?:<https?://www\.avast\.com/[^>]*>\s*$|virus-free\.|virenfrei\.|sans virus\.|libre de virus\.|privo di virus\.)", re.IGNORECASE)  # fmt: skip
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
_FROM = "from|von|de la|de|da|från|fra|van|от|від|od|lähettäjä|kimden|feladó|expéditeur|remitente|mittente|afzender|发件人|寄件者|差出人|보낸 ?사람|από"
_WHEN = (
    "date|datum|data|fecha|sent|gesendet|envoyé|enviado|enviada|inviato|verzonden|skickat|sendt|wysłano|odesláno|дата|"
    "отправлено|надіслано|lähetetty|päivämäärä|tarih|trimis|poslano|odoslané|gönderilme|elküldve|发送时间|日期|寄件日期|送信日時|보낸 ?날짜|dato|on"
)
_ABOUT = (
    "to|subject|cc|reply-to|an|betreff|kopie|antwort an|à|objet|répondre à|para|asunto|assunto|responder a|a|oggetto|"
    "risposta|rispondi a|aan|onderwerp|till|ämne|til|emne|do|dw|temat|komu|předmět|кому|тема|копия|копія|vastaanottaja|aihe|"
    "kime|konu|către|subiect|za|predmet|címzett|tárgy|收件人|主题|主旨|抄送|宛先|件名|받는 ?사람|제목|προς|θέμα|importance|attachments|organization"
)
_HEADER = re.compile(
    rf"^[\s>|]*\*{{0,2}}(?:(?P<from>{_FROM})|(?P<when>{_WHEN})|(?P<about>{_ABOUT}))\*{{0,2}}\s?[:：]\*{{0,2}}(?:\s|$|\S)",
    re.IGNORECASE,
)
# "Sent from my phone": a word for sending and one for what it was sent with, or the wish that others fetch that, too.
_SENT_ENGLISH = re.compile(
    r"^[\s<(\[*_]*(?:(?i:sent (?:from|via|with|by|using|on|through))\s+(?:(?i:my|an?)\b|(?i:the (?:all new|samsung|new))\b|[A-Z0-9<\[*\"'])|"
    r"(?i:\w+ from (?:mobile|my phone|phone))\b|(?i:sent from)\s*$|"
    r"(?i:this (?:e-?mail|message) was sent (?:from|using|with) (?:my|an?|the))\b)"
)
_SENT = re.compile(
    r"^[\s<(\[*_]*(?:sent\b|from my\b|envoy[ée]|provenance|gesendet|diese nachricht wurde|von\b.*\bgesendet|von (?:unterwegs|meine[mr]\b)|enviad[oa]|enviat|"
    r"inviat[oa]|messaggio inviato|verzonden|verstuurd|gestuurd|sendt|skicka[td]|wysłan[eoa]|odeslán[oa]|odoslan|poslan[oa]|отправлено|надіслано|"
    r"lähetetty|trimis|küldve|elküldve|στάλθηκε|发自|發自|從|从|来自|來自|.*(?:gönderildi|送信|보냄|전송)\W*$|나의)",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"i-?phon|i-?pad|i-?pod|android|\bios\b|samsung|galaxy|huawei|xiaomi|小米|华为|phone|telefon|teléfono|téléphone|mobie?l|móvil|cellulare|celular|handy\b|"
    r"tablet|outlook|yahoo|g-?mail|gmx|web\.de|telekom|\bmail\b|mail\.ru|mail-?app|thunderbird|k-9|proton|\bspark\b|blackberry|windows|\bmac\b|nokia|"
    r"\bsony\b|\bhtc\b|motorola|pixel|oneplus|unterwegs|courrier|почт|手机|手機|appareil|dispositivo|gerät",
    re.IGNORECASE,
)
_FETCH = re.compile(
    r"\b(?:get|download(?:en)?|téléchargez|télécharger|obtenir|obtenez|obtener|obtenga|obtén|obter|obtenha|ottieni|scarica|descarga\w*|baix\w+|holen sie sich|"
    r"laden sie|hämta|hent|last ned|pobierz|uzyskaj|získejte|získajte|stáhn\w*|получить|скачать|загрузить|edinin|hanki|lataa)\b|获取|下载|取得|入手|다운로드",
    re.IGNORECASE,
)
_FETCHED = re.compile(r"(?:outlook|bluemail|blue mail|yahoo|mailspring|spark|edison|aqua ?mail|nine)\b.*\b(?:ios|android|mac|windows|iphone)|\b(?:ios|android).*outlook", re.IGNORECASE)  # fmt: skip
_CLOSING = frozenset(":：-道写寫到")
_FENCES = frozenset(" `~")
_FENCE = re.compile(r"^\s{0,3}(?:```|~~~\w)")
_INVISIBLE = {0xA0: " ", 0x200B: None, 0xFEFF: None} | dict.fromkeys(range(0x2060, 0x2065))
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x0b|\x0c")


def fold(body: str) -> Folded:
    """Tell apart what was written now from quotes, forwarded mails and signatures.

    Args:
        body: a mail's text, in any language.

    Returns:
        Both parts in their order. Nothing but a quote (and no line that says so) is a text like any other; the reply is empty
        only if a mail holds nothing but what others wrote.
    """
    lines = _LINE_ENDS.sub("\n", body).translate(_INVISIBLE).split("\n")
    kinds = _kinds(lines)
    kept = _kept(kinds)
    kept = _without_marks(kinds, kept)
    reply = [line for number, line in enumerate(lines) if number in kept]
    rest = [line for number, line in enumerate(lines) if number not in kept]
    return Folded(_trimmed(reply), _trimmed(rest))


def _kinds(lines: list[str]) -> str:
    kinds: list[str] = [_Kind.TEXT] * len(lines)
    in_code = False
    number = 0
    closing = _closing(lines)
    while number < len(lines):
        line = lines[number]
        if line[:1] in _FENCES and _FENCE.match(line):
            in_code = not in_code and any(_FENCE.match(later) for later in lines[number + 1 :])
            number += 1
            continue
        if in_code or _underlines(lines, number):
            number += 1
            continue
        length = _introduction(lines, number, closing[number] - number)
        if length:
            kinds[number : number + length] = [_Kind.INTRODUCTION] * length
            number += length
            continue
        kinds[number] = _Kind.DELIMITER if _is_notice(lines, number) else _kind(line)
        number += 1
    _headers(lines, kinds)
    return "".join(kinds)


def _kind(line: str) -> _Kind:
    if not line.strip():
        return _Kind.EMPTY
    bare = _MARKS.sub("", line) if line[0] in " \t>|" else line
    ruled = _RULED.match(bare) if len(bare) <= _LONGEST_INTRODUCTION else None
    if (
        (ruled and _ORIGINAL.search(ruled.group(1)))
        or _BEGIN_FORWARDED.match(bare)
        or (len(bare) < 160 and _is_set_apart(bare) and _ABOVE.search(bare))
    ):
        return _Kind.ORIGINAL
    if _QUOTE.match(line):
        return _Kind.QUOTE
    if _DELIMITER.match(line):
        return _Kind.DELIMITER
    if len(line.strip()) <= _LONGEST_DEVICE and _is_device(line):
        return _Kind.DEVICE
    return _Kind.TEXT


def _is_device(line: str) -> bool:
    return bool(
        _SENT_ENGLISH.match(line)
        or (_SENT.match(line) and _WITH.search(line))
        or (_FETCH.search(line) and _FETCHED.search(line))
    )


def _is_set_apart(line: str) -> bool:
    """Whether a line has marks at both ends, as programs put them and people do not."""
    bare = line.strip()
    ends = f"{bare[:2]}{bare[-2:]}"
    return len(bare) > 8 and not any(one.isalnum() or one.isspace() for one in ends) and bare[-1] not in ".?!)"


def _is_notice(lines: list[str], number: int) -> bool:
    """Whether a paragraph begins here that says whose eyes the mail is for, or which scanner it went through."""
    line = lines[number]
    if _ADVERTISEMENT.match(line):
        return True
    if not _NOTICE.match(line) or (number and lines[number - 1].strip() and not _DELIMITER.match(lines[number - 1])):
        return False
    paragraph = " ".join(itertools.takewhile(str.strip, lines[number : number + 12]))[:3000]
    return len(paragraph) > 60 and len({one.lower() for one in _CONFIDENTIAL.findall(paragraph)}) >= 2


def _underlines(lines: list[str], number: int) -> bool:
    """Whether a line of dashes is as long as the heading above it, rather than the beginning of a signature."""
    line = lines[number].strip()
    return (
        number > 0
        and len(line) >= 3
        and set(line) in ({"="}, {"-"}, {"~"})
        and len(line) == len(lines[number - 1].strip())
    )


def _closing(lines: list[str]) -> list[int]:
    """For each line, the next one that can be the end of an introduction: most mails have hardly any, and the rest is spared."""
    nearest, found = len(lines) + _MOST_LINES, []
    for number in range(len(lines) - 1, -1, -1):
        if lines[number].rstrip()[-1:] in _CLOSING:
            nearest = number
        found.append(nearest)
    return found[::-1]


def _introduction(lines: list[str], start: int, to_its_end: int) -> int:
    """How many lines from here are one that introduces a quote; none when it is something else."""
    first = lines[start]
    if to_its_end >= _MOST_LINES and not (("<" in first and ":" in first) or first.lstrip("> |")[:1].isdigit()):
        return 0
    first = _MARKS.sub("", first)
    if not first or len(first) > _LONGEST_INTRODUCTION:
        return 0  # and nobody looks for an address in a line of a hundred thousand letters
    if _BARE_DATE.match(first) or (_OPENING.match(first) and _ON_ONE_LINE.match(first)):
        return 1
    if to_its_end >= _MOST_LINES:
        return 0
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
        if is_quoted_below and _QUOTING.match(told):
            return True
        return (has_verb and (is_day or is_quoted_below or bool(_ENDS_WITH_VERB.search(told)))) or (
            is_day and end in ":："
        )
    ends_with_verb = bool(_ENDS_WITH_VERB.search(told) or _VERB_THEN_DATE.search(told))
    if is_quoted_below and has_verb and _OPENING.match(told):
        return is_moment or is_day  # "Am 12.03.24 um 09:12 schrieb Ada Agent:", the name last
    if is_quoted_below and len(told) < 80 and _ENDS_WITH_VERB.search(told):
        return True
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
    if not _is_boxed(kinds) and (delimiter := kinds.find("d", first_text)) >= 0:
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
        if quoted and re.search("t[^oh]*q[^oh]*t", kinds[start:end]):
            start = kinds.index("q", at)  # answers in between: what the first one answers is read with it
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


def _without_marks(kinds: str, kept: set[int]) -> set[int]:
    """Without the lines that only say what stands around them."""
    marks = "bso" if _is_boxed(kinds) or len(kept) == len(kinds) else "bsod"
    left = {number for number in kept if kinds[number] not in marks}
    return left if any(kinds[number] == "t" for number in left) else kept


def _is_boxed(kinds: str) -> bool:
    """Whether lines of marks stand above the first text: then those below are layout as well, and part nothing."""
    return "d" in kinds[: max(kinds.find("t"), 0)]


def _without_trailing_quote(kinds: str, start: int, end: int) -> int:
    found = re.search("[qesb]*$", kinds[start:end])
    cut = start + found.start() if found else end
    return cut if "t" in kinds[start:cut] else end


def _trimmed(lines: list[str]) -> str:
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    last = next((number for number in range(len(lines), 0, -1) if lines[number - 1].strip()), 0)
    return "\n".join(line.rstrip() for line in lines[first:last])
