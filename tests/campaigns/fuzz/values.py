"""The values of parameters: meaningful ones in the world for inputs, and odd ones."""

from typing import Any, Final

from tests.campaigns.fuzz.stage import AFTERWARDS, PEOPLE

FAR: Final = 10**19
"""A number beyond 64 bits."""


def nested(depth: int) -> list[Any]:
    """Return arrays nested to this depth."""
    return [nested(depth - 1)] if depth > 1 else []


ODD: Final[tuple[Any, ...]] = (
    *(0, -1, 1.5, -0.0, 1e308, 2**63 - 1, 2**64 - 1, -(2**63), 2**53, True, False, None, 5e-324),
    *("9" * 18, "9" * 19, "9" * 20, "9" * 32, "-" + "9" * 31, "-0", "1e9", "0x1", "1.005", "00.01"),
    *("\u0661", "\u00e9", "e\u0301", "\u0130", "\ufb03" * 200, "\U0001f3c6" * 201),
    *("\u200b", "\ufeff", "\u2028", "\u00a0", "\u1e9e", "\uffff", "\U0010ffff"),
    *("none", "None:1", "a:b:c", ":", "a::b", "a" + ":b" * 101, "pool-", "yes", "goal", ",", ",,a"),
    *("true", "NaN", "Infinity", "http://[", "http://a", "'; DROP TABLE users; --", "%00", "../.."),
    *([], {}, [[]], [{}], [None], [""], ["a", 1], ["a"] * 1_001, {"a": {"b": [1]}}, [1], ["a:b"]),
    *("", " ", "\t\n", "x" * 64, "x" * 65, "x" * 200, "x" * 201, "x" * 500, "x" * 501),
    *(nested(31), nested(32), nested(200)),
)
"""Odd values for any parameter."""

TIMES: Final = tuple(
    AFTERWARDS + ms for ms in (60_000, 3_000, 2_000, 1_500, 1_000, 100, 1, 0, -1, -1_000, -60_000)
)
ACTIONS: Final = ("goal", "Goal", "yellow-card", "Yellow  Card", "corner")
TARGETS: Final = (
    *("brazil", "Argentina", "brazil:7", "Argentina:1", "none", "None", "yes", "no"),
    *("chile", "brazil:9", "BRAZIL : 7"),
)
LISTS: Final[tuple[Any, ...]] = (
    *(["Argentina", "Brazil"], "Argentina,Brazil", "Argentina:1,Brazil:7", ["Chile", "Peru:3"]),
    *(["Corner"], "Goal, Corner ,,", [], ["None"]),
)
AMOUNTS: Final = (1, 2.5, 0.01, "3", "4.25", 999.99, 10**6, 10**12, 0, -1, 0.001, "1e3")
TEXTS: Final = ("What a goal!", "a b", "\U0001f3c6", "x")
CURRENCIES: Final = ("DON", "EUR", "X" * 16, "don")
COUNTS: Final = (0, 1, 2, 3, 5, 100, 1_000, 1_001, "2")
FIRST: Final = ("live game", "early game", "open pool", "binary pool", "timed pool")
KEYS: Final = ("k1", "k2", "k3", " k1 ")


def sensible(ids: dict[str, str]) -> dict[str, tuple[Any, ...]]:
    """Return meaningful values by parameter name, for the ids of a world.

    Values that lead to more states come first: an open game, a pool in it.
    """
    kinds = {
        kind: tuple(ids[name] for name in sorted(ids, key=_dullness) if name.endswith(kind))
        for kind in ("source", "game", "pool")
    }
    actions = (*ACTIONS, *(f"pool-{id}" for id in kinds["pool"]))
    times = ("open_at", "close_at", "live_start_at", "live_finish_at", "finish_at", "block_at")
    more = ("stop_accepting_bets_at", "likely_to_happen_at", "happened_at", "allow_at")
    bounds = ("from", "to", "until")
    chats = tuple([id] for id in kinds["game"])
    return {
        **{f"{kind}_id": found for kind, found in kinds.items()},
        "event_id": tuple(ids[name] for name in ids if name.endswith("event")),
        "confirm_for": (0, 1, 1_000, 600_000, 600_001, "5"),
        "corrects_seq": COUNTS,
        "winning_targets": LISTS,
        "cancel": (True, False),
        **dict.fromkeys((*times, *more, *bounds), TIMES),
        **dict.fromkeys(("action", "action_id"), actions),
        **dict.fromkeys(("target", "target_id", "winning_target"), TARGETS),
        **dict.fromkeys(
            ("is_blocked", "is_hot", "recreate_on_end", "is_material"), (True, False, "TRUE")
        ),
        **dict.fromkeys(("pool_type", "type"), (1, 2, 3, 4, "3", 5, "football")),
        **dict.fromkeys(("offset", "limit", "since", "start", "end", "before"), COUNTS),
        **dict.fromkeys(("text", "description", "reason", "game_name", "source_name"), TEXTS),
        "actions": LISTS,
        "targets": (*LISTS, *chats),
        "also": LISTS,
        **dict.fromkeys(("amount", "min_stake", "max_stake", "max_stake_per_user"), AMOUNTS),
        "bet_delay": (0, 5_000, "30000", 30_001, -1, 0.5),
        "policy": ("plain", "social", "tote", "us", "unknown"),
        "currency": CURRENCIES,
        "query": ("goal", "GOÁL", "#", "%", "live"),
        "status": ("live", "upcoming", "closed"),
        "listed": (True, False, "FALSE"),
        "image_url": ("https://toteboard.example/cup.png", "ftp://a", "http://[cup"),
        "username": (*PEOPLE, "nobody"),
        **_more(ids),
    }


def _dullness(name: str) -> int:
    return 0 if name in FIRST else 1


LIMITS: Final[tuple[Any, ...]] = (
    *({"day": {"spend": 5}}, {"week": {"loss": "2.50"}, "month": {"spend": 10**6}}),
    *({"day": {"spend": "none", "loss": " none "}}, {"month": {"loss": 0.001}}, {"year": {}}),
    *({}, {"day": None, "week": ""}, {"day": {"spend": 1e308}}, {"day": "none"}),
)


def _more(ids: dict[str, str]) -> dict[str, tuple[Any, ...]]:
    """Return values for games, for the requests of moderators, and for tokens."""
    return {
        "hashtag": ("#ArgBra", "cup"),
        "limits": LIMITS,
        "ms": (0, 5, 1_000, 60_000),
        "message_id": (*ids.values(), "x"),
        "token": ("x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."),
    }
