"""Kills, pauses and deposes the leader of a real cluster again and again while users bet.

What must hold: no acknowledged bet is missing, no key is executed twice, and in the end all files
hold the same. `python -m tests.campaigns.cluster`: `make cluster-faults FAULTS=100`.
"""
