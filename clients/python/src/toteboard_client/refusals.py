"""A class for each code of a refusal: `except refusals.InsufficientFundsError`."""

from toteboard_client._generated.refusals import *  # noqa: F403  # Every code.
