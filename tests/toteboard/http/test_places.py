"""Connections are limited for each address and in total. A place is always freed at the end."""

from contextlib import ExitStack

import pytest

from toteboard.http.places import Admittance, Places


def taken(places: Places, *addresses: str) -> tuple[ExitStack, list[Admittance]]:
    stack = ExitStack()
    return stack, [stack.enter_context(places.place(address)) for address in addresses]


def test_an_address_has_its_places_and_no_other_pays_for_it() -> None:
    places = Places(most=100, per_address=2)
    _, got = taken(places, "a", "a", "a", "b")
    assert [place.is_granted for place in got] == [True, True, False, True]


def test_all_together_have_no_more_than_there_are() -> None:
    _, got = taken(Places(most=2, per_address=2), "a", "b", "c")
    assert [place.is_granted for place in got] == [True, True, False]


def test_a_customer_of_ipv6_is_one_address() -> None:
    _, got = taken(Places(100, 1), "2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1")
    assert [place.is_granted for place in got] == [True, False, True]


def test_without_a_limit_an_address_may_have_them_all() -> None:
    _, got = taken(Places(most=3, per_address=0), *"aaaa")
    assert [place.is_granted for place in got] == [True, True, True, False]


def test_half_of_them_are_roomy() -> None:
    _, got = taken(Places(most=100, per_address=4), *"aaaa")
    assert [place.is_roomy for place in got] == [True, True, False, False]
    _, got = taken(Places(most=4, per_address=4), *"abcd")
    assert [place.is_roomy for place in got] == [True, True, False, False]


def test_places_are_given_back() -> None:
    places = Places(most=2, per_address=1)
    for _ in range(3):
        stack, got = taken(places, "a", "b", "b")
        assert [place.is_granted for place in got] == [True, True, False]
        with pytest.raises(ZeroDivisionError), stack:
            raise ZeroDivisionError
