"""A request for every reply and refusal in the op table, for `test_owed.py`.

Names in capitals belong to the stage that the test sets up.
"""

# ann is the host and admin of all games but QUIET; max is admin of GAME, bob of none. cat
# and rex have joined GAME, rex is taking a break, and tim is signed in with a token.
TABLE = """
ann 1 -> 1
ann 2 -> 2
ann 100 -> 100
ann 100 -> 112
ann 1010 token=t -> not_authorized
tim 1010 token=tim -> 1110
ann 365 source_name=new -> 335
bob 365 source_name=other -> not_authorized
ann 365 source_name=SOURCE_NAME -> already_exists
ann 366 source_id=EMPTY_SOURCE -> 336
ann 366 source_id=CLOSED_SOURCE -> source_closed
ann 366 source_id=CLOSING_SOURCE -> 3361
bob 366 source_id=SOURCE -> not_authorized
ann 366 source_id=NOWHERE -> unknown_source
ann 611 -> 621
ann 370 source_id=SOURCE game_name=g -> 340
ann 370 source_id=NOWHERE game_name=g -> unknown_source
bob 370 source_id=SOURCE game_name=g -> not_authorized
ann 370 source_id=CLOSED_SOURCE game_name=g -> source_closed
ann 370 source_id=SOURCE game_name=g targets=DEEP -> limit_reached
ann 3701 source_id=SOURCE game_name=g -> 3401
ann 3701 source_id=NOWHERE game_name=g -> unknown_source
bob 3701 source_id=SOURCE game_name=g -> not_authorized
ann 3701 source_id=CLOSED_SOURCE game_name=g -> source_closed
ann 3701 source_id=SOURCE game_name=g targets=DEEP -> limit_reached
ann 3702 game_id=NOWHERE -> unknown_game
bob 3702 game_id=UPCOMING -> not_authorized
ann 3702 game_id=CLOSED -> game_closed
ann 3702 game_id=GAME -> game_already_open
ann 3702 game_id=UPCOMING targets=DEEP -> limit_reached
ann 3702 game_id=UPCOMING -> 3402
ann 616 game_id=QUIET -> 640
bob 616 game_id=QUIET -> 645
ann 616 game_id=NOWHERE -> unknown_game
ann 616 game_id=CLOSED -> game_closed
ann 617 game_id=QUIET username=bob -> 617
ann 617 game_id=GAME username=bob -> 645
ann 617 game_id=NOWHERE username=bob -> unknown_game
bob 617 game_id=GAME username=bob -> not_authorized
ann 617 game_id=CLOSED username=bob -> game_closed
ann 617 game_id=GAME username=nobody -> unknown_user
ann 618 game_id=GAME username=max -> 618
ann 618 game_id=NOWHERE username=max -> unknown_game
bob 618 game_id=GAME username=bob -> not_authorized
ann 618 game_id=CLOSED username=max -> game_closed
ann 618 game_id=GAME username=nobody -> unknown_user
bob 372 game_id=GAME -> 342
bob 372 game_id=NOWHERE -> unknown_game
ann 373 game_id=GAME actions=more -> 343
ann 373 game_id=NOWHERE actions=more -> unknown_game
bob 373 game_id=GAME actions=more -> not_authorized
ann 373 game_id=CLOSED actions=more -> game_closed
ann 373 game_id=GAME open_at=LATER -> game_already_open
ann 373 game_id=GAME targets=DEEP -> limit_reached
bob 363 game_id=GAME -> 333
cat 363 game_id=QUIET -> limit_reached
sid 363 game_id=GAME -> not_authorized
bob 363 game_id=NOWHERE -> unknown_game
bob 363 game_id=CLOSED -> game_closed
bob 364 game_id=GAME -> not_joined
bob 364 game_id=NOWHERE -> unknown_game
ann 375 game_id=NOWHERE -> unknown_game
bob 375 game_id=GAME -> not_authorized
ann 375 game_id=CLOSED -> game_closed
bob 380 source_id=SOURCE -> 345
bob 380 source_id=NOWHERE -> unknown_source
bob 3811 source_id=SOURCE -> 3461
bob 3811 source_id=NOWHERE -> unknown_source
bob 3812 -> 3452
ann 610 -> 620
ann 385 game_id=OTHER description=d action=goal -> 350
ann 385 game_id=NOWHERE description=d action=goal -> unknown_game
bob 385 game_id=GAME description=d action=goal -> not_authorized
ann 385 game_id=CLOSED description=d action=goal -> game_closed
ann 385 game_id=CLOSING description=d action=goal -> game_not_open
ann 385 game_id=GAME description=d action=offside -> unknown_action
ann 385 game_id=GAME description=d action=goal targets=chile -> unknown_target
ann 385 game_id=GAME description=d action=goal -> limit_reached
bob 387 game_id=GAME -> 3535
bob 387 game_id=NOWHERE -> unknown_game
bob 388 game_id=GAME -> 353
bob 388 game_id=NOWHERE -> unknown_game
bob 389 game_id=GAME -> 354
bob 389 game_id=NOWHERE -> unknown_game
bob 390 game_id=GAME -> 355
bob 390 game_id=NOWHERE -> unknown_game
bob 3901 game_id=GAME -> 3551
bob 3901 game_id=NOWHERE -> unknown_game
bob 392 pool_id=POOL target=brazil amount=1 -> 356
bob 392 pool_id=NOWHERE target=brazil amount=1 -> unknown_pool
ann 392 pool_id=POOL target=brazil amount=1 -> not_authorized
bob 392 pool_id=POOL target=brazil amount=900 -> limit_reached
bob 392 pool_id=CLOSED_POOL target=brazil amount=1 -> game_closed
bob 392 pool_id=RESOLVED_POOL target=brazil amount=1 -> pool_resolved
bob 392 pool_id=CLOSING_POOL target=yes amount=1 -> game_not_open
bob 392 pool_id=BLOCKED_POOL target=brazil amount=1 -> pool_blocked
bob 392 pool_id=POOL target=chile amount=1 -> unknown_target
bob 392 pool_id=POOL target=brazil amount=1000.01 -> insufficient_funds
bob 393 pool_id=POOL -> 360
bob 393 pool_id=NOWHERE -> unknown_pool
bob 3911 pool_id=RESOLVED_POOL -> 3911
bob 3911 pool_id=NOWHERE -> unknown_pool
bob 3911 pool_id=POOL -> pool_not_resolved
ann 395 game_id=NOWHERE action_id=goal target_id=brazil:7 -> unknown_game
bob 395 game_id=GAME action_id=goal target_id=brazil:7 -> not_authorized
ann 395 game_id=CLOSED action_id=goal target_id=brazil:7 -> game_closed
ann 395 game_id=UPCOMING action_id=goal target_id=brazil:7 -> game_not_open
ann 395 game_id=CLOSING action_id=RESOLVED_ACTION target_id=yes -> pool_resolved
ann 395 game_id=GAME action_id=offside target_id=brazil:7 -> unknown_action
ann 395 game_id=GAME action_id=goal target_id=brazil:9 -> unknown_target
"""

ON_A_USER = """
ann {op} source_id=NOWHERE username=cat -> unknown_source
ann {op} source_id=SOURCE username=nobody -> unknown_user
bob {op} source_id=SOURCE username=cat -> not_authorized
ann {op} source_id=CLOSED_SOURCE username=cat -> source_closed
"""
TABLE += "".join(ON_A_USER.format(op=op) for op in (9020, 9030, 9040, 9050))

ON_A_USER_IN_A_GAME = """
ann {op} game_id=NOWHERE username=cat -> unknown_game
ann {op} game_id=CLOSED username=cat -> game_closed
"""
TABLE += "".join(ON_A_USER_IN_A_GAME.format(op=op) for op in (9020, 9030))

ON_A_POOL = """
ann {op} pool_id=POOL -> {reply}
ann {op} pool_id=NOWHERE -> unknown_pool
bob {op} pool_id=POOL -> not_authorized
ann {op} pool_id=CLOSED_POOL -> game_closed
ann {op} pool_id=RESOLVED_POOL -> pool_resolved
"""
TABLE += "".join(
    ON_A_POOL.format(op=op, reply=reply)
    for op, reply in ((396, 367), (397, 368), (398, 369), (399, 3991))
)

ON_AN_ACTION = """
ann {op} game_id=GAME action_id=goal {more} -> {reply}
ann {op} game_id=NOWHERE action_id=goal {more} -> unknown_game
bob {op} game_id=GAME action_id=goal {more} -> not_authorized
ann {op} game_id=CLOSED action_id=goal {more} -> game_closed
ann {op} game_id=GAME action_id=offside {more} -> unknown_action
"""
TABLE += "".join(
    ON_AN_ACTION.format(op=op, more=more, reply=reply)
    for op, more, reply in ((3961, "target_id=brazil", 367), (3975, "", 370), (3985, "", 371))
)

TABLE += """
ann 3994 pool_id=NOWHERE target=none reason=r -> unknown_pool
bob 3994 pool_id=POOL target=none reason=r -> not_authorized
ann 3994 pool_id=CLOSED_POOL target=brazil reason=r -> game_closed
ann 3994 pool_id=RESOLVED_POOL target=brazil reason=r -> pool_resolved
ann 3994 pool_id=BLOCKED_POOL target=chile reason=r -> unknown_target
ann 3994 pool_id=BLOCKED_POOL target=argentina reason=r -> already_exists
ann 3994 pool_id=BLOCKED_POOL target=brazil reason=r -> 3681
ann 3951 game_id=NOWHERE event_id=EVENT reason=r -> unknown_game
bob 3951 game_id=OTHER event_id=EVENT reason=r -> not_authorized
ann 3951 game_id=CLOSED event_id=EVENT reason=r -> game_closed
ann 3951 game_id=OTHER event_id=GONE_EVENT reason=r -> already_exists
ann 3951 game_id=OTHER event_id=OLD_EVENT reason=r -> limit_reached
ann 3951 game_id=OTHER event_id=EVENT reason=r -> 3661
ann 3952 pool_id=NOWHERE -> unknown_pool
bob 3952 pool_id=HELD_POOL -> not_authorized
ann 3952 pool_id=CLOSED_POOL -> game_closed
ann 3952 pool_id=RESOLVED_POOL -> pool_resolved
ann 3952 pool_id=POOL -> pool_not_decided
ann 3952 pool_id=HELD_POOL -> 3952
ann 3992 pool_id=NOWHERE cancel=true reason=r corrects_seq=RESULT -> unknown_pool
bob 3992 pool_id=RESOLVED_POOL cancel=true reason=r corrects_seq=RESULT -> not_authorized
ann 3992 pool_id=POOL cancel=true reason=r corrects_seq=RESULT -> pool_not_resolved
ann 3992 pool_id=RESOLVED_POOL cancel=true reason=r corrects_seq=1 -> pool_resolved
ann 3992 pool_id=RESOLVED_POOL winning_target=chile reason=r corrects_seq=RESULT -> unknown_target
ann 3992 pool_id=RESOLVED_POOL cancel=true reason=r corrects_seq=RESULT -> already_exists
ann 3992 pool_id=OLD_POOL cancel=true reason=r corrects_seq=OLD_RESULT -> limit_reached
ann 3992 pool_id=RESOLVED_POOL winning_target=brazil reason=r corrects_seq=RESULT -> 3621
ann 3961 game_id=GAME action_id=goal target_id=chile -> unknown_target
bob 800 -> 800
bob 810 -> 810
bob 840 -> 840
bob 8200 -> 8200
bob 8300 -> 8300
cat 900 text=hello -> 901
mut 900 text=hello targets=GAME -> not_authorized
cat 900 text=hello targets=QUIET -> not_joined
cat 900 text=hello targets=NOWHERE -> unknown_game
rex 900 text=hello targets=GAME -> limit_reached
rex 8310 -> 8310
ann 9020 game_id=GAME username=cat -> 9021
ann 9030 game_id=GAME username=cat -> 9031
ann 9040 source_id=SOURCE username=cat -> 9041
ann 9050 source_id=SOURCE username=cat -> 9051
ann 9060 game_id=GAME ms=0 -> 9061
ann 9070 game_id=GAME message_id=LINE -> 9011
ann 9060 game_id=NOWHERE ms=5 -> unknown_game
bob 9060 game_id=GAME ms=5 -> not_authorized
ann 9060 game_id=CLOSED ms=5 -> game_closed
ann 9070 game_id=NOWHERE message_id=LINE -> unknown_game
bob 9070 game_id=GAME message_id=LINE -> not_authorized
ann 9070 game_id=CLOSED message_id=LINE -> game_closed
bob 450 -> 450
bob 451 game_id=GAME -> 451
bob 451 game_id=NOWHERE -> unknown_game
cat 364 game_id=GAME -> 334
ann 395 game_id=GAME action_id=goal target_id=brazil:7 -> 366
ann 375 game_id=QUIET -> 341
ann 375 game_id=GAME -> 3411
"""
