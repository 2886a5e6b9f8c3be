"""The file of a played match, changed in every way there is: what does `toteboard check` not find?

`played.py` makes the file, `corruptions.py` and `forgeries.py` list what is done to it, one thing
at a time, `campaign.py` does it and asks the audit. What is not found is listed in
docs/explanation/reliability.md with the reason, and compared with it. `make corruption` does all of
it, the gate a sample.
"""
