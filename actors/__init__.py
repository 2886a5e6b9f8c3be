"""Everything that waits: connections, games, sources, the writer and the one clock.

The rules are in `game`; an actor only decides when they are asked and who hears of the outcome.
"""
