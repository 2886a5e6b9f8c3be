"""The op table: every op, once. Routing, validation, rights and documentation are derived from it.

A row says what is asked for, where it is answered, who may ask, what may come back and whether it
changes anything. The codes of ops stand here and nowhere else. What
a row is: `protocol/op.py`.
"""

from game import commands
from game.commands import Command, UpdateGame
from game.refusals import Code
from game.vocabulary import Right
from protocol import requests
from protocol.op import Op, Response, Route
from protocol.requests import GetGameDetails

COMMON_REFUSALS = (
    Code.MALFORMED_MESSAGE,
    Code.MISSING_PARAMETER,
    Code.INVALID_PARAMETER,
    Code.RATE_LIMITED,
    Code.OVERLOADED,
    Code.INTERNAL_ERROR,
)
"""What any op may be answered with; a changing op `idempotency_conflict` too."""

SOURCE_REFUSALS = (Code.UNKNOWN_SOURCE, Code.NOT_AUTHORIZED, Code.SOURCE_CLOSED)
GAME_REFUSALS = (Code.UNKNOWN_GAME, Code.NOT_AUTHORIZED, Code.GAME_CLOSED)
POOL_REFUSALS = (
    Code.UNKNOWN_POOL,
    Code.NOT_AUTHORIZED,
    Code.GAME_CLOSED,
    Code.POOL_RESOLVED,
)
"""What a change in a source, of a game, of a pool can be refused with in any case."""

CLOSING = (
    Response.BET_POOL_RESOLVED,
    Response.BETTING_IN_POOL_BLOCKED,
    Response.GAME_DETAILS,
    Response.GAME_CLOSED,
    Response.USER_BALANCE_UPDATE,
)
"""What is told when a game closes, or begins to."""

# A table is read row by row, not argument by argument.
# fmt: off
OPS: tuple[Op, ...] = (
    Op(code=1, name="ping", command=requests.Ping, route=Route.CONNECTION,
       replies=(Response.PONG,)),
    Op(code=2, name="get_opcodes", command=requests.GetOpcodes, route=Route.CONNECTION,
       after_prior_commits=True, replies=(Response.OPCODES,)),
    Op(code=100, name="logon", command=requests.Logon, route=Route.CONNECTION,
       replies=(Response.LOGON_SUCCESS, Response.LOGON_FAIL_ALREADY_LOGGED_IN)),
    Op(code=365, name="open_game_source", command=requests.OpenSource, route=Route.SOURCES,
       right=Right.HOST, after_prior_commits=True, replies=(Response.GAME_SOURCE_OPENED,),
       refusals=(Code.NOT_AUTHORIZED, Code.ALREADY_EXISTS)),
    Op(code=366, name="close_game_source", command=requests.CloseSource, route=Route.SOURCES,
       right=Right.SOURCE_ADMIN, after_prior_commits=True,
       replies=(Response.GAME_SOURCE_CLOSED, Response.GAME_SOURCE_CLOSING),
       published=CLOSING, refusals=SOURCE_REFUSALS),
    Op(code=611, name="list_game_sources_i_am_admin_of", command=requests.ListMySources,
       route=Route.SOURCES,
       after_prior_commits=True, replies=(Response.GAME_SOURCES_LIST_I_AM_ADMIN_OF,)),
    Op(code=370, name="create_and_open_game", command=commands.CreateAndOpenGame,
       route=Route.SOURCES,
       right=Right.SOURCE_ADMIN, replies=(Response.GAME_CREATED_AND_OPENED,),
       refusals=(*SOURCE_REFUSALS, Code.LIMIT_REACHED)),
    Op(code=3701, name="create_game", command=commands.CreateGame, route=Route.SOURCES,
       right=Right.SOURCE_ADMIN, replies=(Response.GAME_CREATED,),
       refusals=(*SOURCE_REFUSALS, Code.LIMIT_REACHED)),
    Op(code=3702, name="open_game", command=commands.OpenGame, route=Route.GAME,
       right=Right.SOURCE_ADMIN, replies=(Response.GAME_OPENED,),
       published=(Response.GAME_DETAILS,),
       refusals=(*GAME_REFUSALS, Code.GAME_ALREADY_OPEN, Code.LIMIT_REACHED)),
    Op(code=616, name="become_an_admin_for_game", command=commands.BecomeAdmin, route=Route.GAME,
       right=Right.ASKING_TO_BE_ADMIN,
       replies=(Response.BECOME_AN_ADMIN_FOR_GAME_SUCCESS,
       Response.BECOME_AN_ADMIN_FOR_GAME_FAIL),
       refusals=(Code.UNKNOWN_GAME, Code.GAME_CLOSED)),
    Op(code=617, name="appoint_admin_for_game_by_username", command=commands.AppointAdmin,
       route=Route.GAME,
       right=Right.SOURCE_ADMIN,
       replies=(Response.APPOINT_ADMIN_FOR_GAME_SUCCESS, Response.BECOME_AN_ADMIN_FOR_GAME_FAIL),
       refusals=(*GAME_REFUSALS, Code.UNKNOWN_USER)),
    Op(code=618, name="dismiss_admin_for_game_by_username", command=commands.DismissAdmin,
       route=Route.GAME,
       right=Right.SOURCE_ADMIN_OR_SUBJECT, replies=(Response.DISMISS_ADMIN_FOR_GAME_SUCCESS,),
       refusals=(*GAME_REFUSALS, Code.UNKNOWN_USER)),
    Op(code=372, name="get_game_details", command=requests.GetGameDetails, route=Route.GAME,
       after_prior_commits=True, replies=(Response.GAME_DETAILS,), refusals=(Code.UNKNOWN_GAME,)),
    Op(code=373, name="update_game_details", command=commands.UpdateGame, route=Route.GAME,
       right=Right.EITHER_ADMIN, replies=(Response.GAME_DETAILS_UPDATED,),
       published=(Response.GAME_DETAILS,),
       refusals=(*GAME_REFUSALS, Code.GAME_ALREADY_OPEN, Code.LIMIT_REACHED)),
    Op(code=363, name="join_game", command=requests.JoinGame, route=Route.GAME,
       after_prior_commits=True, keeps_its_place=True, replies=(Response.GAME_JOINED,),
       published=(Response.USER_JOINED_GAME, Response.GAME_PRESENCE),
       refusals=(Code.UNKNOWN_GAME, Code.GAME_CLOSED, Code.LIMIT_REACHED)),
    Op(code=364, name="leave_game", command=requests.LeaveGame, route=Route.GAME,
       after_prior_commits=True, replies=(Response.GAME_LEFT,),
       published=(Response.USER_LEFT_GAME, Response.GAME_PRESENCE),
       refusals=(Code.UNKNOWN_GAME, Code.NOT_JOINED)),
    Op(code=375, name="close_game", command=commands.CloseGame, route=Route.GAME,
       right=Right.EITHER_ADMIN, shared=Response.GAME_CLOSED, sums_up=True,
       replies=(Response.GAME_CLOSED, Response.GAME_CLOSING),
       published=CLOSING,
       refusals=GAME_REFUSALS),
    Op(code=380, name="list_games_for_source", command=requests.ListGames, route=Route.SOURCES,
       after_prior_commits=True, replies=(Response.GAMES_LIST_FOR_SOURCE,),
       refusals=(Code.UNKNOWN_SOURCE,)),
    Op(code=3811, name="list_upcoming_games_for_source", command=requests.ListUpcomingGames,
       route=Route.SOURCES,
       after_prior_commits=True, replies=(Response.UPCOMING_GAMES_LIST_FOR_SOURCE,),
       refusals=(Code.UNKNOWN_SOURCE,)),
    Op(code=610, name="list_games_i_am_admin_of", command=requests.ListMyGames,
       route=Route.SOURCES,
       after_prior_commits=True, replies=(Response.GAMES_LIST_I_AM_ADMIN_OF,)),
    Op(code=385, name="create_and_open_betting_pool", command=commands.OpenPool,
       route=Route.GAME,
       right=Right.GAME_ADMIN, replies=(Response.BETTING_POOL_OPENED,),
       published=(Response.NEW_BETTING_POOL,),
       refusals=(*GAME_REFUSALS, Code.GAME_NOT_OPEN, Code.UNKNOWN_ACTION, Code.UNKNOWN_TARGET,
       Code.LIMIT_REACHED)),
    Op(code=387, name="list_all_betting_pools_for_game", command=requests.ListPools,
       route=Route.GAME,
       after_prior_commits=True, replies=(Response.ALL_POOLS_FOR_GAME,),
       refusals=(Code.UNKNOWN_GAME,)),
    Op(code=388, name="list_my_open_betting_pools_for_game", command=requests.ListMyOpenPools,
       route=Route.GAME,
       after_prior_commits=True, replies=(Response.MY_OPEN_POOLS_FOR_GAME,),
       refusals=(Code.UNKNOWN_GAME,)),
    Op(code=389, name="list_my_running_pools_for_game", command=requests.ListMyRunningPools,
       route=Route.GAME,
       after_prior_commits=True, replies=(Response.MY_RUNNING_POOLS_FOR_GAME,),
       refusals=(Code.UNKNOWN_GAME,)),
    Op(code=390, name="list_my_resolved_pools_for_game", command=requests.ListMyResolvedPools,
       route=Route.GAME,
       after_prior_commits=True, replies=(Response.MY_RESOLVED_POOLS_FOR_GAME,),
       refusals=(Code.UNKNOWN_GAME,)),
    Op(code=392, name="place_bet_in_betting_pool", command=commands.PlaceBet, route=Route.POOL,
       replies=(Response.BET_PLACED,),
       published=(Response.BETS_DISTRIBUTION_CHANGED, Response.USER_BALANCE_UPDATE),
       refusals=(*POOL_REFUSALS, Code.GAME_NOT_OPEN, Code.POOL_BLOCKED, Code.UNKNOWN_TARGET,
       Code.INSUFFICIENT_FUNDS)),
    Op(code=393, name="get_betting_pool_bets_distribution", command=requests.GetDistribution,
       route=Route.POOL,
       after_prior_commits=True, replies=(Response.POOL_BETS_DISTRIBUTION,),
       refusals=(Code.UNKNOWN_POOL,)),
    Op(code=395, name="register_game_event", command=commands.RegisterEvent, route=Route.GAME,
       right=Right.GAME_ADMIN, shared=Response.GAME_EVENT_REGISTERED,
       replies=(Response.GAME_EVENT_REGISTERED,),
       published=(Response.GAME_EVENT_REGISTERED, Response.BET_POOL_RESOLVED,
       Response.NEW_BETTING_POOL, Response.GAME_CLOSED, Response.USER_BALANCE_UPDATE),
       refusals=(*GAME_REFUSALS, Code.GAME_NOT_OPEN, Code.POOL_RESOLVED, Code.UNKNOWN_ACTION,
       Code.UNKNOWN_TARGET)),
    Op(code=396, name="suggest_hot_betting_pool", command=commands.HeatPool, route=Route.POOL,
       right=Right.GAME_ADMIN, shared=Response.POOL_SUGGESTED_AS_HOT,
       replies=(Response.POOL_SUGGESTED_AS_HOT,), published=(Response.POOL_SUGGESTED_AS_HOT,),
       refusals=POOL_REFUSALS),
    Op(code=3961, name="suggest_hot_betting_pool_for_action_and_target",
       command=commands.HeatPools, route=Route.GAME,
       right=Right.GAME_ADMIN, replies=(Response.POOL_SUGGESTED_AS_HOT,),
       published=(Response.POOL_SUGGESTED_AS_HOT,),
       refusals=(*GAME_REFUSALS, Code.UNKNOWN_ACTION, Code.UNKNOWN_TARGET)),
    Op(code=399, name="cancel_betting_pool", command=commands.CancelPool, route=Route.POOL,
       right=Right.GAME_ADMIN, replies=(Response.BETTING_POOL_CANCELLED,),
       published=(Response.BET_POOL_RESOLVED, Response.GAME_CLOSED,
       Response.USER_BALANCE_UPDATE),
       refusals=POOL_REFUSALS),
    Op(code=397, name="block_betting_in_betting_pool", command=commands.BlockPool,
       route=Route.POOL,
       right=Right.GAME_ADMIN, shared=Response.BETTING_IN_POOL_BLOCKED,
       replies=(Response.BETTING_IN_POOL_BLOCKED,),
       published=(Response.BETTING_IN_POOL_BLOCKED,), refusals=POOL_REFUSALS),
    Op(code=398, name="allow_betting_in_betting_pool", command=commands.AllowPool,
       route=Route.POOL,
       right=Right.GAME_ADMIN, shared=Response.BETTING_IN_POOL_ALLOWED,
       replies=(Response.BETTING_IN_POOL_ALLOWED,),
       published=(Response.BETTING_IN_POOL_ALLOWED,), refusals=POOL_REFUSALS),
    Op(code=3975, name="block_betting_for_game_and_action", command=commands.BlockAction,
       route=Route.GAME,
       right=Right.GAME_ADMIN, shared=Response.BETTING_FOR_ACTION_BLOCKED,
       replies=(Response.BETTING_FOR_ACTION_BLOCKED,),
       published=(Response.BETTING_FOR_ACTION_BLOCKED, Response.BETTING_IN_POOL_BLOCKED),
       refusals=(*GAME_REFUSALS, Code.UNKNOWN_ACTION)),
    Op(code=3985, name="allow_betting_for_game_and_action", command=commands.AllowAction,
       route=Route.GAME,
       right=Right.GAME_ADMIN, shared=Response.BETTING_FOR_ACTION_ALLOWED,
       replies=(Response.BETTING_FOR_ACTION_ALLOWED,),
       published=(Response.BETTING_FOR_ACTION_ALLOWED, Response.BETTING_IN_POOL_ALLOWED),
       refusals=(*GAME_REFUSALS, Code.UNKNOWN_ACTION)),
    Op(code=800, name="get_my_current_balance", command=requests.GetCurrentBalance,
       route=Route.CONNECTION,
       after_prior_commits=True, replies=(Response.USER_BALANCE_CURRENT,)),
    Op(code=810, name="get_my_available_balance", command=requests.GetAvailableBalance,
       route=Route.CONNECTION,
       after_prior_commits=True, replies=(Response.USER_BALANCE_AVAILABLE,)),
    Op(code=840, name="get_my_exposure", command=requests.GetExposure, route=Route.CONNECTION,
       after_prior_commits=True, replies=(Response.USER_EXPOSURE,)),
    Op(code=900, name="text_message", command=requests.SendText, route=Route.CONNECTION,
       after_prior_commits=True, replies=(Response.TEXT_MESSAGE,),
       published=(Response.TEXT_MESSAGE,),
       refusals=(Code.UNKNOWN_GAME, Code.NOT_JOINED)),
    Op(code=450, name="get_leaderboard", command=requests.GetLeaderboard, route=Route.CONNECTION,
       after_prior_commits=True, replies=(Response.LEADERBOARD,)),
    Op(code=451, name="get_leaderboard_for_game", command=requests.GetGameLeaderboard,
       route=Route.GAME,
       after_prior_commits=True, replies=(Response.LEADERBOARD_FOR_GAME,),
       refusals=(Code.UNKNOWN_GAME,)),
)
# fmt: on

BY_CODE = {op.code: op for op in OPS}
BY_COMMAND = {op.command: op for op in OPS}


def meant(op: Op, command: Command) -> tuple[Op, Command]:
    """What an op stands for: 373 that brings nothing to change is a 372 (contract, section 2)."""
    if isinstance(command, UpdateGame) and command.changes_nothing:
        return BY_COMMAND[GetGameDetails], GetGameDetails(game_id=command.game_id)
    return op, command
