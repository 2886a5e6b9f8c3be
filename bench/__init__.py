"""How fast, how large and how late: one file a question, asked of the real server process.

Each is run as `python -m bench.<question>`, prints a table and renews its section of README.md.
Load goes to loopback only and ends by itself. Nothing here is shipped or imported by the product,
and nothing here passes or fails: promises that can fail are in `tests`.
"""
