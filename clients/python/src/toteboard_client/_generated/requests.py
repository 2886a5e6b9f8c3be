"""Requests by op code, as on the wire. Generated from docs/reference/asyncapi.json: `make docs`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict, Unpack, overload

from toteboard_client.errors import Message
from toteboard_client.money import Money


class _Renew(TypedDict):
    token: str


class _OpenGameSource(TypedDict):
    source_name: str
    description: NotRequired[str]
    listed: NotRequired[bool]


class _CloseGameSource(TypedDict):
    source_id: str


class _CreateAndOpenGame(TypedDict):
    source_id: str
    game_name: str
    type: NotRequired[str]
    currency: NotRequired[str]
    actions: NotRequired[list[str] | tuple[str, ...]]
    targets: NotRequired[list[str] | tuple[str, ...]]
    open_at: NotRequired[int]
    close_at: NotRequired[int]
    live_start_at: NotRequired[int]
    live_finish_at: NotRequired[int]
    hashtag: NotRequired[str]
    image_url: NotRequired[str]
    bet_delay: NotRequired[int]


class _CreateGame(TypedDict):
    source_id: str
    game_name: str
    type: NotRequired[str]
    currency: NotRequired[str]
    actions: NotRequired[list[str] | tuple[str, ...]]
    targets: NotRequired[list[str] | tuple[str, ...]]
    open_at: NotRequired[int]
    close_at: NotRequired[int]
    live_start_at: NotRequired[int]
    live_finish_at: NotRequired[int]
    hashtag: NotRequired[str]
    image_url: NotRequired[str]
    bet_delay: NotRequired[int]


class _OpenGame(TypedDict):
    game_id: str
    actions: NotRequired[list[str] | tuple[str, ...]]
    targets: NotRequired[list[str] | tuple[str, ...]]


class _BecomeAnAdminForGame(TypedDict):
    game_id: str


class _AppointAdminForGameByUsername(TypedDict):
    game_id: str
    username: str


class _DismissAdminForGameByUsername(TypedDict):
    game_id: str
    username: str


class _GetGameDetails(TypedDict):
    game_id: str


class _UpdateGameDetails(TypedDict):
    game_id: str
    actions: NotRequired[list[str] | tuple[str, ...]]
    targets: NotRequired[list[str] | tuple[str, ...]]
    image_url: NotRequired[str]
    game_name: NotRequired[str]
    hashtag: NotRequired[str]
    live_start_at: NotRequired[int]
    live_finish_at: NotRequired[int]
    close_at: NotRequired[int]
    open_at: NotRequired[int]
    bet_delay: NotRequired[int]


class _JoinGame(TypedDict):
    game_id: str
    since: NotRequired[int]


class _LeaveGame(TypedDict):
    game_id: str


class _CloseGame(TypedDict):
    game_id: str


class _ListGamesForSource(TypedDict):
    source_id: str
    offset: NotRequired[int]
    limit: NotRequired[int]


class _ListUpcomingGamesForSource(TypedDict):
    source_id: str
    offset: NotRequired[int]
    limit: NotRequired[int]


class _ListGames(TypedDict):
    query: NotRequired[str]
    status: NotRequired[Literal["live", "upcoming"]]
    offset: NotRequired[int]
    limit: NotRequired[int]


class _ListGamesIAmAdminOf(TypedDict):
    offset: NotRequired[int]
    limit: NotRequired[int]


class _CreateAndOpenBettingPool(TypedDict):
    game_id: str
    description: str
    action: NotRequired[str]
    targets: NotRequired[list[str] | tuple[str, ...]]
    pool_type: NotRequired[int]
    finish_at: NotRequired[int]
    stop_accepting_bets_at: NotRequired[int]
    is_blocked: NotRequired[bool]
    is_hot: NotRequired[bool]
    recreate_on_end: NotRequired[bool]
    policy: NotRequired[str]
    min_stake: NotRequired[float | Money]
    max_stake: NotRequired[float | Money]
    max_stake_per_user: NotRequired[float | Money]
    bet_delay: NotRequired[int]
    confirm_for: NotRequired[int]


class _ListAllBettingPoolsForGame(TypedDict):
    game_id: str
    offset: NotRequired[int]
    limit: NotRequired[int]


class _ListMyOpenBettingPoolsForGame(TypedDict):
    game_id: str
    offset: NotRequired[int]
    limit: NotRequired[int]


class _ListMyRunningPoolsForGame(TypedDict):
    game_id: str
    offset: NotRequired[int]
    limit: NotRequired[int]


class _ListMyResolvedPoolsForGame(TypedDict):
    game_id: str
    offset: NotRequired[int]
    limit: NotRequired[int]


class _ListResolvedPoolsForGame(TypedDict):
    game_id: str
    offset: NotRequired[int]
    limit: NotRequired[int]


class _PlaceBetInBettingPool(TypedDict):
    pool_id: str
    target: str
    amount: float | Money


class _GetBettingPoolBetsDistribution(TypedDict):
    pool_id: str
    offset: NotRequired[int]
    limit: NotRequired[int]


class _GetReceipt(TypedDict):
    pool_id: str
    offset: NotRequired[int]
    limit: NotRequired[int]


class _RegisterGameEvent(TypedDict):
    game_id: str
    action_id: str
    target_id: str
    happened_at: NotRequired[int]
    also: NotRequired[list[str] | tuple[str, ...]]
    is_material: NotRequired[bool]


class _TakeBackGameEvent(TypedDict):
    game_id: str
    event_id: str
    reason: str


class _SuggestHotBettingPool(TypedDict):
    pool_id: str
    likely_to_happen_at: NotRequired[int]


class _SuggestHotBettingPoolForActionAndTarget(TypedDict):
    game_id: str
    action_id: str
    target_id: str
    likely_to_happen_at: NotRequired[int]


class _CancelBettingPool(TypedDict):
    pool_id: str
    reason: NotRequired[str]


class _ConfirmPool(TypedDict):
    pool_id: str


class _CorrectBettingPool(TypedDict):
    pool_id: str
    winning_target: NotRequired[str]
    winning_targets: NotRequired[list[str] | tuple[str, ...]]
    cancel: NotRequired[bool]
    happened_at: NotRequired[int]
    reason: str
    corrects_seq: int


class _ScratchTarget(TypedDict):
    pool_id: str
    target: str
    reason: str


class _BlockBettingInBettingPool(TypedDict):
    pool_id: str
    block_at: NotRequired[int]


class _AllowBettingInBettingPool(TypedDict):
    pool_id: str
    allow_at: NotRequired[int]


class _BlockBettingForGameAndAction(TypedDict):
    game_id: str
    action: str
    block_at: NotRequired[int]


class _AllowBettingForGameAndAction(TypedDict):
    game_id: str
    action: str
    allow_at: NotRequired[int]


class _GetMyCurrentBalance(TypedDict):
    currency: NotRequired[str]


class _GetMyAvailableBalance(TypedDict):
    currency: NotRequired[str]


class _GetMyExposure(TypedDict):
    currency: NotRequired[str]


class _SetMyLimits(TypedDict):
    currency: NotRequired[str]
    limits: NotRequired[Mapping[str, Mapping[str, float | str | Money]]]


class _TakeABreak(TypedDict):
    until: NotRequired[int]


class _TextMessage(TypedDict):
    text: str
    targets: NotRequired[list[str] | tuple[str, ...]]


class _MuteUser(TypedDict):
    game_id: NotRequired[str]
    source_id: NotRequired[str]
    username: str
    until: NotRequired[int]
    reason: NotRequired[str]


class _UnmuteUser(TypedDict):
    game_id: NotRequired[str]
    source_id: NotRequired[str]
    username: str


class _BanFromSource(TypedDict):
    source_id: str
    username: str
    until: NotRequired[int]
    reason: NotRequired[str]


class _LiftBan(TypedDict):
    source_id: str
    username: str


class _SetSlowMode(TypedDict):
    game_id: str
    ms: int


class _RemoveMessage(TypedDict):
    game_id: str
    message_id: str


class _GetLeaderboard(TypedDict):
    currency: NotRequired[str]
    start: NotRequired[int]
    end: NotRequired[int]


class _GetLeaderboardForGame(TypedDict):
    game_id: str
    start: NotRequired[int]
    end: NotRequired[int]


class Requests(ABC):
    """Each op by its code."""

    @abstractmethod
    async def _ask(self, op: int, parameters: Message, key: str | None) -> Message: ...

    @overload
    async def ask(self, op: Literal[1]) -> Message: ...
    @overload
    async def ask(self, op: Literal[2]) -> Message: ...
    @overload
    async def ask(self, op: Literal[100]) -> Message: ...
    @overload
    async def ask(self, op: Literal[1010], **parameters: Unpack[_Renew]) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[365], *, key: str | None = None, **parameters: Unpack[_OpenGameSource]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[366], *, key: str | None = None, **parameters: Unpack[_CloseGameSource]
    ) -> Message: ...
    @overload
    async def ask(self, op: Literal[611]) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[370], *, key: str | None = None, **parameters: Unpack[_CreateAndOpenGame]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[3701], *, key: str | None = None, **parameters: Unpack[_CreateGame]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[3702], *, key: str | None = None, **parameters: Unpack[_OpenGame]
    ) -> Message: ...
    @overload
    async def ask(
        self,
        op: Literal[616],
        *,
        key: str | None = None,
        **parameters: Unpack[_BecomeAnAdminForGame],
    ) -> Message: ...
    @overload
    async def ask(
        self,
        op: Literal[617],
        *,
        key: str | None = None,
        **parameters: Unpack[_AppointAdminForGameByUsername],
    ) -> Message: ...
    @overload
    async def ask(
        self,
        op: Literal[618],
        *,
        key: str | None = None,
        **parameters: Unpack[_DismissAdminForGameByUsername],
    ) -> Message: ...
    @overload
    async def ask(self, op: Literal[372], **parameters: Unpack[_GetGameDetails]) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[373], *, key: str | None = None, **parameters: Unpack[_UpdateGameDetails]
    ) -> Message: ...
    @overload
    async def ask(self, op: Literal[363], **parameters: Unpack[_JoinGame]) -> Message: ...
    @overload
    async def ask(self, op: Literal[364], **parameters: Unpack[_LeaveGame]) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[375], *, key: str | None = None, **parameters: Unpack[_CloseGame]
    ) -> Message: ...
    @overload
    async def ask(self, op: Literal[380], **parameters: Unpack[_ListGamesForSource]) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[3811], **parameters: Unpack[_ListUpcomingGamesForSource]
    ) -> Message: ...
    @overload
    async def ask(self, op: Literal[3812], **parameters: Unpack[_ListGames]) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[610], **parameters: Unpack[_ListGamesIAmAdminOf]
    ) -> Message: ...
    @overload
    async def ask(
        self,
        op: Literal[385],
        *,
        key: str | None = None,
        **parameters: Unpack[_CreateAndOpenBettingPool],
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[387], **parameters: Unpack[_ListAllBettingPoolsForGame]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[388], **parameters: Unpack[_ListMyOpenBettingPoolsForGame]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[389], **parameters: Unpack[_ListMyRunningPoolsForGame]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[390], **parameters: Unpack[_ListMyResolvedPoolsForGame]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[3901], **parameters: Unpack[_ListResolvedPoolsForGame]
    ) -> Message: ...
    @overload
    async def ask(
        self,
        op: Literal[392],
        *,
        key: str | None = None,
        **parameters: Unpack[_PlaceBetInBettingPool],
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[393], **parameters: Unpack[_GetBettingPoolBetsDistribution]
    ) -> Message: ...
    @overload
    async def ask(self, op: Literal[3911], **parameters: Unpack[_GetReceipt]) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[395], *, key: str | None = None, **parameters: Unpack[_RegisterGameEvent]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[3951], *, key: str | None = None, **parameters: Unpack[_TakeBackGameEvent]
    ) -> Message: ...
    @overload
    async def ask(
        self,
        op: Literal[396],
        *,
        key: str | None = None,
        **parameters: Unpack[_SuggestHotBettingPool],
    ) -> Message: ...
    @overload
    async def ask(
        self,
        op: Literal[3961],
        *,
        key: str | None = None,
        **parameters: Unpack[_SuggestHotBettingPoolForActionAndTarget],
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[399], *, key: str | None = None, **parameters: Unpack[_CancelBettingPool]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[3952], *, key: str | None = None, **parameters: Unpack[_ConfirmPool]
    ) -> Message: ...
    @overload
    async def ask(
        self,
        op: Literal[3992],
        *,
        key: str | None = None,
        **parameters: Unpack[_CorrectBettingPool],
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[3994], *, key: str | None = None, **parameters: Unpack[_ScratchTarget]
    ) -> Message: ...
    @overload
    async def ask(
        self,
        op: Literal[397],
        *,
        key: str | None = None,
        **parameters: Unpack[_BlockBettingInBettingPool],
    ) -> Message: ...
    @overload
    async def ask(
        self,
        op: Literal[398],
        *,
        key: str | None = None,
        **parameters: Unpack[_AllowBettingInBettingPool],
    ) -> Message: ...
    @overload
    async def ask(
        self,
        op: Literal[3975],
        *,
        key: str | None = None,
        **parameters: Unpack[_BlockBettingForGameAndAction],
    ) -> Message: ...
    @overload
    async def ask(
        self,
        op: Literal[3985],
        *,
        key: str | None = None,
        **parameters: Unpack[_AllowBettingForGameAndAction],
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[800], **parameters: Unpack[_GetMyCurrentBalance]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[810], **parameters: Unpack[_GetMyAvailableBalance]
    ) -> Message: ...
    @overload
    async def ask(self, op: Literal[840], **parameters: Unpack[_GetMyExposure]) -> Message: ...
    @overload
    async def ask(self, op: Literal[8200], **parameters: Any) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[8300], *, key: str | None = None, **parameters: Unpack[_SetMyLimits]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[8310], *, key: str | None = None, **parameters: Unpack[_TakeABreak]
    ) -> Message: ...
    @overload
    async def ask(self, op: Literal[900], **parameters: Unpack[_TextMessage]) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[9020], *, key: str | None = None, **parameters: Unpack[_MuteUser]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[9030], *, key: str | None = None, **parameters: Unpack[_UnmuteUser]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[9040], *, key: str | None = None, **parameters: Unpack[_BanFromSource]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[9050], *, key: str | None = None, **parameters: Unpack[_LiftBan]
    ) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[9060], *, key: str | None = None, **parameters: Unpack[_SetSlowMode]
    ) -> Message: ...
    @overload
    async def ask(self, op: Literal[9070], **parameters: Unpack[_RemoveMessage]) -> Message: ...
    @overload
    async def ask(self, op: Literal[450], **parameters: Unpack[_GetLeaderboard]) -> Message: ...
    @overload
    async def ask(
        self, op: Literal[451], **parameters: Unpack[_GetLeaderboardForGame]
    ) -> Message: ...

    async def ask(self, op: int, *, key: str | None = None, **parameters: Any) -> Message:
        """Send a request by op code, with parameters and reply as on the wire.

        Raises `RefusedError`; `TypeError`, with nothing sent, if JSON cannot express a parameter;
        `SignInRefusedError` and `SessionClosedError` at the end.
        """
        return await self._ask(op, parameters, key)


class SyncRequests(ABC):
    """Each op by its code."""

    @abstractmethod
    def _ask(self, op: int, parameters: Message, key: str | None) -> Message: ...

    @overload
    def ask(self, op: Literal[1]) -> Message: ...
    @overload
    def ask(self, op: Literal[2]) -> Message: ...
    @overload
    def ask(self, op: Literal[100]) -> Message: ...
    @overload
    def ask(self, op: Literal[1010], **parameters: Unpack[_Renew]) -> Message: ...
    @overload
    def ask(
        self, op: Literal[365], *, key: str | None = None, **parameters: Unpack[_OpenGameSource]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[366], *, key: str | None = None, **parameters: Unpack[_CloseGameSource]
    ) -> Message: ...
    @overload
    def ask(self, op: Literal[611]) -> Message: ...
    @overload
    def ask(
        self, op: Literal[370], *, key: str | None = None, **parameters: Unpack[_CreateAndOpenGame]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[3701], *, key: str | None = None, **parameters: Unpack[_CreateGame]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[3702], *, key: str | None = None, **parameters: Unpack[_OpenGame]
    ) -> Message: ...
    @overload
    def ask(
        self,
        op: Literal[616],
        *,
        key: str | None = None,
        **parameters: Unpack[_BecomeAnAdminForGame],
    ) -> Message: ...
    @overload
    def ask(
        self,
        op: Literal[617],
        *,
        key: str | None = None,
        **parameters: Unpack[_AppointAdminForGameByUsername],
    ) -> Message: ...
    @overload
    def ask(
        self,
        op: Literal[618],
        *,
        key: str | None = None,
        **parameters: Unpack[_DismissAdminForGameByUsername],
    ) -> Message: ...
    @overload
    def ask(self, op: Literal[372], **parameters: Unpack[_GetGameDetails]) -> Message: ...
    @overload
    def ask(
        self, op: Literal[373], *, key: str | None = None, **parameters: Unpack[_UpdateGameDetails]
    ) -> Message: ...
    @overload
    def ask(self, op: Literal[363], **parameters: Unpack[_JoinGame]) -> Message: ...
    @overload
    def ask(self, op: Literal[364], **parameters: Unpack[_LeaveGame]) -> Message: ...
    @overload
    def ask(
        self, op: Literal[375], *, key: str | None = None, **parameters: Unpack[_CloseGame]
    ) -> Message: ...
    @overload
    def ask(self, op: Literal[380], **parameters: Unpack[_ListGamesForSource]) -> Message: ...
    @overload
    def ask(
        self, op: Literal[3811], **parameters: Unpack[_ListUpcomingGamesForSource]
    ) -> Message: ...
    @overload
    def ask(self, op: Literal[3812], **parameters: Unpack[_ListGames]) -> Message: ...
    @overload
    def ask(self, op: Literal[610], **parameters: Unpack[_ListGamesIAmAdminOf]) -> Message: ...
    @overload
    def ask(
        self,
        op: Literal[385],
        *,
        key: str | None = None,
        **parameters: Unpack[_CreateAndOpenBettingPool],
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[387], **parameters: Unpack[_ListAllBettingPoolsForGame]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[388], **parameters: Unpack[_ListMyOpenBettingPoolsForGame]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[389], **parameters: Unpack[_ListMyRunningPoolsForGame]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[390], **parameters: Unpack[_ListMyResolvedPoolsForGame]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[3901], **parameters: Unpack[_ListResolvedPoolsForGame]
    ) -> Message: ...
    @overload
    def ask(
        self,
        op: Literal[392],
        *,
        key: str | None = None,
        **parameters: Unpack[_PlaceBetInBettingPool],
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[393], **parameters: Unpack[_GetBettingPoolBetsDistribution]
    ) -> Message: ...
    @overload
    def ask(self, op: Literal[3911], **parameters: Unpack[_GetReceipt]) -> Message: ...
    @overload
    def ask(
        self, op: Literal[395], *, key: str | None = None, **parameters: Unpack[_RegisterGameEvent]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[3951], *, key: str | None = None, **parameters: Unpack[_TakeBackGameEvent]
    ) -> Message: ...
    @overload
    def ask(
        self,
        op: Literal[396],
        *,
        key: str | None = None,
        **parameters: Unpack[_SuggestHotBettingPool],
    ) -> Message: ...
    @overload
    def ask(
        self,
        op: Literal[3961],
        *,
        key: str | None = None,
        **parameters: Unpack[_SuggestHotBettingPoolForActionAndTarget],
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[399], *, key: str | None = None, **parameters: Unpack[_CancelBettingPool]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[3952], *, key: str | None = None, **parameters: Unpack[_ConfirmPool]
    ) -> Message: ...
    @overload
    def ask(
        self,
        op: Literal[3992],
        *,
        key: str | None = None,
        **parameters: Unpack[_CorrectBettingPool],
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[3994], *, key: str | None = None, **parameters: Unpack[_ScratchTarget]
    ) -> Message: ...
    @overload
    def ask(
        self,
        op: Literal[397],
        *,
        key: str | None = None,
        **parameters: Unpack[_BlockBettingInBettingPool],
    ) -> Message: ...
    @overload
    def ask(
        self,
        op: Literal[398],
        *,
        key: str | None = None,
        **parameters: Unpack[_AllowBettingInBettingPool],
    ) -> Message: ...
    @overload
    def ask(
        self,
        op: Literal[3975],
        *,
        key: str | None = None,
        **parameters: Unpack[_BlockBettingForGameAndAction],
    ) -> Message: ...
    @overload
    def ask(
        self,
        op: Literal[3985],
        *,
        key: str | None = None,
        **parameters: Unpack[_AllowBettingForGameAndAction],
    ) -> Message: ...
    @overload
    def ask(self, op: Literal[800], **parameters: Unpack[_GetMyCurrentBalance]) -> Message: ...
    @overload
    def ask(self, op: Literal[810], **parameters: Unpack[_GetMyAvailableBalance]) -> Message: ...
    @overload
    def ask(self, op: Literal[840], **parameters: Unpack[_GetMyExposure]) -> Message: ...
    @overload
    def ask(self, op: Literal[8200], **parameters: Any) -> Message: ...
    @overload
    def ask(
        self, op: Literal[8300], *, key: str | None = None, **parameters: Unpack[_SetMyLimits]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[8310], *, key: str | None = None, **parameters: Unpack[_TakeABreak]
    ) -> Message: ...
    @overload
    def ask(self, op: Literal[900], **parameters: Unpack[_TextMessage]) -> Message: ...
    @overload
    def ask(
        self, op: Literal[9020], *, key: str | None = None, **parameters: Unpack[_MuteUser]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[9030], *, key: str | None = None, **parameters: Unpack[_UnmuteUser]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[9040], *, key: str | None = None, **parameters: Unpack[_BanFromSource]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[9050], *, key: str | None = None, **parameters: Unpack[_LiftBan]
    ) -> Message: ...
    @overload
    def ask(
        self, op: Literal[9060], *, key: str | None = None, **parameters: Unpack[_SetSlowMode]
    ) -> Message: ...
    @overload
    def ask(self, op: Literal[9070], **parameters: Unpack[_RemoveMessage]) -> Message: ...
    @overload
    def ask(self, op: Literal[450], **parameters: Unpack[_GetLeaderboard]) -> Message: ...
    @overload
    def ask(self, op: Literal[451], **parameters: Unpack[_GetLeaderboardForGame]) -> Message: ...

    def ask(self, op: int, *, key: str | None = None, **parameters: Any) -> Message:
        """Send a request by op code, with parameters and reply as on the wire.

        Raises `RefusedError`; `TypeError`, with nothing sent, if JSON cannot express a parameter;
        `SignInRefusedError` and `SessionClosedError` at the end.
        """
        return self._ask(op, parameters, key)
