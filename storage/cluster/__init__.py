"""A cluster's log and lease, in PostgreSQL (the engine). Needs the extra `toteboard[cluster]`.

These modules run in threads, know no trio, and decide nothing about games. `actors` uses them.
"""
