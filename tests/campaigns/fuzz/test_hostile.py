"""The server answers a health check and a player during attacks of all kinds on both ports.

`python -m tests.campaigns.fuzz hostile` runs a thousand hostile clients for a minute and times
every answer.
"""

from pathlib import Path

from tests.campaigns.fuzz.enemies import KINDS
from tests.campaigns.fuzz.hostile import Campaign

CONNECTIONS = 4 * len(KINDS)
SECONDS = 5


async def test_hostile_clients_keep_nobody_from_health_and_play(tmp_path: Path) -> None:
    campaign = Campaign(CONNECTIONS, SECONDS)
    await campaign.fight(tmp_path)
    assert len(campaign.took_s) == 5
    assert all(len(took) > 1 for took in campaign.took_s.values()), "all were answered, again too"
    tried = {kind.__name__.strip("_") for kind in KINDS}
    assert tried <= campaign.told.keys()
    assert {"HTTP 200", "HTTP 400", "HTTP 401", "HTTP 404", "HTTP 505"} <= campaign.told.keys()
