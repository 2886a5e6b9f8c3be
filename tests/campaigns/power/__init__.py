"""Power cuts: a simulated disk under a real server loses unsynced data at any moment.

`recorder` runs the server and records what SQLite does to its files. `match` is the match that it
plays. `disk` computes what a power cut leaves. `cuts` opens the remaining files as the server
would, and compares them with what clients had received. `upgrade` is cut by its own test. `python
-m tests.campaigns.power` makes many cuts.
"""
