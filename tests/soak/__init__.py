"""A real server at moderate work for an hour: does it need at the end what it needed at first?

`python -m tests.soak --minutes 60`, which is `make soak`. A town (`town.py`) of hosts, players and
newcomers (`people.py`), and of such as stall, break off and send nonsense (`nuisance.py`); what the
server takes is read minute by minute and judged at the end (`gauge.py`). The last run is
in `docs/explanation/reliability.md`. It takes less than half a core, so that other work can go on.
"""
