"""The details of a game have the newest events and the number of all of them (section 6)."""

from protocol.messages import game_details
from tests.support.match import Match

EVENTS = 103


def test_details_hold_the_newest_hundred_events_and_the_number_of_all() -> None:
    match = Match()
    for number in range(EVENTS):
        match.wait(1)
        match.event(("brazil:7", "argentina:7")[number % 2])
    body = game_details(match.game)
    assert body["past_events_total"] == EVENTS
    assert len(body["past_events"]) == 100
    assert body["game_state"]["goal"] == {
        "brazil": 52,
        "brazil:7": 52,
        "argentina": 51,
        "argentina:7": 51,
    }
