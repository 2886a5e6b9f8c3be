"""The methods of the ops. Generated from docs/reference/asyncapi.json: `make docs`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final, Literal

from toteboard_client._generated.messages import (
    AllPoolsForGame,
    AppointAdminForGameSuccess,
    BanLifted,
    BecomeAnAdminForGameFail,
    BecomeAnAdminForGameSuccess,
    BetPlaced,
    BetPoolCorrected,
    BettingForActionAllowed,
    BettingForActionBlocked,
    BettingInPoolAllowed,
    BettingInPoolBlocked,
    BettingPoolCancelled,
    BettingPoolConfirmed,
    BettingPoolOpened,
    BreakTaken,
    DismissAdminForGameSuccess,
    GameClosed,
    GameClosing,
    GameCreated,
    GameCreatedAndOpened,
    GameDetails,
    GameDetailsUpdated,
    GameEventRegistered,
    GameEventTakenBack,
    GameJoined,
    GameLeft,
    GameOpened,
    GameSourceClosed,
    GameSourceClosing,
    GameSourceOpened,
    GameSourcesListIAmAdminOf,
    GamesList,
    GamesListForSource,
    GamesListIAmAdminOf,
    Leaderboard,
    LeaderboardForGame,
    LogonFailAlreadyLoggedIn,
    LogonSuccess,
    MessageRemoved,
    MyLimits,
    MyOpenPoolsForGame,
    MyResolvedPoolsForGame,
    MyRunningPoolsForGame,
    Opcodes,
    Pong,
    PoolBetsDistribution,
    PoolSuggestedAsHot,
    Receipt,
    Renewed,
    ResolvedPoolsForGame,
    SlowModeSet,
    TargetScratched,
    TextMessage,
    UpcomingGamesListForSource,
    UserBalanceAvailable,
    UserBalanceCurrent,
    UserBanned,
    UserExposure,
    UserMuted,
    UserStatement,
    UserUnmuted,
)
from toteboard_client.ids import GameId, PoolId, game_id_of, pool_id_of
from toteboard_client.limits import limits_to_wire
from toteboard_client.money import Amount, Money

CHANGING: Final = frozenset(
    (
        365,
        366,
        370,
        3701,
        3702,
        616,
        617,
        618,
        373,
        375,
        385,
        392,
        395,
        3951,
        396,
        3961,
        399,
        3952,
        3992,
        3994,
        397,
        398,
        3975,
        3985,
        8300,
        8310,
        9020,
        9030,
        9040,
        9050,
        9060,
    )
)
"""The ops that change something, and accept an idempotency key."""


class SessionOperations(ABC):
    """Each op as a method."""

    @abstractmethod
    async def _perform(self, op: int, parameters: dict[str, Any], key: str | None) -> Any: ...

    async def ping(self) -> Pong:
        """Test whether the server is alive. Op 1."""
        reply: Pong = await self._perform(1, {}, None)
        return reply

    async def get_opcodes(self) -> Opcodes:
        """List the ops, the responses and the limits in force. Op 2."""
        reply: Opcodes = await self._perform(2, {}, None)
        return reply

    async def logon(self) -> LogonSuccess | LogonFailAlreadyLoggedIn:
        """Confirm the sign-in to clients of the old protocol; the URL has signed them in. Op 100."""
        reply: LogonSuccess | LogonFailAlreadyLoggedIn = await self._perform(100, {}, None)
        return reply

    async def renew(self, token: str) -> Renewed:
        """Keep a connection that was signed in with a token open, until a fresh token expires. Op 1010."""
        reply: Renewed = await self._perform(1010, {"token": token}, None)
        return reply

    async def open_source(
        self,
        source_name: str,
        *,
        description: str | None = None,
        listed: bool | None = None,
        key: str | None = None,
    ) -> GameSourceOpened:
        """Open a game source. Op 365."""
        reply: GameSourceOpened = await self._perform(
            365, {"source_name": source_name, "description": description, "listed": listed}, key
        )
        return reply

    async def close_source(
        self, source_id: str, *, key: str | None = None
    ) -> GameSourceClosed | GameSourceClosing:
        """Close a game source and every game in it. Op 366."""
        reply: GameSourceClosed | GameSourceClosing = await self._perform(
            366, {"source_id": source_id}, key
        )
        return reply

    async def list_my_sources(self) -> GameSourcesListIAmAdminOf:
        """List the open sources that the caller administers. Op 611."""
        reply: GameSourcesListIAmAdminOf = await self._perform(611, {}, None)
        return reply

    async def create_and_open_game(
        self,
        source_id: str,
        game_name: str,
        *,
        type: str | None = None,
        currency: str | None = None,
        actions: list[str] | tuple[str, ...] | None = None,
        targets: list[str] | tuple[str, ...] | None = None,
        open_at: int | None = None,
        close_at: int | None = None,
        live_start_at: int | None = None,
        live_finish_at: int | None = None,
        hashtag: str | None = None,
        image_url: str | None = None,
        bet_delay: int | None = None,
        key: str | None = None,
    ) -> GameCreatedAndOpened:
        """Create a game and open it. Op 370."""
        reply: GameCreatedAndOpened = await self._perform(
            370,
            {
                "source_id": source_id,
                "game_name": game_name,
                "type": type,
                "currency": currency,
                "actions": actions,
                "targets": targets,
                "open_at": open_at,
                "close_at": close_at,
                "live_start_at": live_start_at,
                "live_finish_at": live_finish_at,
                "hashtag": hashtag,
                "image_url": image_url,
                "bet_delay": bet_delay,
            },
            key,
        )
        return reply

    async def create_game(
        self,
        source_id: str,
        game_name: str,
        *,
        type: str | None = None,
        currency: str | None = None,
        actions: list[str] | tuple[str, ...] | None = None,
        targets: list[str] | tuple[str, ...] | None = None,
        open_at: int | None = None,
        close_at: int | None = None,
        live_start_at: int | None = None,
        live_finish_at: int | None = None,
        hashtag: str | None = None,
        image_url: str | None = None,
        bet_delay: int | None = None,
        key: str | None = None,
    ) -> GameCreated:
        """Create an upcoming game. Op 3701."""
        reply: GameCreated = await self._perform(
            3701,
            {
                "source_id": source_id,
                "game_name": game_name,
                "type": type,
                "currency": currency,
                "actions": actions,
                "targets": targets,
                "open_at": open_at,
                "close_at": close_at,
                "live_start_at": live_start_at,
                "live_finish_at": live_finish_at,
                "hashtag": hashtag,
                "image_url": image_url,
                "bet_delay": bet_delay,
            },
            key,
        )
        return reply

    async def open_game(
        self,
        game_id: GameId,
        *,
        actions: list[str] | tuple[str, ...] | None = None,
        targets: list[str] | tuple[str, ...] | None = None,
        key: str | None = None,
    ) -> GameOpened:
        """Open an upcoming game, and add actions and targets. Op 3702."""
        reply: GameOpened = await self._perform(
            3702, {"game_id": game_id_of(game_id), "actions": actions, "targets": targets}, key
        )
        return reply

    async def become_admin(
        self, game_id: GameId, *, key: str | None = None
    ) -> BecomeAnAdminForGameSuccess | BecomeAnAdminForGameFail:
        """Request admin rights for a game. Op 616."""
        reply: BecomeAnAdminForGameSuccess | BecomeAnAdminForGameFail = await self._perform(
            616, {"game_id": game_id_of(game_id)}, key
        )
        return reply

    async def appoint_admin(
        self, game_id: GameId, username: str, *, key: str | None = None
    ) -> AppointAdminForGameSuccess | BecomeAnAdminForGameFail:
        """Make another user an admin of a game. Op 617."""
        reply: AppointAdminForGameSuccess | BecomeAnAdminForGameFail = await self._perform(
            617, {"game_id": game_id_of(game_id), "username": username}, key
        )
        return reply

    async def dismiss_admin(
        self, game_id: GameId, username: str, *, key: str | None = None
    ) -> DismissAdminForGameSuccess:
        """Remove a user's admin rights for a game, or resign from it. Op 618."""
        reply: DismissAdminForGameSuccess = await self._perform(
            618, {"game_id": game_id_of(game_id), "username": username}, key
        )
        return reply

    async def get_game_details(self, game_id: GameId) -> GameDetails:
        """Return the details of a game. Op 372."""
        reply: GameDetails = await self._perform(372, {"game_id": game_id_of(game_id)}, None)
        return reply

    async def update_game(
        self,
        game_id: GameId,
        *,
        actions: list[str] | tuple[str, ...] | None = None,
        targets: list[str] | tuple[str, ...] | None = None,
        image_url: str | None = None,
        game_name: str | None = None,
        hashtag: str | None = None,
        live_start_at: int | None = None,
        live_finish_at: int | None = None,
        close_at: int | None = None,
        open_at: int | None = None,
        bet_delay: int | None = None,
        key: str | None = None,
    ) -> GameDetailsUpdated:
        """Change a game's details; add actions and targets. What is not given stays. Op 373."""
        reply: GameDetailsUpdated = await self._perform(
            373,
            {
                "game_id": game_id_of(game_id),
                "actions": actions,
                "targets": targets,
                "image_url": image_url,
                "game_name": game_name,
                "hashtag": hashtag,
                "live_start_at": live_start_at,
                "live_finish_at": live_finish_at,
                "close_at": close_at,
                "open_at": open_at,
                "bet_delay": bet_delay,
            },
            key,
        )
        return reply

    async def join_game(self, game_id: GameId, *, since: int | None = None) -> GameJoined:
        """Subscribe this connection to a game; `since` is the last position it knows. Op 363."""
        reply: GameJoined = await self._perform(
            363, {"game_id": game_id_of(game_id), "since": since}, None
        )
        return reply

    async def leave_game(self, game_id: GameId) -> GameLeft:
        """End this connection's subscription to a game. Op 364."""
        reply: GameLeft = await self._perform(364, {"game_id": game_id_of(game_id)}, None)
        return reply

    async def close_game(
        self, game_id: GameId, *, key: str | None = None
    ) -> GameClosed | GameClosing:
        """Close a game. Op 375."""
        reply: GameClosed | GameClosing = await self._perform(
            375, {"game_id": game_id_of(game_id)}, key
        )
        return reply

    async def list_games(
        self, source_id: str, *, offset: int | None = None, limit: int | None = None
    ) -> GamesListForSource:
        """List the games of a source that are not closed. Op 380."""
        reply: GamesListForSource = await self._perform(
            380, {"source_id": source_id, "offset": offset, "limit": limit}, None
        )
        return reply

    async def list_upcoming_games(
        self, source_id: str, *, offset: int | None = None, limit: int | None = None
    ) -> UpcomingGamesListForSource:
        """List the games of a source that have not been opened yet. Op 3811."""
        reply: UpcomingGamesListForSource = await self._perform(
            3811, {"source_id": source_id, "offset": offset, "limit": limit}, None
        )
        return reply

    async def find_games(
        self,
        *,
        query: str | None = None,
        status: Literal["live", "upcoming"] | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> GamesList:
        """List the games of all listed sources: live ones first, then by the start of the match. Op 3812."""
        reply: GamesList = await self._perform(
            3812, {"query": query, "status": status, "offset": offset, "limit": limit}, None
        )
        return reply

    async def list_my_games(
        self, *, offset: int | None = None, limit: int | None = None
    ) -> GamesListIAmAdminOf:
        """List the games that the caller administers. Op 610."""
        reply: GamesListIAmAdminOf = await self._perform(
            610, {"offset": offset, "limit": limit}, None
        )
        return reply

    async def open_pool(
        self,
        game_id: GameId,
        description: str,
        *,
        action: str | None = None,
        targets: list[str] | tuple[str, ...] | None = None,
        pool_type: int | None = None,
        finish_at: int | None = None,
        stop_accepting_bets_at: int | None = None,
        is_blocked: bool | None = None,
        is_hot: bool | None = None,
        recreate_on_end: bool | None = None,
        policy: str | None = None,
        min_stake: Amount | None = None,
        max_stake: Amount | None = None,
        max_stake_per_user: Amount | None = None,
        bet_delay: int | None = None,
        confirm_for: int | None = None,
        key: str | None = None,
    ) -> BettingPoolOpened:
        """Open a betting pool. Op 385."""
        reply: BettingPoolOpened = await self._perform(
            385,
            {
                "game_id": game_id_of(game_id),
                "description": description,
                "action": action,
                "targets": targets,
                "pool_type": pool_type,
                "finish_at": finish_at,
                "stop_accepting_bets_at": stop_accepting_bets_at,
                "is_blocked": is_blocked,
                "is_hot": is_hot,
                "recreate_on_end": recreate_on_end,
                "policy": policy,
                "min_stake": None if min_stake is None else Money(min_stake),
                "max_stake": None if max_stake is None else Money(max_stake),
                "max_stake_per_user": None
                if max_stake_per_user is None
                else Money(max_stake_per_user),
                "bet_delay": bet_delay,
                "confirm_for": confirm_for,
            },
            key,
        )
        return reply

    async def list_pools(
        self, game_id: GameId, *, offset: int | None = None, limit: int | None = None
    ) -> AllPoolsForGame:
        """List the unresolved pools of a game. Op 387."""
        reply: AllPoolsForGame = await self._perform(
            387, {"game_id": game_id_of(game_id), "offset": offset, "limit": limit}, None
        )
        return reply

    async def list_my_open_pools(
        self, game_id: GameId, *, offset: int | None = None, limit: int | None = None
    ) -> MyOpenPoolsForGame:
        """List the unresolved pools in which the caller has no bet. Op 388."""
        reply: MyOpenPoolsForGame = await self._perform(
            388, {"game_id": game_id_of(game_id), "offset": offset, "limit": limit}, None
        )
        return reply

    async def list_my_running_pools(
        self, game_id: GameId, *, offset: int | None = None, limit: int | None = None
    ) -> MyRunningPoolsForGame:
        """List the unresolved pools in which the caller has a bet. Op 389."""
        reply: MyRunningPoolsForGame = await self._perform(
            389, {"game_id": game_id_of(game_id), "offset": offset, "limit": limit}, None
        )
        return reply

    async def list_my_resolved_pools(
        self, game_id: GameId, *, offset: int | None = None, limit: int | None = None
    ) -> MyResolvedPoolsForGame:
        """List the resolved pools in which the caller had a bet, the newest first. Op 390."""
        reply: MyResolvedPoolsForGame = await self._perform(
            390, {"game_id": game_id_of(game_id), "offset": offset, "limit": limit}, None
        )
        return reply

    async def list_resolved_pools(
        self, game_id: GameId, *, offset: int | None = None, limit: int | None = None
    ) -> ResolvedPoolsForGame:
        """List the resolved pools of a game with their results, the newest first. Op 3901."""
        reply: ResolvedPoolsForGame = await self._perform(
            3901, {"game_id": game_id_of(game_id), "offset": offset, "limit": limit}, None
        )
        return reply

    async def place_bet(
        self, pool_id: PoolId, target: str, amount: Amount, *, key: str | None = None
    ) -> BetPlaced:
        """Place a bet in a pool. Op 392."""
        reply: BetPlaced = await self._perform(
            392, {"pool_id": pool_id_of(pool_id), "target": target, "amount": Money(amount)}, key
        )
        return reply

    async def get_distribution(
        self, pool_id: PoolId, *, offset: int | None = None, limit: int | None = None
    ) -> PoolBetsDistribution:
        """Return the stakes in a pool, with one page of its bets. Op 393."""
        reply: PoolBetsDistribution = await self._perform(
            393, {"pool_id": pool_id_of(pool_id), "offset": offset, "limit": limit}, None
        )
        return reply

    async def get_receipt(
        self, pool_id: PoolId, *, offset: int | None = None, limit: int | None = None
    ) -> Receipt:
        """Return everything that decided what a resolved pool paid, with one page of its bets. Op 3911."""
        reply: Receipt = await self._perform(
            3911, {"pool_id": pool_id_of(pool_id), "offset": offset, "limit": limit}, None
        )
        return reply

    async def register_event(
        self,
        game_id: GameId,
        action_id: str,
        target_id: str,
        *,
        happened_at: int | None = None,
        also: list[str] | tuple[str, ...] | None = None,
        is_material: bool | None = None,
        key: str | None = None,
    ) -> GameEventRegistered:
        """Register an event of the match. Op 395."""
        reply: GameEventRegistered = await self._perform(
            395,
            {
                "game_id": game_id_of(game_id),
                "action_id": action_id,
                "target_id": target_id,
                "happened_at": happened_at,
                "also": also,
                "is_material": is_material,
            },
            key,
        )
        return reply

    async def take_back_event(
        self, game_id: GameId, event_id: str, reason: str, *, key: str | None = None
    ) -> GameEventTakenBack:
        """Take an event back: it did not happen. The pools that it decided are open or cancelled. Op 3951."""
        reply: GameEventTakenBack = await self._perform(
            3951, {"game_id": game_id_of(game_id), "event_id": event_id, "reason": reason}, key
        )
        return reply

    async def heat_pool(
        self, pool_id: PoolId, *, likely_to_happen_at: int | None = None, key: str | None = None
    ) -> PoolSuggestedAsHot:
        """Mark a pool as hot. Op 396."""
        reply: PoolSuggestedAsHot = await self._perform(
            396, {"pool_id": pool_id_of(pool_id), "likely_to_happen_at": likely_to_happen_at}, key
        )
        return reply

    async def heat_pools(
        self,
        game_id: GameId,
        action_id: str,
        target_id: str,
        *,
        likely_to_happen_at: int | None = None,
        key: str | None = None,
    ) -> PoolSuggestedAsHot:
        """Mark every pool of an action with exactly this target as hot. Op 3961."""
        reply: PoolSuggestedAsHot = await self._perform(
            3961,
            {
                "game_id": game_id_of(game_id),
                "action_id": action_id,
                "target_id": target_id,
                "likely_to_happen_at": likely_to_happen_at,
            },
            key,
        )
        return reply

    async def cancel_pool(
        self, pool_id: PoolId, *, reason: str | None = None, key: str | None = None
    ) -> BettingPoolCancelled:
        """Cancel a pool and refund every stake. Op 399."""
        reply: BettingPoolCancelled = await self._perform(
            399, {"pool_id": pool_id_of(pool_id), "reason": reason}, key
        )
        return reply

    async def confirm_pool(
        self, pool_id: PoolId, *, key: str | None = None
    ) -> BettingPoolConfirmed:
        """Confirm the result of a decided pool, and pay it at once. Op 3952."""
        reply: BettingPoolConfirmed = await self._perform(
            3952, {"pool_id": pool_id_of(pool_id)}, key
        )
        return reply

    async def correct_pool(
        self,
        pool_id: PoolId,
        reason: str,
        corrects_seq: int,
        *,
        winning_target: str | None = None,
        winning_targets: list[str] | tuple[str, ...] | None = None,
        cancel: bool | None = None,
        happened_at: int | None = None,
        key: str | None = None,
    ) -> BetPoolCorrected:
        """Give a resolved pool another result, and move the money that this changes. Op 3992."""
        reply: BetPoolCorrected = await self._perform(
            3992,
            {
                "pool_id": pool_id_of(pool_id),
                "winning_target": winning_target,
                "winning_targets": winning_targets,
                "cancel": cancel,
                "happened_at": happened_at,
                "reason": reason,
                "corrects_seq": corrects_seq,
            },
            key,
        )
        return reply

    async def scratch_target(
        self, pool_id: PoolId, target: str, reason: str, *, key: str | None = None
    ) -> TargetScratched:
        """Take a target out of a pool and refund every stake on it. Op 3994."""
        reply: TargetScratched = await self._perform(
            3994, {"pool_id": pool_id_of(pool_id), "target": target, "reason": reason}, key
        )
        return reply

    async def block_pool(
        self, pool_id: PoolId, *, block_at: int | None = None, key: str | None = None
    ) -> BettingInPoolBlocked:
        """Block betting in a pool, now or at `block_at`. Op 397."""
        reply: BettingInPoolBlocked = await self._perform(
            397, {"pool_id": pool_id_of(pool_id), "block_at": block_at}, key
        )
        return reply

    async def allow_pool(
        self, pool_id: PoolId, *, allow_at: int | None = None, key: str | None = None
    ) -> BettingInPoolAllowed:
        """Allow betting in a pool, now or at `allow_at`. Op 398."""
        reply: BettingInPoolAllowed = await self._perform(
            398, {"pool_id": pool_id_of(pool_id), "allow_at": allow_at}, key
        )
        return reply

    async def block_action(
        self, game_id: GameId, action: str, *, block_at: int | None = None, key: str | None = None
    ) -> BettingForActionBlocked:
        """Block betting in all pools of an action, now or at `block_at`. Op 3975."""
        reply: BettingForActionBlocked = await self._perform(
            3975, {"game_id": game_id_of(game_id), "action": action, "block_at": block_at}, key
        )
        return reply

    async def allow_action(
        self, game_id: GameId, action: str, *, allow_at: int | None = None, key: str | None = None
    ) -> BettingForActionAllowed:
        """Allow betting in all pools of an action, now or at `allow_at`. Op 3985."""
        reply: BettingForActionAllowed = await self._perform(
            3985, {"game_id": game_id_of(game_id), "action": action, "allow_at": allow_at}, key
        )
        return reply

    async def get_current_balance(self, *, currency: str | None = None) -> UserBalanceCurrent:
        """Return the caller's balance, stakes in unresolved pools included. Op 800."""
        reply: UserBalanceCurrent = await self._perform(800, {"currency": currency}, None)
        return reply

    async def get_available_balance(self, *, currency: str | None = None) -> UserBalanceAvailable:
        """Return the amount that the caller can stake. Op 810."""
        reply: UserBalanceAvailable = await self._perform(810, {"currency": currency}, None)
        return reply

    async def get_exposure(self, *, currency: str | None = None) -> UserExposure:
        """Return the caller's stakes in unresolved pools. Op 840."""
        reply: UserExposure = await self._perform(840, {"currency": currency}, None)
        return reply

    async def get_statement(
        self,
        *,
        currency: str | None = None,
        from_: int | None = None,
        to: int | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> UserStatement:
        """Return a page of the caller's statement, the newest entry first. Op 8200."""
        reply: UserStatement = await self._perform(
            8200,
            {"currency": currency, "from": from_, "to": to, "before": before, "limit": limit},
            None,
        )
        return reply

    async def set_my_limits(
        self,
        *,
        currency: str | None = None,
        limits: Mapping[str, Mapping[str, Amount]] | None = None,
        key: str | None = None,
    ) -> MyLimits:
        """Set the caller's own limits in a currency, and return them. Without `limits`, return them. Op 8300."""
        reply: MyLimits = await self._perform(
            8300,
            {"currency": currency, "limits": None if limits is None else limits_to_wire(limits)},
            key,
        )
        return reply

    async def take_a_break(self, *, until: int | None = None, key: str | None = None) -> BreakTaken:
        """Refuse the caller's bets and chat lines until a time, or until the operator lifts the break. Op 8310."""
        reply: BreakTaken = await self._perform(8310, {"until": until}, key)
        return reply

    async def send_text(
        self, text: str, *, targets: list[str] | tuple[str, ...] | None = None
    ) -> TextMessage:
        """Send a chat line to the subscribers of games that this connection has joined. Op 900."""
        reply: TextMessage = await self._perform(900, {"text": text, "targets": targets}, None)
        return reply

    async def mute_user(
        self,
        username: str,
        *,
        game_id: GameId | None = None,
        source_id: str | None = None,
        until: int | None = None,
        reason: str | None = None,
        key: str | None = None,
    ) -> UserMuted:
        """Keep a user from chatting in a game, or in all games of a source. Op 9020."""
        reply: UserMuted = await self._perform(
            9020,
            {
                "game_id": None if game_id is None else game_id_of(game_id),
                "source_id": source_id,
                "username": username,
                "until": until,
                "reason": reason,
            },
            key,
        )
        return reply

    async def unmute_user(
        self,
        username: str,
        *,
        game_id: GameId | None = None,
        source_id: str | None = None,
        key: str | None = None,
    ) -> UserUnmuted:
        """Let a user chat again in a game, or in all games of a source. Op 9030."""
        reply: UserUnmuted = await self._perform(
            9030,
            {
                "game_id": None if game_id is None else game_id_of(game_id),
                "source_id": source_id,
                "username": username,
            },
            key,
        )
        return reply

    async def ban_from_source(
        self,
        source_id: str,
        username: str,
        *,
        until: int | None = None,
        reason: str | None = None,
        key: str | None = None,
    ) -> UserBanned:
        """Keep a user from joining, betting and chatting in the games of a source. Stakes stand. Op 9040."""
        reply: UserBanned = await self._perform(
            9040,
            {"source_id": source_id, "username": username, "until": until, "reason": reason},
            key,
        )
        return reply

    async def lift_ban(self, source_id: str, username: str, *, key: str | None = None) -> BanLifted:
        """Let a banned user take part in a source again. Op 9050."""
        reply: BanLifted = await self._perform(
            9050, {"source_id": source_id, "username": username}, key
        )
        return reply

    async def set_slow_mode(
        self, game_id: GameId, ms: int, *, key: str | None = None
    ) -> SlowModeSet:
        """Set the shortest time between two chat lines of a user in a game; 0 for none. Op 9060."""
        reply: SlowModeSet = await self._perform(
            9060, {"game_id": game_id_of(game_id), "ms": ms}, key
        )
        return reply

    async def remove_message(self, game_id: GameId, message_id: str) -> MessageRemoved:
        """Ask every subscriber of a game to remove a chat line, one of the newest 1,000. Op 9070."""
        reply: MessageRemoved = await self._perform(
            9070, {"game_id": game_id_of(game_id), "message_id": message_id}, None
        )
        return reply

    async def get_leaderboard(
        self, *, currency: str | None = None, start: int | None = None, end: int | None = None
    ) -> Leaderboard:
        """Rank the users by what they have won in a currency. Op 450."""
        reply: Leaderboard = await self._perform(
            450, {"currency": currency, "start": start, "end": end}, None
        )
        return reply

    async def get_game_leaderboard(
        self, game_id: GameId, *, start: int | None = None, end: int | None = None
    ) -> LeaderboardForGame:
        """Rank the users by what they have won in a game. Op 451."""
        reply: LeaderboardForGame = await self._perform(
            451, {"game_id": game_id_of(game_id), "start": start, "end": end}, None
        )
        return reply


class GameOperations(ABC):
    """Each op as a method, for one game and its pools."""

    game_id: str

    @abstractmethod
    async def _perform(self, op: int, parameters: dict[str, Any], key: str | None) -> Any: ...

    async def open_game(
        self,
        *,
        actions: list[str] | tuple[str, ...] | None = None,
        targets: list[str] | tuple[str, ...] | None = None,
        key: str | None = None,
    ) -> GameOpened:
        """Open an upcoming game, and add actions and targets. Op 3702."""
        reply: GameOpened = await self._perform(
            3702, {"game_id": self.game_id, "actions": actions, "targets": targets}, key
        )
        return reply

    async def become_admin(
        self, *, key: str | None = None
    ) -> BecomeAnAdminForGameSuccess | BecomeAnAdminForGameFail:
        """Request admin rights for a game. Op 616."""
        reply: BecomeAnAdminForGameSuccess | BecomeAnAdminForGameFail = await self._perform(
            616, {"game_id": self.game_id}, key
        )
        return reply

    async def appoint_admin(
        self, username: str, *, key: str | None = None
    ) -> AppointAdminForGameSuccess | BecomeAnAdminForGameFail:
        """Make another user an admin of a game. Op 617."""
        reply: AppointAdminForGameSuccess | BecomeAnAdminForGameFail = await self._perform(
            617, {"game_id": self.game_id, "username": username}, key
        )
        return reply

    async def dismiss_admin(
        self, username: str, *, key: str | None = None
    ) -> DismissAdminForGameSuccess:
        """Remove a user's admin rights for a game, or resign from it. Op 618."""
        reply: DismissAdminForGameSuccess = await self._perform(
            618, {"game_id": self.game_id, "username": username}, key
        )
        return reply

    async def get_game_details(self) -> GameDetails:
        """Return the details of a game. Op 372."""
        reply: GameDetails = await self._perform(372, {"game_id": self.game_id}, None)
        return reply

    async def update_game(
        self,
        *,
        actions: list[str] | tuple[str, ...] | None = None,
        targets: list[str] | tuple[str, ...] | None = None,
        image_url: str | None = None,
        game_name: str | None = None,
        hashtag: str | None = None,
        live_start_at: int | None = None,
        live_finish_at: int | None = None,
        close_at: int | None = None,
        open_at: int | None = None,
        bet_delay: int | None = None,
        key: str | None = None,
    ) -> GameDetailsUpdated:
        """Change a game's details; add actions and targets. What is not given stays. Op 373."""
        reply: GameDetailsUpdated = await self._perform(
            373,
            {
                "game_id": self.game_id,
                "actions": actions,
                "targets": targets,
                "image_url": image_url,
                "game_name": game_name,
                "hashtag": hashtag,
                "live_start_at": live_start_at,
                "live_finish_at": live_finish_at,
                "close_at": close_at,
                "open_at": open_at,
                "bet_delay": bet_delay,
            },
            key,
        )
        return reply

    async def leave_game(self) -> GameLeft:
        """End this connection's subscription to a game. Op 364."""
        reply: GameLeft = await self._perform(364, {"game_id": self.game_id}, None)
        return reply

    async def close_game(self, *, key: str | None = None) -> GameClosed | GameClosing:
        """Close a game. Op 375."""
        reply: GameClosed | GameClosing = await self._perform(375, {"game_id": self.game_id}, key)
        return reply

    async def open_pool(
        self,
        description: str,
        *,
        action: str | None = None,
        targets: list[str] | tuple[str, ...] | None = None,
        pool_type: int | None = None,
        finish_at: int | None = None,
        stop_accepting_bets_at: int | None = None,
        is_blocked: bool | None = None,
        is_hot: bool | None = None,
        recreate_on_end: bool | None = None,
        policy: str | None = None,
        min_stake: Amount | None = None,
        max_stake: Amount | None = None,
        max_stake_per_user: Amount | None = None,
        bet_delay: int | None = None,
        confirm_for: int | None = None,
        key: str | None = None,
    ) -> BettingPoolOpened:
        """Open a betting pool. Op 385."""
        reply: BettingPoolOpened = await self._perform(
            385,
            {
                "game_id": self.game_id,
                "description": description,
                "action": action,
                "targets": targets,
                "pool_type": pool_type,
                "finish_at": finish_at,
                "stop_accepting_bets_at": stop_accepting_bets_at,
                "is_blocked": is_blocked,
                "is_hot": is_hot,
                "recreate_on_end": recreate_on_end,
                "policy": policy,
                "min_stake": None if min_stake is None else Money(min_stake),
                "max_stake": None if max_stake is None else Money(max_stake),
                "max_stake_per_user": None
                if max_stake_per_user is None
                else Money(max_stake_per_user),
                "bet_delay": bet_delay,
                "confirm_for": confirm_for,
            },
            key,
        )
        return reply

    async def list_pools(
        self, *, offset: int | None = None, limit: int | None = None
    ) -> AllPoolsForGame:
        """List the unresolved pools of a game. Op 387."""
        reply: AllPoolsForGame = await self._perform(
            387, {"game_id": self.game_id, "offset": offset, "limit": limit}, None
        )
        return reply

    async def list_my_open_pools(
        self, *, offset: int | None = None, limit: int | None = None
    ) -> MyOpenPoolsForGame:
        """List the unresolved pools in which the caller has no bet. Op 388."""
        reply: MyOpenPoolsForGame = await self._perform(
            388, {"game_id": self.game_id, "offset": offset, "limit": limit}, None
        )
        return reply

    async def list_my_running_pools(
        self, *, offset: int | None = None, limit: int | None = None
    ) -> MyRunningPoolsForGame:
        """List the unresolved pools in which the caller has a bet. Op 389."""
        reply: MyRunningPoolsForGame = await self._perform(
            389, {"game_id": self.game_id, "offset": offset, "limit": limit}, None
        )
        return reply

    async def list_my_resolved_pools(
        self, *, offset: int | None = None, limit: int | None = None
    ) -> MyResolvedPoolsForGame:
        """List the resolved pools in which the caller had a bet, the newest first. Op 390."""
        reply: MyResolvedPoolsForGame = await self._perform(
            390, {"game_id": self.game_id, "offset": offset, "limit": limit}, None
        )
        return reply

    async def list_resolved_pools(
        self, *, offset: int | None = None, limit: int | None = None
    ) -> ResolvedPoolsForGame:
        """List the resolved pools of a game with their results, the newest first. Op 3901."""
        reply: ResolvedPoolsForGame = await self._perform(
            3901, {"game_id": self.game_id, "offset": offset, "limit": limit}, None
        )
        return reply

    async def place_bet(
        self, pool_id: PoolId, target: str, amount: Amount, *, key: str | None = None
    ) -> BetPlaced:
        """Place a bet in a pool. Op 392."""
        reply: BetPlaced = await self._perform(
            392, {"pool_id": pool_id_of(pool_id), "target": target, "amount": Money(amount)}, key
        )
        return reply

    async def get_distribution(
        self, pool_id: PoolId, *, offset: int | None = None, limit: int | None = None
    ) -> PoolBetsDistribution:
        """Return the stakes in a pool, with one page of its bets. Op 393."""
        reply: PoolBetsDistribution = await self._perform(
            393, {"pool_id": pool_id_of(pool_id), "offset": offset, "limit": limit}, None
        )
        return reply

    async def get_receipt(
        self, pool_id: PoolId, *, offset: int | None = None, limit: int | None = None
    ) -> Receipt:
        """Return everything that decided what a resolved pool paid, with one page of its bets. Op 3911."""
        reply: Receipt = await self._perform(
            3911, {"pool_id": pool_id_of(pool_id), "offset": offset, "limit": limit}, None
        )
        return reply

    async def register_event(
        self,
        action_id: str,
        target_id: str,
        *,
        happened_at: int | None = None,
        also: list[str] | tuple[str, ...] | None = None,
        is_material: bool | None = None,
        key: str | None = None,
    ) -> GameEventRegistered:
        """Register an event of the match. Op 395."""
        reply: GameEventRegistered = await self._perform(
            395,
            {
                "game_id": self.game_id,
                "action_id": action_id,
                "target_id": target_id,
                "happened_at": happened_at,
                "also": also,
                "is_material": is_material,
            },
            key,
        )
        return reply

    async def take_back_event(
        self, event_id: str, reason: str, *, key: str | None = None
    ) -> GameEventTakenBack:
        """Take an event back: it did not happen. The pools that it decided are open or cancelled. Op 3951."""
        reply: GameEventTakenBack = await self._perform(
            3951, {"game_id": self.game_id, "event_id": event_id, "reason": reason}, key
        )
        return reply

    async def heat_pool(
        self, pool_id: PoolId, *, likely_to_happen_at: int | None = None, key: str | None = None
    ) -> PoolSuggestedAsHot:
        """Mark a pool as hot. Op 396."""
        reply: PoolSuggestedAsHot = await self._perform(
            396, {"pool_id": pool_id_of(pool_id), "likely_to_happen_at": likely_to_happen_at}, key
        )
        return reply

    async def heat_pools(
        self,
        action_id: str,
        target_id: str,
        *,
        likely_to_happen_at: int | None = None,
        key: str | None = None,
    ) -> PoolSuggestedAsHot:
        """Mark every pool of an action with exactly this target as hot. Op 3961."""
        reply: PoolSuggestedAsHot = await self._perform(
            3961,
            {
                "game_id": self.game_id,
                "action_id": action_id,
                "target_id": target_id,
                "likely_to_happen_at": likely_to_happen_at,
            },
            key,
        )
        return reply

    async def cancel_pool(
        self, pool_id: PoolId, *, reason: str | None = None, key: str | None = None
    ) -> BettingPoolCancelled:
        """Cancel a pool and refund every stake. Op 399."""
        reply: BettingPoolCancelled = await self._perform(
            399, {"pool_id": pool_id_of(pool_id), "reason": reason}, key
        )
        return reply

    async def confirm_pool(
        self, pool_id: PoolId, *, key: str | None = None
    ) -> BettingPoolConfirmed:
        """Confirm the result of a decided pool, and pay it at once. Op 3952."""
        reply: BettingPoolConfirmed = await self._perform(
            3952, {"pool_id": pool_id_of(pool_id)}, key
        )
        return reply

    async def correct_pool(
        self,
        pool_id: PoolId,
        reason: str,
        corrects_seq: int,
        *,
        winning_target: str | None = None,
        winning_targets: list[str] | tuple[str, ...] | None = None,
        cancel: bool | None = None,
        happened_at: int | None = None,
        key: str | None = None,
    ) -> BetPoolCorrected:
        """Give a resolved pool another result, and move the money that this changes. Op 3992."""
        reply: BetPoolCorrected = await self._perform(
            3992,
            {
                "pool_id": pool_id_of(pool_id),
                "winning_target": winning_target,
                "winning_targets": winning_targets,
                "cancel": cancel,
                "happened_at": happened_at,
                "reason": reason,
                "corrects_seq": corrects_seq,
            },
            key,
        )
        return reply

    async def scratch_target(
        self, pool_id: PoolId, target: str, reason: str, *, key: str | None = None
    ) -> TargetScratched:
        """Take a target out of a pool and refund every stake on it. Op 3994."""
        reply: TargetScratched = await self._perform(
            3994, {"pool_id": pool_id_of(pool_id), "target": target, "reason": reason}, key
        )
        return reply

    async def block_pool(
        self, pool_id: PoolId, *, block_at: int | None = None, key: str | None = None
    ) -> BettingInPoolBlocked:
        """Block betting in a pool, now or at `block_at`. Op 397."""
        reply: BettingInPoolBlocked = await self._perform(
            397, {"pool_id": pool_id_of(pool_id), "block_at": block_at}, key
        )
        return reply

    async def allow_pool(
        self, pool_id: PoolId, *, allow_at: int | None = None, key: str | None = None
    ) -> BettingInPoolAllowed:
        """Allow betting in a pool, now or at `allow_at`. Op 398."""
        reply: BettingInPoolAllowed = await self._perform(
            398, {"pool_id": pool_id_of(pool_id), "allow_at": allow_at}, key
        )
        return reply

    async def block_action(
        self, action: str, *, block_at: int | None = None, key: str | None = None
    ) -> BettingForActionBlocked:
        """Block betting in all pools of an action, now or at `block_at`. Op 3975."""
        reply: BettingForActionBlocked = await self._perform(
            3975, {"game_id": self.game_id, "action": action, "block_at": block_at}, key
        )
        return reply

    async def allow_action(
        self, action: str, *, allow_at: int | None = None, key: str | None = None
    ) -> BettingForActionAllowed:
        """Allow betting in all pools of an action, now or at `allow_at`. Op 3985."""
        reply: BettingForActionAllowed = await self._perform(
            3985, {"game_id": self.game_id, "action": action, "allow_at": allow_at}, key
        )
        return reply

    async def mute_user(
        self,
        username: str,
        *,
        source_id: str | None = None,
        until: int | None = None,
        reason: str | None = None,
        key: str | None = None,
    ) -> UserMuted:
        """Keep a user from chatting in a game, or in all games of a source. Op 9020."""
        reply: UserMuted = await self._perform(
            9020,
            {
                "game_id": self.game_id,
                "source_id": source_id,
                "username": username,
                "until": until,
                "reason": reason,
            },
            key,
        )
        return reply

    async def unmute_user(
        self, username: str, *, source_id: str | None = None, key: str | None = None
    ) -> UserUnmuted:
        """Let a user chat again in a game, or in all games of a source. Op 9030."""
        reply: UserUnmuted = await self._perform(
            9030, {"game_id": self.game_id, "source_id": source_id, "username": username}, key
        )
        return reply

    async def set_slow_mode(self, ms: int, *, key: str | None = None) -> SlowModeSet:
        """Set the shortest time between two chat lines of a user in a game; 0 for none. Op 9060."""
        reply: SlowModeSet = await self._perform(9060, {"game_id": self.game_id, "ms": ms}, key)
        return reply

    async def remove_message(self, message_id: str) -> MessageRemoved:
        """Ask every subscriber of a game to remove a chat line, one of the newest 1,000. Op 9070."""
        reply: MessageRemoved = await self._perform(
            9070, {"game_id": self.game_id, "message_id": message_id}, None
        )
        return reply

    async def get_game_leaderboard(
        self, *, start: int | None = None, end: int | None = None
    ) -> LeaderboardForGame:
        """Rank the users by what they have won in a game. Op 451."""
        reply: LeaderboardForGame = await self._perform(
            451, {"game_id": self.game_id, "start": start, "end": end}, None
        )
        return reply
