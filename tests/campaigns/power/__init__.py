"""Power cuts: a disk that forgets what was not synced, under a real server, cut at any moment.

`recorder` runs the server and writes down what SQLite does to its files; `match` is what it plays;
`disk` is what a power cut leaves of that; `cuts` opens what is left, as the server would, and holds
it against what was told before. `upgrade` is cut by its own test. `python -m tests.campaigns.power`
makes many cuts.
"""
