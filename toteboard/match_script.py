"""The script of the demo's match: who asks what and when, as data.

Ids that only the server knows, times and what depends on the score stand here as marks, which
`toteboard/match.py` replaces when it is a line's turn.
"""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

HOST: Final = "hanna"
FANS: Final = ("ann", "bob", "cleo")
TEAMS: Final = ("argentina", "brazil")
NEXT_GOAL: Final = "Who scores the next goal?"
CAPTAIN: Final = "Will Argentina's captain play to the end?"
FIRST_CARD: Final = "Who gets a yellow card before half-time?"


@frozen
class After:
    """A moment, so many seconds after the beginning of the match."""

    seconds: float


class LastSeq:
    """The greatest `seq` of the game that the player has heard of."""


@frozen
class PoolOn:
    """The newest pool with this description that the player has heard of."""

    description: str


@frozen
class ActionOf:
    """The action by which that pool is decided, if it is a binary one."""

    description: str


@frozen
class ByScore:
    """The team that leads, or is behind, as far as the player has heard; in a draw `otherwise`."""

    leads: bool
    otherwise: str


@frozen
class Line:
    """At `at` seconds `who` asks `op`; the source and the game are added where the op needs them.

    `why` is said to the audience first.
    """

    at: float
    who: str
    op: str
    why: str
    parameters: Mapping[str, Any] = {}


def opens(at: float, why: str, description: str, **more: Any) -> Line:
    """Hanna opens a pool."""
    parameters = {"description": description} | more
    return Line(at, HOST, "create_and_open_betting_pool", why, parameters)


def bets(at: float, who: str, why: str, description: str, target: Any, amount: float) -> Line:
    """A fan bets."""
    parameters = {"pool_id": PoolOn(description), "target": target, "amount": amount}
    return Line(at, who, "place_bet_in_betting_pool", why, parameters)


def happens(at: float, why: str, action_id: Any, target_id: str, **more: Any) -> Line:
    """Hanna registers that something has happened."""
    parameters = {"action_id": action_id, "target_id": target_id} | more
    return Line(at, HOST, "register_game_event", why, parameters)


SCRIPT: Final = (
    # Before the match.
    Line(
        at=0,
        who=HOST,
        op="create_game",
        why="Hanna announces a match: betting from 8 s, kick-off at 22 s, over at 60 s.",
        parameters={
            "game_name": "Argentina - Brazil",
            "type": "football",
            "open_at": After(8),
            "live_start_at": After(22),
            "close_at": After(60),
        },
    ),
    Line(2, "ann", "list_upcoming_games_for_source", "Ann looks what is coming."),
    Line(3, "ann", "join_game", "Ann joins: from now on she hears whatever happens in the game."),
    Line(4, "bob", "join_game", "Bob joins too. Cleo does not: one can bet without."),
    Line(
        at=5,
        who=HOST,
        op="open_game",
        why="Hanna opens it. Betting still waits for 'open_at'; then the game moves on by itself.",
        parameters={
            "actions": ["Goal", "Yellow Card"],
            "targets": ["Argentina:10", "Argentina:22", "Brazil:7", "Brazil:9"],
        },
    ),
    Line(6, HOST, "become_an_admin_for_game", "She asks for admin rights, to run its pools."),
    # Pools and first bets.
    opens(
        at=9,
        why="A pool that every goal decides, and that then opens again. Targets: both teams, none.",
        description=NEXT_GOAL,
        action="goal",
        recreate_on_end=True,
    ),
    opens(
        at=10,
        why="One that only a time decides, unless a card does: at 48 s it goes to 'none'.",
        description=FIRST_CARD,
        pool_type=2,
        action="yellow-card",
        finish_at=After(48),
    ),
    opens(
        at=11,
        why="A yes-or-no question. Hanna is going to decide it by hand.",
        description=CAPTAIN,
        pool_type=3,
    ),
    bets(
        13, "ann", "Ann bets on Argentina: 361 shows stakes and odds.", NEXT_GOAL, "argentina", 40
    ),
    bets(14, "bob", "Bob bets against her. Now the odds mean something.", NEXT_GOAL, "brazil", 30),
    Line(15, "cleo", "list_all_betting_pools_for_game", "Cleo looks what one can bet on."),
    bets(16, "cleo", "She hears 815, her balance, and nothing else.", FIRST_CARD, "none", 20),
    bets(17, "bob", "Bob thinks that there will be a card.", FIRST_CARD, "brazil", 5),
    bets(18, "cleo", "Cleo says that the captain stays.", CAPTAIN, "yes", 10),
    bets(19, "ann", "Ann says that he does not.", CAPTAIN, "no", 3),
    bets(20, "bob", "Bob would like to bet what he has not got.", NEXT_GOAL, "brazil", 1_000_000),
    # The match.
    Line(
        at=24,
        who=HOST,
        op="suggest_hot_betting_pool",
        why="A free kick! Hanna points everybody to the pool where it may count.",
        parameters={"pool_id": PoolOn(NEXT_GOAL)},
    ),
    bets(
        at=27,
        who="cleo",
        why="Goal for Argentina, at 26 s! Cleo is at the stadium and bets before anybody is told.",
        description=NEXT_GOAL,
        target="argentina",
        amount=200,
    ),
    happens(
        at=29,
        why="Hanna says when it was: Ann has won, Cleo's late bet is void, a new pool opens.",
        action_id="goal",
        target_id="argentina:10",
        happened_at=After(26),
    ),
    Line(
        at=31,
        who="ann",
        op="text_message",
        why="Ann has something to say to those who joined. Chat is not kept.",
        parameters={"text": "One nil! Easy money."},
    ),
    bets(
        at=33,
        who="ann",
        why="Ann backs whoever leads.",
        description=NEXT_GOAL,
        target=ByScore(leads=True, otherwise="argentina"),
        amount=30,
    ),
    bets(
        at=34,
        who="bob",
        why="Bob backs whoever is behind.",
        description=NEXT_GOAL,
        target=ByScore(leads=False, otherwise="brazil"),
        amount=30,
    ),
    happens(37, "Brazil equalises: Bob takes the pool.", "goal", "brazil:7"),
    bets(
        at=40,
        who="ann",
        why="A draw: Ann is back to her favourite.",
        description=NEXT_GOAL,
        target=ByScore(leads=True, otherwise="argentina"),
        amount=15,
    ),
    Line(
        at=42,
        who="bob",
        op="register_game_event",
        why="Bob tries to register a goal. He has no right to: nothing happens, and nobody hears.",
        parameters={"action_id": "goal", "target_id": "brazil:9"},
    ),
    Line(
        44, "bob", "leave_game", "Bob leaves. At 48 s, without him, the pool on the card runs out."
    ),
    Line(
        at=51,
        who="bob",
        op="join_game",
        why="Bob comes back and says what he heard last: he is told what he has missed.",
        parameters={"since": LastSeq},
    ),
    happens(54, "The captain is still there: yes. Cleo wins.", ActionOf(CAPTAIN), "yes"),
    # After it: at 60 s it has closed by itself, and what was staked in the last pool went back.
    Line(62, "bob", "list_my_resolved_pools_for_game", "Bob looks how his pools ended."),
    Line(63, "cleo", "get_my_exposure", "Cleo has nothing at stake any more."),
    Line(64, "ann", "get_leaderboard_for_game", "Who has won most?"),
    Line(65, "ann", "list_games_for_source", "The game is in no listing any more."),
)
"""A game through all its statuses, with its pools, in a minute."""
