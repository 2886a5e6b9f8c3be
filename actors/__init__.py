"""Everything that waits: connections, games, sources, the writer and the clock.

    edge     a client's connection: frames in, frames out
    link     what connections and actors know of each other, in one process or in two
    games    the actors, which decide
    commit   the writer, which makes decisions durable

The rules are in `game`. An actor only decides when they are applied, and who receives the result.
"""
