"""The ops of the contract with their parameters, copied here for `test_table.py`."""

NEW_GAME = (
    "source_id game_name type currency actions targets open_at close_at live_start_at"
    " live_finish_at hashtag image_url bet_delay"
)
CONTRACT: dict[int, tuple[str, str]] = {
    1: ("ping", ""),
    2: ("get_opcodes", ""),
    100: ("logon", ""),
    1010: ("renew", "token"),
    365: ("open_game_source", "source_name description listed"),
    366: ("close_game_source", "source_id"),
    611: ("list_game_sources_i_am_admin_of", ""),
    370: ("create_and_open_game", NEW_GAME),
    3701: ("create_game", NEW_GAME),
    3702: ("open_game", "game_id actions targets"),
    616: ("become_an_admin_for_game", "game_id"),
    617: ("appoint_admin_for_game_by_username", "game_id username"),
    618: ("dismiss_admin_for_game_by_username", "game_id username"),
    372: ("get_game_details", "game_id"),
    373: (
        "update_game_details",
        "game_id actions targets image_url game_name hashtag live_start_at live_finish_at"
        " close_at open_at bet_delay",
    ),
    363: ("join_game", "game_id since"),
    364: ("leave_game", "game_id"),
    375: ("close_game", "game_id"),
    380: ("list_games_for_source", "source_id offset limit"),
    3811: ("list_upcoming_games_for_source", "source_id offset limit"),
    3812: ("list_games", "query status offset limit"),
    610: ("list_games_i_am_admin_of", "offset limit"),
    385: (
        "create_and_open_betting_pool",
        "game_id description action targets pool_type finish_at stop_accepting_bets_at is_blocked"
        " is_hot recreate_on_end policy min_stake max_stake max_stake_per_user"
        " bet_delay confirm_for",
    ),
    387: ("list_all_betting_pools_for_game", "game_id offset limit"),
    388: ("list_my_open_betting_pools_for_game", "game_id offset limit"),
    389: ("list_my_running_pools_for_game", "game_id offset limit"),
    390: ("list_my_resolved_pools_for_game", "game_id offset limit"),
    3901: ("list_resolved_pools_for_game", "game_id offset limit"),
    392: ("place_bet_in_betting_pool", "pool_id target amount"),
    393: ("get_betting_pool_bets_distribution", "pool_id offset limit"),
    3911: ("get_receipt", "pool_id offset limit"),
    395: ("register_game_event", "game_id action_id target_id happened_at also is_material"),
    396: ("suggest_hot_betting_pool", "pool_id likely_to_happen_at"),
    3961: (
        "suggest_hot_betting_pool_for_action_and_target",
        "game_id action_id target_id likely_to_happen_at",
    ),
    399: ("cancel_betting_pool", "pool_id reason"),
    3951: ("take_back_game_event", "game_id event_id reason"),
    3952: ("confirm_pool", "pool_id"),
    3992: (
        "correct_betting_pool",
        "pool_id winning_target winning_targets cancel happened_at reason corrects_seq",
    ),
    3994: ("scratch_target", "pool_id target reason"),
    397: ("block_betting_in_betting_pool", "pool_id block_at"),
    398: ("allow_betting_in_betting_pool", "pool_id allow_at"),
    3975: ("block_betting_for_game_and_action", "game_id action block_at"),
    3985: ("allow_betting_for_game_and_action", "game_id action allow_at"),
    800: ("get_my_current_balance", "currency"),
    810: ("get_my_available_balance", "currency"),
    840: ("get_my_exposure", "currency"),
    8200: ("get_my_statement", "currency from to before limit"),
    8300: ("set_my_limits", "currency limits"),
    8310: ("take_a_break", "until"),
    900: ("text_message", "text targets"),
    9020: ("mute_user", "game_id source_id username until reason"),
    9030: ("unmute_user", "game_id source_id username"),
    9040: ("ban_from_source", "source_id username until reason"),
    9050: ("lift_ban", "source_id username"),
    9060: ("set_slow_mode", "game_id ms"),
    9070: ("remove_message", "game_id message_id"),
    450: ("get_leaderboard", "currency start end"),
    451: ("get_leaderboard_for_game", "game_id start end"),
}
"""Code, name and parameters of every op, in the order of its parameters in the contract.

Second names of parameters: `tests/protocol/test_parameters.py`.
"""
