"""What makes decisions durable: one writer for all actors, on one SQLite file.

The SQL is in `storage`; what is committed is decided in `actors/games/`.
"""
