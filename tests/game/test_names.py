"""Ids, symbols, nested targets and hashtags (contract, section 6, "Names")."""

from unicodedata import category, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.names import (
    hashtag,
    name_id,
    new_actions,
    new_targets,
    path_id,
    symbol,
    with_parents,
)

names = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=":"), min_size=1)
    .map(str.strip)
    .filter(bool)
)
paths = st.lists(names, min_size=1, max_size=5).map(":".join)


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("Goal", "goal"),
        ("Yellow Card", "yellow-card"),
        ("Yellow \t\n Card", "yellow-card"),
        ("yellow\u00a0card", "yellow-card"),
        ("yellow-card", "yellow-card"),
        ("Yellow  -  Card", "yellow---card"),
        ("7", "7"),
        ("GRO\u00df", "gro\u00df"),
        ("\u00c9toile", "\u00e9toile"),
        ("E\u0301toile", "\u00e9toile"),
        ("\u0130stanbul", "i\u0307stanbul"),
        ("\u041c\u043e\u0441\u043a\u0432\u0430", "\u043c\u043e\u0441\u043a\u0432\u0430"),
        ("J\u030c", "\u01f0"),  # the two have a composed character only in lower case
    ],
)
def test_an_id_is_the_name_composed_in_lower_case_with_hyphens(name: str, identifier: str) -> None:
    assert name_id(name) == identifier


@given(names)
def test_an_id_is_its_own_id(name: str) -> None:
    assert name_id(name_id(name)) == name_id(name)


@given(names)
def test_an_id_is_composed_and_without_white_space(name: str) -> None:
    identifier = name_id(name)
    assert normalize("NFC", identifier) == identifier
    assert not any(map(str.isspace, identifier))


@given(names)
def test_a_name_has_one_id_however_it_is_composed(name: str) -> None:
    assert name_id(normalize("NFD", name)) == name_id(normalize("NFC", name))


def test_a_target_is_named_by_the_ids_of_its_whole_path() -> None:
    assert path_id("Brazil:Number 7:Left Foot") == "brazil:number-7:left-foot"


@given(names, names)
def test_a_segment_has_the_same_id_at_every_level(above: str, below: str) -> None:
    assert path_id(f"{above}:{below}") == f"{name_id(above)}:{name_id(below)}"


@pytest.mark.parametrize(
    ("identifier", "wanted"),
    [("brazil", "bra"), ("7", "7"), ("none", "non"), ("s\u00e3o-paulo", "s\u00e3o")],
)
def test_a_symbol_is_the_first_three_characters_of_the_id(identifier: str, wanted: str) -> None:
    assert symbol(identifier) == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Argentina - Brazil", "#ArgBra"),
        ("argentina-brazil", "#ArgBra"),
        ("FC Bayern 1900 vs. 1. FC K\u00f6ln", "#FCBay190Vs1FCK\u00f6l"),
        ("iPad cup", "#IPaCup"),
        ("A_B", "#AB"),
        ("\u0434\u0438\u043d\u0430\u043c\u043e", "#\u0414\u0438\u043d"),
        ("?!", "#"),
    ],
)
def test_a_hashtag_is_made_of_the_first_three_characters_of_each_run(
    name: str, wanted: str
) -> None:
    assert hashtag(name) == wanted


@given(names)
def test_a_hashtag_holds_letters_and_digits_alone(name: str) -> None:
    made = hashtag(name)
    assert made[0] == "#"
    # Upper case may spell one character as a letter and its mark.
    assert all(category(character)[0] in "LNM" for character in made[1:])


@given(paths)
def test_the_parents_of_a_target_come_before_it_from_the_top(path: str) -> None:
    levels = with_parents(path)
    assert levels[-1] == path
    assert [level.count(":") for level in levels] == list(range(path.count(":") + 1))
    assert all(path.startswith(level) for level in levels)


def test_parents_that_were_not_listed_are_made() -> None:
    assert new_targets({}, ["Brazil:Bench:7"]) == {
        "brazil": "Brazil",
        "brazil:bench": "Bench",
        "brazil:bench:7": "7",
    }


def test_of_two_names_with_one_id_the_first_spelling_is_the_display_name() -> None:
    assert new_actions({}, ["Yellow Card", "YELLOW  CARD"]) == {"yellow-card": "Yellow Card"}
    assert new_targets({}, ["argentina:1", "ARGENTINA"])["argentina"] == "argentina"


def test_names_that_are_known_are_not_new() -> None:
    assert new_actions({"goal": "Goal"}, ["GOAL", "Offside"]) == {"offside": "Offside"}
    assert new_targets({"brazil": "Brazil"}, ["BRAZIL:7"]) == {"brazil:7": "7"}


@given(st.lists(paths, max_size=8))
def test_adding_targets_one_by_one_equals_adding_them_together(listed: list[str]) -> None:
    one_by_one: dict[str, str] = {}
    for path in listed:
        one_by_one |= new_targets(one_by_one, [path])
    assert one_by_one == new_targets({}, listed)
    assert list(one_by_one) == list(new_targets({}, listed))
