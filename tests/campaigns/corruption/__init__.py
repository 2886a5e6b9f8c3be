"""Changes the database file of a played match in many ways and runs `toteboard check` on each.

`played.py` makes the file. `corruptions.py` and `forgeries.py` list the changes, `campaign.py`
makes them one at a time and runs the audit. docs/explanation/reliability.md lists the changes that
`check` misses, and why; the results are compared with it. `make corruption` makes all the changes,
`make test` a sample.
"""
