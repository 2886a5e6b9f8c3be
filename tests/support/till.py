"""The operator's API of a website in the same process: a client for each role."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from attrs import frozen

from storage.api_keys import AddKey
from tests.support.website import Website, website


@frozen
class Till:
    """A website, and the keys of its API by role."""

    site: Website
    keys: dict[str, str]

    async def get(self, path: str, role: str = "reader", **query: Any) -> httpx.Response:
        """Call a GET as a role."""
        return await self.site.operators.get(path, params=query, headers=self._headers(role))

    async def post(
        self, path: str, role: str = "operator", once: str | None = None, **body: Any
    ) -> httpx.Response:
        """Call a POST as a role. `once`: the idempotency key."""
        headers = self._headers(role) | ({} if once is None else {"Idempotency-Key": once})
        return await self.site.operators.post(path, json=body, headers=headers)

    async def paid(self, path: str, **body: Any) -> dict[str, Any]:
        """Make a payment as a cashier; return it."""
        answer = await self.post(path, "cashier", **body)
        assert answer.status_code in (200, 201), answer.text
        payment: dict[str, Any] = answer.json()
        return payment

    def _headers(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}


ROLES = ("reader", "cashier", "moderator", "operator")


@asynccontextmanager
async def till(folder: Path, **settings: Any) -> AsyncIterator[Till]:
    """Run a website with a key for each role."""
    async with website(folder, **settings) as site:
        keys = {
            role: (await site.world.operate(AddKey(f"{role}-key", role)))["key"] for role in ROLES
        }
        yield Till(site, keys)
