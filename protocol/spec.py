"""The reference of the protocol, written from the op table: `python -m protocol.spec` prints it.

docs/protocol.md is what this printed last. Whatever the table knows comes from the table; only the
envelope, which is the same for every op, and what pools are, is in words here. Messages about pools
are shown as the product makes them, from `protocol/examples.py`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from attrs import NOTHING, Attribute, fields

from game.refusals import Code
from protocol.examples import EXAMPLES
from protocol.limits import Limits
from protocol.messages import limits_in_force
from protocol.op import Op, Response
from protocol.ops import COMMON_REFUSALS, OPS

ENVELOPE: Final = """\
# The protocol

The reference of every op, printed from the op table by `python -m protocol.spec`: change
`protocol/ops.py` or `protocol/spec.py`, not this file.

## The envelope

**Connecting.** A WebSocket to `/?id=<user id>&n=<nonce>&h=<digest>`. The nonce is 1 to 64
characters that the user has not used with this session key before; the digest is the SHA-256, in
lower-case hex, of id, nonce and session key, one after the other, in UTF-8. A signed URL works
once. `toteboard.client.signed_url` makes one.

**Requests** are JSON objects in text frames: `{"header": {...}, "op": <code>, ...parameters}`. The
header may be absent; its keys are `request_id` (an integer, or a string of at most 64 characters)
and `idempotency_key` (a string of at most 64 characters).

**Replies and publications** are `{"response_header": {"t": <epoch milliseconds>}, "res": <code>,
...}`. Every request gets one reply, which carries its `request_id` in `response_header`.
Publications go to every connection that has joined the game. Replies to what one connection asks
of one game, its pools included, come in the order asked. Nothing is told before it is on disk.
`op` and `res` are numbered apart: op 363 joins a game, `res` 363 is a pool that ran out.

**Values.** `null` and blank strings are "not given". Strings are trimmed. Integers may come as
strings of digits, booleans as `"true"` and `"false"`, lists of names as one comma-separated
string. Times are epoch milliseconds, UTC. Amounts are numbers with at most two decimals, above 0.
Parameters that are not known are ignored. A parameter with a second name may come by either; the
first wins.

**Positions.** Every fact of a game has a number, counted from 1. `seq` in a message: of the facts
up to there you have been told. A publication of facts also has `prev_seq`, the `seq` of the one
before it: if that is greater than the greatest `seq` you know, you have missed something. Join
again with `since`, the greatest `seq` you know, and it is sent again.

**Doing things once.** An op that changes something and comes with an `idempotency_key` that the
user has used in the last 7 days is not done again: its first reply comes back, with `"repeated":
true` in `response_header`.

**Pages.** Lists of pools are in order of opening (of 390: the newest first); `offset` and `limit`
count pools, and a reply has as many as fit in 1 MiB, one at least. `total` is how many there are;
the next page begins after those that came.

**Errors** have `res` 666, a `text` for a person, a `code` (below), the `op`, the `parameter` at
fault if there is one, and `retryable`. After an error nothing has changed.
"""

POOLS: Final = """\
## Pools

Type 1 is parimutuel and decided by an event of its action; 2 the same, and at `finish_at` it goes
to `none`; 3 and 4 are binary, with the targets `yes` and `no`: an admin decides them by an event
with their own action, `pool-<pool id>`, and 4 goes to `no` at its `finish_at`. A game that closes
resolves its parimutuel pools to `none` and waits for the binary ones.

- Who backed the winner share the whole pool in proportion to their stakes, to the hundredth;
  there is no takeout. Nobody backed it: every stake goes back, and `is_money_return` says so.
- A bet placed after the event's `happened_at` is void, and its stake goes back: such users are
  the `invalidated_bettors`. A pool opened after it stays open.
- `to_win_if_backed` is what one unit staked there would be paid as things stand.
- A pool's bets are told by 361, joined: at most one in a `distribution_interval`, the first at
  once, and before any other message about the pool. The first 100 bets since the last are in
  `new_bets`; `new_bets_omitted` counts the others. `seq` is held back by bets that still wait for
  theirs.
- A 362 has `winners` with what they won beyond their winning stakes and `losers` with the stakes
  they lost; `winning_target` null: cancelled, for a `reason`. A 363 is a 362 of a pool that ran
  out.
- Every change of a user's balance is told to all connections of that user by an 815. Its `cause`
  is `bet`, `payout`, `refund`, `loss` or `credit`; `available_balance` and what is at stake make
  up `current_balance`.

### As they look
"""


def document() -> str:
    """The whole reference, as Markdown."""
    ops = ["## Ops\n", *map(_op, OPS)]
    parts = [ENVELOPE, *ops, POOLS, *map(_example, EXAMPLES), _responses(), _errors(), _limits()]
    return "\n".join(parts)


def _op(op: Op) -> str:
    about = [
        f"### {op.code} {op.name}\n",
        f"{_sentence(op)}\n",
        f"- Who may: {op.right}.",
        f"- Replies: {_names(op.replies)}.",
    ]
    if op.published:
        about.append(f"- Published: {_names(op.published)}.")
    if op.shared is not None:
        about.append(f"- A caller who has joined is told of {op.shared.value} once, as the reply.")
    if op.sums_up:
        about.append("- The reply comes last: it sums up what was published.")
    refusals = [*op.refusals, *([Code.IDEMPOTENCY_CONFLICT] if op.changes else [])]
    if refusals:
        about.append(f"- Refused with: {', '.join(f'`{code}`' for code in refusals)}.")
    if op.changes:
        about.append("- Changes something: takes an `idempotency_key`.")
    parameters: Sequence[Attribute[Any]] = fields(op.command)  # type: ignore[arg-type]
    if parameters:
        hints = get_type_hints(op.command, include_extras=True)
        rows = [
            (f"`{each.name}`", _default(each), _wanted(hints[each.name]) + _second_name(each))
            for each in parameters
        ]
        about += ["", *_table(("parameter", "default", "must be"), rows)]
    return "\n".join(about) + "\n"


def _sentence(op: Op) -> str:
    """What the command's docstring says first, without the op's code."""
    text = " ".join((op.command.__doc__ or "").split("\n\n")[0].split())
    return text.replace(f" ({op.code})", "")


def _default(parameter: "Attribute[Any]") -> str:
    if parameter.default is NOTHING:
        return "required"
    return "-" if parameter.default in (None, ()) else f"`{json.dumps(parameter.default)}`"


def _second_name(parameter: "Attribute[Any]") -> str:
    also = parameter.metadata.get("also")
    return f"; also read from `{also}`" if also else ""


def _wanted(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        return str(get_args(hint)[1].wanted)
    (given,) = (each for each in get_args(hint) if each is not NoneType)
    return _wanted(given)


def _names(responses: Iterable[Response]) -> str:
    return ", ".join(f"{response.value} {response.name.lower()}" for response in responses)


def _example(message: dict[str, Any]) -> str:
    code = Response(message["res"])
    return f"{code.value} {code.name.lower()}:\n\n```json\n{_pretty(message)}\n```\n"


def _pretty(value: Any, margin: str = "") -> str:
    """JSON for people: innermost objects, and lists, on one line."""
    is_inner = not (isinstance(value, dict) and any(isinstance(v, dict) for v in value.values()))
    if margin and is_inner:
        return json.dumps(value)
    inside = f"{margin}  "
    lines = (f'{inside}"{name}": {_pretty(inner, inside)}' for name, inner in value.items())
    return "{\n" + ",\n".join(lines) + f"\n{margin}}}"


def _responses() -> str:
    rows = [
        (
            str(response.value),
            response.name.lower(),
            ", ".join(str(op.code) for op in OPS if response in op.replies) or "-",
            ", ".join(str(op.code) for op in OPS if response in op.published) or "-",
        )
        for response in sorted(Response)
    ]
    columns = "code", "name", "replies to", "published by"
    about = (
        "342, 341, 362, 368 and 352 are also published when a time comes that moves a game on,\n"
        "closes it or opens a pool again, 363 when a time-based pool runs out, 368 to 371 when a\n"
        "planned switch happens. 815 goes to the owner of the balance, also for an operator's\n"
        "credit, and 640 to a user whom 617 made an admin. 666 may answer every op.\n"
    )
    return "\n".join(["## Responses\n", about, *_table(columns, rows)]) + "\n"


def _errors() -> str:
    rows = [(f"`{code}`", "yes" if code.retryable else "no", _earned_by(code)) for code in Code]
    return "\n".join(["## Errors\n", *_table(("code", "retryable", "may answer"), rows)]) + "\n"


def _earned_by(code: Code) -> str:
    if code is Code.UNKNOWN_OP:
        return "an `op` that is missing or not in the table"
    if code in COMMON_REFUSALS:
        return "every op"
    if code is Code.IDEMPOTENCY_CONFLICT:
        return "every op that changes something"
    return ", ".join(str(op.code) for op in OPS if code in op.refusals)


def _limits() -> str:
    limits = limits_in_force(Limits())
    rows = [(f"`{name}`", f"`{json.dumps(value)}`") for name, value in limits.items()]
    about = (
        "What `get_opcodes` says of a server as it comes: durations in milliseconds, sizes in\n"
        "bytes. Each is a setting of `toteboard serve`.\n"
    )
    return "\n".join(["## Limits\n", about, *_table(("limit", "default"), rows)]) + "\n"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in (columns, ["---"] * len(columns), *rows):
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    print(document(), end="")
