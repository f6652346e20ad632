"""Answers as the programs people use send them, in their languages: what is new stands alone, the rest is folded.

`replies.txt` has the plain ones: a line that begins with "+" belongs to the answer, one that begins with "-" is folded.
"""

import re
from pathlib import Path

import pytest

from helpdesk.domain.mail_html import words
from helpdesk.domain.quoting import fold
from tests.domain.replies_html import REPLIES

PLAIN = [
    (name, [line for line in lines if line])
    for name, *lines in (
        block.split("\n")
        for block in (Path(__file__).parent / "replies.txt").read_text(encoding="utf-8").split("=== ")[1:]
    )
]
FOOTERS = """
Sent from my Samsung Galaxy smartphone.
Sent from my iPad
Sent from Outlook for Android
Get Outlook for Android
Sent from Yahoo Mail on Android
Sent from Yahoo Mail for iPhone
Sent via the Samsung Galaxy S21, an AT&T 5G smartphone
Sent from my mobile device
Sent from my mobile phone. Please excuse typos.
Sent with Proton Mail secure email.
Sent from Proton Mail mobile
Sent from Mailspring
Sent from Mail for Windows 10
Sent from Gmail Mobile
Von meinem iPad gesendet
Von meinem Samsung Galaxy Smartphone gesendet.
Von Samsung-Mobilgerät gesendet
Von Outlook für iOS gesendet
Von Yahoo Mail für iPhone gesendet
Gesendet von Yahoo Mail auf Android
Gesendet von Outlook Mobile
Gesendet mit der Telekom Mail App
Gesendet von meinem Handy
Gesendet von meinem/meiner Galaxy
Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.
Holen Sie sich Outlook für iOS
Laden Sie Outlook für Android herunter
Envoyé depuis mon smartphone Samsung Galaxy.
Envoyé de mon iPad
Envoyé à partir de Outlook pour Android
Envoyé à partir de Yahoo Mail sur Android
Envoyé depuis l'application Mail Orange
Envoyé avec la messagerie sécurisée Proton Mail.
Télécharger Outlook pour iOS
Obtenez Outlook pour iOS
Provenance : Courrier pour Windows
Enviado desde mi iPad
Enviado desde Outlook para Android
Enviado desde Yahoo Mail para Android
Enviado desde mi smartphone Samsung Galaxy.
Obtener Outlook para iOS
Enviado do meu smartphone Samsung Galaxy.
Obter o Outlook para iOS
Enviado via iPhone
Inviato da Outlook per Android
Inviato dal mio iPhone
Inviato da Yahoo Mail su Android
Inviato dal mio dispositivo Samsung
Scarica Outlook per iOS
Ottieni Outlook per Android
Verzonden vanaf mijn iPhone
Verzonden vanuit Outlook voor Android
Verstuurd vanaf mijn mobiel
Outlook voor iOS downloaden
Wysłano z iPhone'a
Wysłane z mojego iPhone’a
Pobierz aplikację Outlook dla systemu iOS
Skickat från min iPad
Skickat från Outlook för Android
Hämta Outlook för iOS
Sendt fra Outlook til Android
Hent Outlook til iOS
Odesláno z mého iPhonu
Získejte Outlook pro iOS
Отправлено с iPhone
Отправлено из мобильной Почты Mail.ru
Отправлено с моего iPhone
Получить Outlook для iOS
iPhone'umdan gönderildi
Android için Outlook uygulamasını edinin
发自我的iPhone
发自我的小米
發自我的 iPhone
從我的 iPhone 傳送
获取 Outlook for iOS
iPhoneから送信
iOS 用 Outlook を入手
나의 iPhone에서 보냄
Lähetetty iPhonesta
Hanki Outlook for iOS
Trimis de pe iPhone-ul meu
Küldve az iPhone-omról
Στάλθηκε από το iPhone μου
Надіслано з iPhone
Enviat des del meu iPhone
Poslano z mojega iPhona
Odoslané z iPhonu
""".strip().split("\n")
NO_FOOTERS = [
    "Sent from the warehouse yesterday, still not here.", "Sent by post last week.", "Von meinem Kollegen kam nichts.", "Enviado por correo ayer.",
    "Gesendet von DHL am Montag, nicht angekommen.", "Outlook für mich ist kaputt", "Sent you the file already.",
    "From my point of view it is broken.", "Get the printer fixed please.",
]  # fmt: skip


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.parametrize(("name", "lines"), PLAIN, ids=[name for name, _ in PLAIN])
def test_plain_answers(name: str, lines: list[str]) -> None:
    found = fold("\n".join(line[2:] for line in lines))
    assert squeezed(found.reply) == squeezed("\n".join(line[2:] for line in lines if line.startswith("+")))


@pytest.mark.parametrize("footer", FOOTERS)
def test_what_a_phone_adds_is_folded(footer: str) -> None:
    assert fold(f"Words here.\n\n{footer}\n").reply == "Words here."


@pytest.mark.parametrize("line", NO_FOOTERS)
def test_what_only_sounds_like_a_phone_stays(line: str) -> None:
    assert fold(f"Words here.\n\n{line}\n").reply == f"Words here.\n\n{line}"


@pytest.mark.parametrize(("name", "markup", "reply", "folded"), REPLIES, ids=[one[0] for one in REPLIES])
def test_answers_in_html(name: str, markup: str, reply: str, folded: str) -> None:
    found = words("", markup, pictures={}, remote=lambda address: address, most=10_000)
    seen = squeezed(re.sub(r"<[^>]+>", " ", re.sub(r"<details.*?</details>", "", found.html, flags=re.DOTALL)))
    if reply.startswith("*"):
        assert reply[1:] in found.text and reply[1:] in seen
        return
    assert squeezed(found.text) == squeezed(reply)
    assert folded in found.rest and folded in found.html
    assert not folded or folded not in seen
