"""How fast, how large and how late: one file a question, asked of the real server process.

Each is run as `python -m bench.<question>` and prints a table; `bench/suite.py` asks them all and
renews README.md. Beside our server run the peers of `bench/peers/`. Load goes to loopback only and
ends by itself. Nothing here is shipped or imported by the product, and nothing here passes or
fails: promises that can fail are in `tests`.
"""
