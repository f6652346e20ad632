"""Telephone numbers, written one way."""

import phonenumbers

from helpdesk.domain.errors import Invalid
from helpdesk.domain.text import one_line


def international(text: str) -> str:
    """A number as `+49 30 901820`; empty for nothing.

    Raises:
        Invalid: no number, or one without its country.
    """
    typed = one_line(text)[:60]
    if not typed:
        return ""
    try:
        number = phonenumbers.parse("+" + typed[2:] if typed.startswith("00") else typed, None)
    except phonenumbers.NumberParseException:
        raise Invalid(phone="Start with + and the country code, for example +49 30 901820.") from None
    if not phonenumbers.is_possible_number(number):
        raise Invalid(phone="This number has too few or too many digits. Check it.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
