"""The rules: games, pools, money. Pure: no clock, no I/O, no await, no dice.

`decide(game, command, ...)` says what would happen, as facts; `apply(game, fact)` makes it so.
What is said about it lives in `protocol`, what is kept of it in `storage`; both stand above.
"""
