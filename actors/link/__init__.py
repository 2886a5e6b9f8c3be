"""The interface between connections and actors: requests one way, encoded messages the other.

`actors/edge/` and `actors/games/` import this folder, and not each other. So a connection may live
in another process.
"""
