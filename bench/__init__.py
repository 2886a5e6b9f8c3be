"""Benchmarks of the real server process: speed, memory and latency. One file per benchmark.

`python -m bench.<name>` runs one benchmark and prints a table. `bench/suite.py` runs all of them
and updates README.md. The servers in `bench/peers/` are measured for comparison. The load goes to
loopback only and ends by itself. The product neither ships nor imports this package. A benchmark
does not pass or fail: promises that can fail are in `tests`.
"""
