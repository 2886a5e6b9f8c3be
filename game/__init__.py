"""The rules: games, pools, money. Pure: no clock, no I/O, no await, no randomness.

`decide(game, command, context)` turns a command into facts, and `apply(game, entry)` changes the
game by a fact. The floors above are `protocol`, for the messages, and `storage`, for the database.
"""
