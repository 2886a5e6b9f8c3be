"""What decides: one actor for each game, one for the sources, and what they share.

No socket is read or written here: connections are in `actors/edge/`. The rules are in `game`; what
is decided is made durable by `actors/commit/`.
"""
