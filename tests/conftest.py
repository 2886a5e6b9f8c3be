"""What holds for every test: Hypothesis never judges by the wall clock."""

from hypothesis import Phase, settings

settings.register_profile("toteboard", deadline=None, print_blob=True)
settings.load_profile("toteboard")

# For `make mutants`: that a test fails is all that counts there, not how small an example can be.
settings.register_profile(
    "mutants",
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    database=None,
    derandomize=True,
)
