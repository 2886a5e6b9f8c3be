"""What holds for every test: Hypothesis never judges by the wall clock."""

from hypothesis import settings

settings.register_profile("toteboard", deadline=None, print_blob=True)
settings.load_profile("toteboard")
