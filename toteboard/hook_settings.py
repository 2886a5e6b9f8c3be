"""The hooks of a settings file: `[webhooks.NAME]` (docs/reference/settings.md).

A hook sends the facts of games to a receiver (`toteboard/hooks/`). Its secret signs what is sent.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from textwrap import indent
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import field, frozen

from game.state import FACTS
from storage.users import is_name

SECRET_PREFIX: Final = "whsec_"
SECRET_BYTES: Final = range(24, 65)
LONGEST_URL: Final = 2_048
FACT_KINDS: Final = tuple(fact.kind for fact in FACTS)
_KEYS: Final = ("url", "secret", "kinds", "sources", "from")
_BEGINNING: Final = "beginning"
_ADDRESS: Final = re.compile(r"https?://[!-~]+")


class HooksError(ValueError):
    """A hook cannot be used. The text names the hook and the expected value, never the secret."""


@frozen(kw_only=True)
class Hook:
    """A receiver of facts. `kinds` and `sources`: the only ones that it wants; empty: all.

    `from_beginning`: it begins with the first fact there is, not with the first one after it was
    configured. `key` is the secret as bytes.
    """

    name: str
    url: str
    secret: str = field(repr=False)
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    from_beginning: bool = False

    @property
    def key(self) -> bytes:
        """Return the bytes that sign what is sent."""
        return base64.b64decode(self.secret.removeprefix(SECRET_PREFIX))


def read_hooks(tables: Any) -> tuple[Hook, ...]:
    """Return the hooks of a file. Raise HooksError."""
    if not isinstance(tables, dict):
        raise HooksError("webhooks (from the file) must be tables such as [webhooks.ledger]")
    return tuple(_hook(name, table) for name, table in tables.items())


def written_hooks(hooks: Iterable[Hook], *, hides_secrets: bool) -> str:
    """Return the hooks as TOML; "" if there are none.

    With `hides_secrets`, the tables are comments: a hook without its secret is refused.
    """
    return "".join(_written(hook, hides_secrets) for hook in hooks)


def _hook(name: str, table: Any) -> Hook:
    if not is_name(name):
        raise HooksError(
            f"hook {name[:80]!r} (from the file): a name is 1 to 50 of A-Z a-z 0-9 . _ -"
        )
    if not isinstance(table, dict) or table.keys() - set(_KEYS):
        raise _unusable(name, f"its keys are {', '.join(_KEYS)}")
    start = table.get("from", "")
    if start not in ("", _BEGINNING):
        raise _unusable(name, f'from must be "{_BEGINNING}" if it is given')
    return Hook(
        name=name,
        url=_url(name, table.get("url")),
        secret=_secret(name, table.get("secret")),
        kinds=_words(name, table, "kinds", FACT_KINDS),
        sources=_words(name, table, "sources"),
        from_beginning=start == _BEGINNING,
    )


def _url(name: str, raw: Any) -> str:
    wanted = f"url must be an http or https address of at most {LONGEST_URL} characters"
    if not isinstance(raw, str) or len(raw) > LONGEST_URL or _ADDRESS.fullmatch(raw) is None:
        raise _unusable(name, wanted)
    try:
        url = urlsplit(raw)
        is_usable = bool(url.hostname) and url.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise _unusable(name, wanted)
    if "@" in url.netloc:
        raise _unusable(name, "url must have no user name and password: it is printed")
    return raw


def _secret(name: str, raw: Any) -> str:
    wanted = f"secret must be {SECRET_PREFIX} and the base64 of 24 to 64 random bytes"
    if not isinstance(raw, str) or not raw.startswith(SECRET_PREFIX):
        raise _unusable(name, wanted)
    try:
        key = base64.b64decode(raw.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise _unusable(name, wanted) from None
    if len(key) not in SECRET_BYTES:
        raise _unusable(name, wanted)
    return raw


def _words(
    name: str, table: Any, key: str, known: tuple[str, ...] | None = None
) -> tuple[str, ...]:
    raw = table.get(key, [])
    if not isinstance(raw, list) or not all(isinstance(each, str) and each for each in raw):
        raise _unusable(name, f"{key} must be a list of words")
    unknown = sorted(set(raw) - set(known if known is not None else raw))
    if unknown:
        raise _unusable(name, f"no fact has the kind {unknown[0][:80]!r}")
    return tuple(raw)


def _unusable(name: str, why: str) -> HooksError:
    return HooksError(f"hook {name} (from the file) cannot be used: {why}")


def _written(hook: Hook, hides_secrets: bool) -> str:
    secret = '"..."  # not shown' if hides_secrets else _text(hook.secret)
    start = f'from = "{_BEGINNING}"\n' if hook.from_beginning else ""
    table = (
        f"[webhooks.{_text(hook.name)}]\n"
        f"url = {_text(hook.url)}\n"
        f"secret = {secret}\n"
        f"kinds = {_text(hook.kinds)}\n"
        f"sources = {_text(hook.sources)}\n"
        f"{start}"
    )
    return "\n" + (indent(table, "# ") if hides_secrets else table)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
