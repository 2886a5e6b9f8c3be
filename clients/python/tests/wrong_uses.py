"""Checked by mypy, never run: it finds each mistake, and a comment that expects none."""

from toteboard_client import (
    Game,
    Money,
    Received,
    Session,
    SessionKey,
    messages,
    open_session,
    sync,
)


async def bet(session: Session, game: Game, pool_id: str) -> None:
    """Make mistakes with one op, its parameters and its reply."""
    bet = await game.place_bet(pool_id, "home", "2.50")
    amount: Money = bet.amount
    await game.place_bets(pool_id, "home", amount)  # type: ignore[attr-defined]
    await game.place_bet(pool_id, "home")  # type: ignore[call-arg]
    await game.place_bet(pool_id, "home", 2.5)  # type: ignore[arg-type]
    await session.place_bet(pool_id, "home", stake="2.50")  # type: ignore[call-arg]
    print(bet.stake)  # type: ignore[attr-defined]
    print(bet.amount + 2.5)  # type: ignore[operator]


async def ask(session: Session, pool_id: str) -> None:
    """Make mistakes with op codes and the parameters of the wire."""
    await session.ask(392, pool_id=pool_id, target="home", amount=2.5, key="mine")
    await session.ask(3920, pool_id=pool_id)  # type: ignore[call-overload]
    await session.ask(392, pool_id=pool_id, target="home")  # type: ignore[call-overload]
    await session.ask(1, text="hello")  # type: ignore[call-overload]
    await session.ask(3812, status="living")  # type: ignore[call-overload]
    await session.ask(8200, **{"from": 1_800_000_000_000})


async def find(session: Session) -> str:
    """Make mistakes with optional parameters and fields."""
    found = await session.find_games(status="live")
    await session.find_games(status="living")  # type: ignore[arg-type]
    await session.find_games(state="live")  # type: ignore[call-arg]
    return found.games[0].top_pool.description  # type: ignore[union-attr]


async def follow(game: Game) -> None:
    """Make mistakes with publications."""
    async for event in game:
        print(event.raw)  # type: ignore[union-attr]
        if isinstance(event, Received):
            print(event.raw)
        if isinstance(event, messages.BetPoolResolved):
            print(event.winner)  # type: ignore[attr-defined]


async def sign_in(url: str) -> None:
    """Make mistakes with credentials, and forget to await."""
    async with open_session(url, "key"):  # type: ignore[arg-type]
        pass
    async with open_session(url, SessionKey("17", "key")) as session:  # type: ignore[arg-type]
        print(session.ping().res)  # type: ignore[attr-defined]
    with sync.open_session(url, timeout=60) as script:  # type: ignore[call-arg]
        script.place_bet("pool", "home")  # type: ignore[call-arg]
