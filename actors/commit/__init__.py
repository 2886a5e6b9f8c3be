"""Makes decisions durable: one writer for all actors, and the watch over the database file.

The SQL is in `storage`. `actors/games/` decides what is committed.
"""
