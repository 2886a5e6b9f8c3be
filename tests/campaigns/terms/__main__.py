"""`python -m tests.campaigns.terms`: many seeds over all cores, one seed, or the inserted bugs."""

from tests.campaigns.seeds import Campaign, command
from tests.campaigns.terms.mutations import MUTATIONS

if __name__ == "__main__":
    command(Campaign("tests.campaigns.terms", MUTATIONS, seeds=100, steps=12, most_seeds=200))()
