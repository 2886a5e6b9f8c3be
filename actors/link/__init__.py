"""What the edge and the deciding side say to each other: requests one way, messages the other.

Neither side imports the other for it: `actors/edge/` sends requests, `actors/games/` answers them.
"""
