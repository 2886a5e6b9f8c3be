"""The side that decides: one actor for each game, one for the sources, and what they share.

It knows a connection only by the interface in `actors/link/caller.py`. No file here imports
`actors/edge/`. The rules are in `game`; `actors/commit/` makes decisions durable.
"""
