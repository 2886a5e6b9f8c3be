"""An hour of moderate load on a real server: does its resource use stay the same?

`python -m tests.campaigns.soak --minutes 60` is `make soak`. A town (`town.py`) has hosts, players
and new users (`people.py`), and hostile clients that stall, break off and send invalid data
(`nuisance.py`). `gauge.py` samples the server's resources every minute and judges them at the end.
The last run is in docs/explanation/campaigns.md. The load stays below half a core, so other work
can go on.
"""
