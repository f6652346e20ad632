"""References people can read out, and which status may follow which."""

import pytest

from helpdesk.domain.tickets import (
    CUSTOMER_TRANSITIONS,
    REFERENCE_ALPHABET,
    SEED_PRIORITIES,
    SEED_STATUSES,
    STAFF_TRANSITIONS,
    StatusCategory,
    may_follow,
    new_reference,
)

NEW, OPEN, PENDING, RESOLVED, CLOSED = StatusCategory
STAFF_MAY = {
    NEW: {NEW, OPEN, PENDING, RESOLVED, CLOSED},
    OPEN: {OPEN, PENDING, RESOLVED, CLOSED},
    PENDING: {OPEN, PENDING, RESOLVED, CLOSED},
    RESOLVED: {OPEN, RESOLVED, CLOSED},
    CLOSED: {OPEN, CLOSED},
}
CUSTOMERS_MAY = {NEW: {RESOLVED}, OPEN: {RESOLVED}, PENDING: {RESOLVED}, RESOLVED: {OPEN, CLOSED}, CLOSED: set()}


@pytest.mark.parametrize("current", list(StatusCategory))
@pytest.mark.parametrize("target", list(StatusCategory))
def test_every_transition(current: StatusCategory, target: StatusCategory) -> None:
    assert may_follow(current, target, for_staff=True) is (target in STAFF_MAY[current])
    assert may_follow(current, target, for_staff=False) is (target in CUSTOMERS_MAY[current])


def test_customers_may_nothing_that_staff_may_not() -> None:
    assert all(CUSTOMER_TRANSITIONS[one] <= STAFF_TRANSITIONS[one] for one in StatusCategory)


def test_references_survive_the_telephone() -> None:
    assert not set("01OILUV") & set(REFERENCE_ALPHABET)
    assert len(set(REFERENCE_ALPHABET)) == len(REFERENCE_ALPHABET)


def test_references_look_like_references_and_do_not_repeat() -> None:
    made = {new_reference("ACME") for _ in range(2000)}
    assert len(made) > 1990
    for reference in made:
        prefix, _, code = reference.partition("-")
        assert prefix == "ACME" and len(code) == 6 and set(code) <= set(REFERENCE_ALPHABET)


def test_every_letter_of_the_alphabet_comes_up() -> None:
    assert {letter for _ in range(500) for letter in new_reference("A")[2:]} == set(REFERENCE_ALPHABET)


def test_seeds_leave_no_word_in_doubt() -> None:
    for seeds in (SEED_STATUSES, SEED_PRIORITIES):
        words = [word.lower() for seed in seeds for word in {seed.slug, seed.label.lower(), *seed.aliases}]
        assert len(words) == len(set(words))
    assert {seed.category for seed in SEED_STATUSES} == set(StatusCategory)
