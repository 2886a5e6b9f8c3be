"""The script of the demo's match as data: which player sends which request, and when.

Values that are only known during the match are placeholders: ids from the server, times, and teams
that depend on the score. `toteboard/match.py` replaces them.
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
    """A time in seconds after the start of the match."""

    seconds: float


class LastSeq:
    """The greatest `seq` of the game that the player has received."""


@frozen
class PoolOn:
    """The newest pool with this description that the player has received."""

    description: str


@frozen
class ActionOf:
    """The action that decides the binary pool with this description."""

    description: str


@frozen
class ByScore:
    """The team that leads, or trails, as far as the player knows; in a draw `otherwise`."""

    leads: bool
    otherwise: str


@frozen
class Line:
    """At `at` seconds, `who` sends `op`; the source and the game are added if the op needs them.

    `why` is printed first.
    """

    at: float
    who: str
    op: str
    why: str
    parameters: Mapping[str, Any] = {}


def opens(at: float, why: str, description: str, **more: Any) -> Line:
    """Return the line in which Hanna opens a pool."""
    parameters = {"description": description} | more
    return Line(at, HOST, "create_and_open_betting_pool", why, parameters)


def bets(at: float, who: str, why: str, description: str, target: Any, amount: float) -> Line:
    """Return the line in which a fan bets."""
    parameters = {"pool_id": PoolOn(description), "target": target, "amount": amount}
    return Line(at, who, "place_bet_in_betting_pool", why, parameters)


def happens(at: float, why: str, action_id: Any, target_id: str, **more: Any) -> Line:
    """Return the line in which Hanna registers an event."""
    parameters = {"action_id": action_id, "target_id": target_id} | more
    return Line(at, HOST, "register_game_event", why, parameters)


SCRIPT: Final = (
    # Before the match.
    Line(
        at=0,
        who=HOST,
        op="create_game",
        why="Hanna announces a match, with the times of first bets, kick-off and end.",
        parameters={
            "game_name": "Argentina - Brazil",
            "type": "football",
            "open_at": After(8),
            "live_start_at": After(22),
            "close_at": After(60),
        },
    ),
    Line(1, HOST, "become_an_admin_for_game", "She requests admin rights, to run its pools."),
    Line(2, "ann", "list_upcoming_games_for_source", "Ann lists the upcoming games."),
    Line(
        3, "ann", "join_game", "Ann joins: from now on she receives all publications of the game."
    ),
    Line(4, "bob", "join_game", "Bob joins too. Cleo does not; players can bet without joining."),
    Line(
        at=5,
        who=HOST,
        op="open_game",
        why="Hanna opens the game. Betting starts automatically at 'open_at'.",
        parameters={
            "actions": ["Goal", "Yellow Card"],
            "targets": ["Argentina:10", "Argentina:22", "Brazil:7", "Brazil:9"],
        },
    ),
    # Pools and first bets.
    opens(
        at=9,
        why="A pool that each goal decides; then it reopens. Its targets: both teams and none.",
        description=NEXT_GOAL,
        action="goal",
        recreate_on_end=True,
    ),
    opens(
        at=10,
        why="A pool with a deadline: without a card until half-time, 'none' wins.",
        description=FIRST_CARD,
        pool_type=2,
        action="yellow-card",
        finish_at=After(48),
    ),
    opens(
        at=11,
        why="A binary pool: yes or no. Hanna will decide it manually.",
        description=CAPTAIN,
        pool_type=3,
    ),
    bets(
        13, "ann", "Ann bets on Argentina: 361 shows stakes and odds.", NEXT_GOAL, "argentina", 40
    ),
    bets(14, "bob", "Bob bets on the other team, so the odds change.", NEXT_GOAL, "brazil", 30),
    Line(15, "cleo", "list_all_betting_pools_for_game", "Cleo lists the open pools."),
    bets(
        16,
        "cleo",
        "She has not joined, so she receives only her balance, 815.",
        FIRST_CARD,
        "none",
        20,
    ),
    bets(17, "bob", "Bob bets on a card for Brazil.", FIRST_CARD, "brazil", 5),
    bets(18, "cleo", "Cleo bets that the captain stays.", CAPTAIN, "yes", 10),
    bets(19, "ann", "Ann bets that he does not.", CAPTAIN, "no", 3),
    bets(20, "bob", "Bob tries to bet more than he has.", NEXT_GOAL, "brazil", 1_000_000),
    # The match.
    Line(
        at=24,
        who=HOST,
        op="suggest_hot_betting_pool",
        why="A free kick! Hanna marks the pool as hot, to point the players to it.",
        parameters={"pool_id": PoolOn(NEXT_GOAL)},
    ),
    bets(
        at=27,
        who="cleo",
        why="Argentina scores. Cleo is in the stadium and bets before it is registered.",
        description=NEXT_GOAL,
        target="argentina",
        amount=200,
    ),
    happens(
        at=29,
        why="Hanna registers the goal with its time: Ann wins, Cleo's late bet is void.",
        action_id="goal",
        target_id="argentina:10",
        happened_at=After(26),
    ),
    Line(
        at=31,
        who="ann",
        op="text_message",
        why="Ann sends a chat message to the players who joined. Chat is not stored.",
        parameters={"text": "One nil! Easy money."},
    ),
    bets(
        at=33,
        who="ann",
        why="Ann bets on the team that leads.",
        description=NEXT_GOAL,
        target=ByScore(leads=True, otherwise="argentina"),
        amount=30,
    ),
    bets(
        at=34,
        who="bob",
        why="Bob bets on the team that trails.",
        description=NEXT_GOAL,
        target=ByScore(leads=False, otherwise="brazil"),
        amount=30,
    ),
    happens(37, "Brazil equalises: Bob wins the pool.", "goal", "brazil:7"),
    bets(
        at=40,
        who="ann",
        why="A draw: Ann bets on Argentina again.",
        description=NEXT_GOAL,
        target=ByScore(leads=True, otherwise="argentina"),
        amount=15,
    ),
    Line(
        at=42,
        who="bob",
        op="register_game_event",
        why="Bob tries to register a goal. He is not an admin, so the server refuses.",
        parameters={"action_id": "goal", "target_id": "brazil:9"},
    ),
    Line(44, "bob", "leave_game", "Bob leaves. While he is away, the card pool ends."),
    Line(
        at=51,
        who="bob",
        op="join_game",
        why="Bob rejoins with the last position he received, and receives what he missed.",
        parameters={"since": LastSeq},
    ),
    happens(54, "The captain is still playing: yes. Cleo wins.", ActionOf(CAPTAIN), "yes"),
    # After the match: the game closed automatically, and the last pool was refunded.
    Line(62, "bob", "list_my_resolved_pools_for_game", "Bob lists the results of his pools."),
    Line(63, "cleo", "get_my_exposure", "Cleo has no more stakes in unresolved pools."),
    Line(64, "ann", "get_leaderboard_for_game", "Ann asks for the leaderboard."),
    Line(65, "ann", "list_games_for_source", "The game is no longer listed."),
)
"""A game with pools, through all its statuses in one minute."""
