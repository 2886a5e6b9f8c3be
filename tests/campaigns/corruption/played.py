"""Write the file to be corrupted: a season of three games, with rows in every table."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson

from game.facts import BetPlaced
from game.own_limits import LimitChange, LimitKind, Period
from storage.api_keys import AddKey, EndKey
from storage.api_replies import ApiCall
from storage.changes import NonceSpent, ReplyKept, SourceOpened, SourcePhaseChanged
from storage.database import Database
from storage.hook_changes import HookAdvanced, HookStopped
from storage.hooks import AddHook, ReplayHook
from storage.journal import entries
from storage.kept_replies import kept
from storage.limit_writes import LiftBreak, SetOwnLimits, TakeBreak
from storage.moderation import ChangeSlowMode, Sanction, SetSanction, Venue
from storage.opening import open_database
from storage.payments import CREDIT, DEBIT, HOLD, Pay, ResolveHold
from storage.position import FilePosition, join_cluster
from storage.records import LOG_START
from storage.store import AddApiUser, AddSourceAdmin, AddUser, DisableUser, MakeKey
from storage.token_writes import TokenSignIn
from tests.support.bookkeeper import CUP, LEAGUE, NOW, REVIEW, SOURCE, review, season


def play(path: Path) -> None:
    """Write the file as the server and the command line would."""
    with closing(open_database(path)) as database:
        season(database)
        review(database)
        _add_people(database)
        _operate(database)
        _add_hooks(database)
        for phase in ("closing", "closed"):
            source_id = f"8ab7e4c0-5e2c-4b6e-9f5d-{phase:x<12}"
            database.write([SourceOpened(source_id, phase, "of cups", NOW)])
            database.write([SourcePhaseChanged(phase, source_id)])
        join_cluster(database, FilePosition("3c2d7a54-0f0e-4f43-9d53-2b1a5d0d7c11", LOG_START))
        database.execute("INSERT INTO local_scrubbing VALUES (1, 1)")
        database.write([*_replies(database, CUP), *_replies(database, LEAGUE)])


def _add_people(database: Database) -> None:
    for name, password_hash in (("dan", "$argon2id$1"), ("eve", "$argon2id$2")):
        AddUser(name, True, {"DON": 700}, 0, password_hash).perform(database, NOW + 9)
    MakeKey("eve", None).perform(database, NOW + 10)
    DisableUser("dan").perform(database, NOW + 11)
    for name in ("host", "eve"):
        AddSourceAdmin(SOURCE, name).perform(database, NOW + 12)
    database.write([NonceSpent(user_id, f"nonce {user_id}") for user_id in (1, 2, 3)])


def _operate(database: Database) -> None:
    """Make keys of the API, and payments, holds and kept replies under them."""
    for name, role in (("till", "cashier"), ("desk", "moderator"), ("shop", "cashier")):
        AddKey(name, role).perform(database, NOW + 13)
    EndKey("shop").perform(database, NOW + 14)
    user_id = AddUser("fay", False, {"DON": 900}, 0).perform(database, NOW + 15)["id"]
    for number, kind in enumerate((CREDIT, DEBIT, HOLD, HOLD)):
        pay = Pay(kind, user_id, "DON", 10 + number, f"r-{number}", "bonus", key_id=1, by="till")
        call = ApiCall(pay, 1, f"k-{number}", "POST /v1/payments", b"{}")
        paid = call.perform(database, NOW + 16 + number)
    ResolveHold(paid["body"]["id"], 5, by="till").perform(database, NOW + 20)
    for subject in ("s-1", "s-2", "s-3"):
        sign_in = TokenSignIn("issuer", subject, subject, False, subject != "s-2", {}, 1_000)
        sign_in.perform(database, NOW + 21)
    _moderate(database)
    _restrain(database)
    new = AddApiUser("gus", False, {}, None, external_id="x-7")
    ApiCall(new, 1, "k-9", "POST /v1/users", b"{}").perform(database, NOW + 22)


def _moderate(database: Database) -> None:
    """Mute and ban users, lift one of it, and set games to slow mode, while they are open."""
    venues = Venue(LEAGUE, None), Venue(None, SOURCE)
    for number, (venue, name) in enumerate((venue, name) for venue in venues for name in "ef"):
        for kind in Sanction if venue.game_id is None else (Sanction.MUTE,):
            until = None if name == "f" else NOW + 10**9 + number
            username = {"e": "eve", "f": "fay"}[name]
            write = SetSanction(kind=kind, venue=venue, username=username, until=until)
            write.perform(database, NOW + 21)
    lift = SetSanction(kind=Sanction.BAN, venue=venues[1], username="fay", is_lifted=True)
    lift.perform(database, NOW + 21)
    for game_id, ms in ((LEAGUE, 5_000), (REVIEW, 700)):
        ChangeSlowMode(game_id=game_id, ms=ms).perform(database, NOW + 21)


def _restrain(database: Database) -> None:
    """Let players set limits, one of them raised, and take breaks, one of them lifted."""
    for user_id in (1, 2, 3):
        for at, amount in (
            (NOW + 21, 900),
            (NOW + 22, 500),
            (NOW + 23, 700 if user_id == 2 else 1),
        ):
            change = LimitChange(Period.WEEK, LimitKind.LOSS, amount)
            SetOwnLimits(user_id, "DON", (change,)).perform(database, at)
        TakeBreak(user_id, None if user_id == 2 else NOW + 10**6 + user_id).perform(
            database, NOW + 21
        )
    TakeBreak(4, None).perform(database, NOW + 21)
    LiftBreak(4, "appeal", "desk").perform(database, NOW + 22)


def _add_hooks(database: Database) -> None:
    """Add hooks of the event stream, which have come to different places."""
    for number, name in enumerate(("archive", "books", "ledger")):
        AddHook(name, name == "archive").perform(database, NOW + 23)
        for game_id in (CUP, LEAGUE):
            database.write([HookAdvanced(name, game_id, 2 + number, 0)])
    ReplayHook("books", NOW).perform(database, NOW + 24)
    database.write([HookAdvanced("books", CUP, 3, 1), HookStopped(NOW + 25, "ledger")])


def _replies(database: Database, game_id: str) -> Iterator[ReplyKept]:
    """Yield the kept replies of bettors, which the server repeats under the same key."""
    for entry in entries(database, game_id):
        if isinstance(bet := entry.fact, BetPlaced):
            reply = {
                "res": 356,
                "bet_id": bet.bet_id,
                "pool_id": bet.pool_id,
                "target": bet.target_id,
                "amount": bet.amount / 100,
            }
            text = orjson.dumps(reply).decode()
            yield kept(bet.user_id, f"{game_id} {entry.seq}", 392, "fingerprint", text, entry.at)
