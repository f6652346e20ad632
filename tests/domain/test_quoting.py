"""What a mail says now, told apart from what it quotes and how it is signed."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from helpdesk.domain.quoting import fold

# How programs introduce a quote, as their users' languages have it.
INTRODUCTIONS = [
    "On 12 Mar 2024, at 09:12, Ada Agent <ada@acme.example> wrote:",
    "On Monday, March 4, 2024 at 10:00:00 AM GMT+1, Ada Agent <ada@acme.example>\nwrote:",
    "On Tue, 2024-03-12 at 18:02 +0530, Ada Agent wrote:",
    "Ada Agent <ada@acme.example> wrote:",
    "Ada Agent/ACME wrote on 12/03/2024 10:11:",
    "At 6/16/2024 08:32 PM, you wrote:",
    "2024-03-03 17:21 GMT+01:00 Ada Agent <\nada@acme.example>:",
    "Am Mo., 4. März 2024 um 10:00 Uhr schrieb Ada Agent <ada@acme.example>:",
    "Ada Agent <ada@acme.example> schrieb am Di., 16. Aug. 2024\num 12:52 Uhr:",
    "Le lun. 4 mars 2024 à 10:00, Ada Agent <ada@acme.example> a écrit :",
    "El lun, 4 mar 2024 a las 10:00, Ada (<ada@acme.example>) escribió:",
    "Em seg., 4 de mar. de 2024 às 10:00, Ada <ada@acme.example>\nescreveu:",
    "Il giorno lun 4 mar 2024 alle ore 10:00 Ada <ada@acme.example> ha scritto:",
    "Op ma 4 mrt 2024 om 10:00 schreef Ada <ada@acme.example>:",
    "Op 2 feb. 2024 om 05:28 heeft Ada <ada@acme.example> het volgende geschreven:",
    "Den man. 4. mar. 2024 kl. 10.00 skrev Ada <ada@acme.example>:",
    "pon., 4 mar 2024 o 10:00 Ada <ada@acme.example> napisał(a):",
    "пн, 4 мар. 2024 г. в 10:00, Ada <ada@acme.example>:",
    "30 серп. 2024 р. 20:45 Ada <ada@acme.example> пише:",
    "ma 4. maalisk. 2024 klo 10.00 Ada (ada@acme.example) kirjoitti:",
    "po 4. 3. 2024 v 10:00 odesílatel Ada <ada@acme.example> napsal:",
    "Ada <ada@acme.example> 于2024年3月1日周五 下午3:05写道：",
    "2024年3月1日(金) 15:05 Ada <ada@acme.example>:",
]
BLOCKS = [
    "-----Original Message-----\nFrom: Ada\nSent: Monday\nTo: Rita\nSubject: Labels",
    "________________________________\nVon: Ada <ada@acme.example>\nGesendet: Montag, 4. März 2024 10:00\nAn: Rita\nBetreff: AW: Etiketten",
    "From: Ada <ada@acme.example>\nDate: Monday, 4 March 2024 at 10:00\nTo: Rita <rita@northwind.example>\nSubject: Re: Labels",
    "*From:* Ada\n*Sent:* 2024-01-27\n*To:* rita@northwind.example\n*Subject:* Labels",
    "---------- Forwarded message ---------\nFrom: Ada <ada@acme.example>\nDate: Tue, Jan 02, 2024 at 12:00 PM\nSubject: Labels\nTo: <rita@northwind.example>",
    "Begin forwarded message:\n\nFrom: Ada <ada@acme.example>\nSubject: Labels\nDate: 2 January 2024",
    "-----Ursprüngliche Nachricht-----\nVon: Ada\nGesendet: Montag\nAn: Rita\nBetreff: Etiketten",
    "De : Ada\nEnvoyé : lundi 4 mars 2024\nÀ : Rita\nObjet : Étiquettes",
]
SIGNATURES = [
    "-- \nRita Requester\nNorthwind", "--\nRita", "Sent from my iPhone", "Von meinem Mobilgerät gesendet", "Get Outlook for iOS<https://aka.ms/x>",
    "Envoyé de mon iPhone", "Enviado desde mi iPhone", "Sendt fra min iPad", "发自我的 iPhone", "_____________\nRita, Northwind Ltd.",
]  # fmt: skip
# Answers that look like something else.
KEPT = [
    "On 3 March 2024 the supplier wrote to us the following:\n\nWe will deliver.\n\nWhat now?",
    "My colleague wrote:\n\nit is broken",
    "Dear all,\n\nFrom: the first floor\nwe hear noise.\n\nBye",
    "Hello,\n\nthe date: 4 March\nTo: whom?\n\nThanks",
    "a > b\nthat is it",
    "> only a quote",
    "> a quote\n\nand an answer below it",
    "Steps\n=====\nopen it\n\nResult\n------\nnothing happens",
    "See:\n```\n# ---\n--\n> x\n```\nThat is all.",
    "This is not a ---------- line",
    "",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize("quote", ["> old\n> words", "old words\n\nmore of them"], ids=["marked", "bare"])
def test_a_quote_below_the_answer_is_folded(introduction: str, quote: str) -> None:
    found = fold(f"Yes, please.\n\nRita\n\n{introduction}\n\n{quote}\n")
    assert found.reply == "Yes, please.\n\nRita"
    assert quote in found.rest and introduction in found.rest


@pytest.mark.parametrize("block", BLOCKS)
def test_a_mail_below_the_answer_is_folded(block: str) -> None:
    found = fold(f"Yes, please.\n\n{block}\n\nThe labels are empty.\n\nAda\n")
    assert found.reply == "Yes, please."
    assert "The labels are empty." in found.rest


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_signature_is_folded(signature: str) -> None:
    found = fold(f"Yes, please.\n\n{signature}\n")
    assert found == fold(f"Yes, please.\r\n\r\n{signature}\r\n")
    assert (found.reply, found.rest) == ("Yes, please.", signature.replace("-- \n", "--\n"))


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_a_quote_stays(text: str) -> None:
    assert fold(text) == fold(f"\n\n{text}\n\n")
    assert (fold(text).reply, fold(text).rest) == (text, "")


def test_an_answer_below_the_quote_is_found() -> None:
    found = fold(
        "On 12 Mar 2024, at 09:12, Ada <ada@acme.example> wrote:\n> Is it still empty?\n>\n> Ada\n\nYes, it is.\n\n-- \nRita\n"
    )
    assert found.reply == "Yes, it is."


def test_answers_in_between_keep_what_they_answer() -> None:
    body = "Ada,\nOn 12 Mar 2024 at 09:12, Ada wrote:\n> Is it empty?\n\nYes.\n\n> Since when?\n\nYesterday.\n"
    assert fold(body).reply == "Ada,\n> Is it empty?\n\nYes.\n\n> Since when?\n\nYesterday."


def test_a_mail_of_nothing_but_quotes_says_nothing() -> None:
    found = fold("> On 12 Mar 2024 at 09:12, Ada <ada@acme.example> wrote:\n>\n> Is it empty?\n")
    assert found.reply == "" and "Is it empty?" in found.rest


def test_a_forwarded_mail_without_a_word_is_what_was_forwarded() -> None:
    assert fold(f"{BLOCKS[4]}\n\nThe labels are empty.\n").reply == "The labels are empty."


@given(some.text(alphabet="ab >:-_\n@.19Ow", max_size=400))
def test_nothing_is_lost(body: str) -> None:
    found = fold(body)
    words = sorted(line.rstrip() for line in body.split("\n") if line.strip())
    kept = sorted(line for part in (found.reply, found.rest) for line in part.split("\n") if line.strip())
    assert kept == words


@pytest.mark.parametrize(
    "body",
    ["On 2024 " * 40_000, "> On Thu, Apr 30, 2020 at 10:07 AM, A <a@b.example> wrote:\n" * 3000, ("On 2024 wrote a@" + "a" * 300 + "\n") * 3000,
     "From: a\n" * 20_000, "```\n" * 20_000, "> " * 60_000],
)  # fmt: skip
def test_no_mail_takes_long(body: str) -> None:
    began = time.process_time()
    fold(body)
    assert time.process_time() - began < 20, "a text made to make us think for ever does"
