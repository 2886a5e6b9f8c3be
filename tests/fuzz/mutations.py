"""Bugs that the fuzzers have to find, put in as those of the simulation are."""

from typing import Final

from tests.sim.mutations import Mutation

BY_MESSAGES: Final = {
    "wide-numbers": Mutation(
        "a number of more than 64 bits is taken as one",
        "game.shapes",
        (("return number if abs(number) < 2**63 else None", "return number"),),
    ),
    "half-a-number": Mutation(
        "a text that only begins with digits is taken as a number",
        "game.shapes",
        (("_DIGITS.fullmatch(", "_DIGITS.match("),),
    ),
    "header-as-it-is": Mutation(
        "a header that is no object is looked into",
        "protocol.codec",
        (
            (
                'header.get("request_id") if isinstance(header, dict) else None',
                'header.get("request_id") if header else None',
            ),
        ),
    ),
    "bad-address": Mutation(
        "an address that cannot be taken apart is not refused",
        "game.shapes",
        (
            (
                "    except ValueError:\n        return False",
                "    except KeyError:\n        return False",
            ),
        ),
    ),
    "request-id-lost": Mutation(
        "an error reply does not say to which request it belongs",
        "actors.router",
        (("request_id = None if frame is None else frame.request_id", "request_id = None"),),
    ),
    "answered-twice": Mutation(
        "what is told again under its key is told twice",
        "actors.router",
        (
            (
                "return _in_turn(connection, partial(ask.tell, body, repeated=True))",
                "return [_in_turn(connection, partial(ask.tell, body, repeated=True))"
                " for _ in (1, 2)][1]",
            ),
        ),
    ),
    "depth-unbounded": Mutation(
        "nesting has no bounds",
        "protocol.codec",
        (("DEEPEST = 32", "DEEPEST = 10**6"),),
    ),
}

BY_FRAMES: Final = {
    "no-last-word": Mutation(
        "who breaks the protocol is hung up on without a word",
        "actors.wire",
        (
            (
                "if not self._has_said_goodbye:\n                    await self._send(self._rest()",
                "if False:\n                    await self._send(self._rest()",
            ),
        ),
    ),
    "any-length": Mutation(
        "a length in more bytes than it needs is taken",
        "actors.frames",
        (("return self.length == shortest and not", "return not"),),
    ),
    "no-patience": Mutation(
        "a handshake may take for ever",
        "actors.door",
        (
            (
                "with trio.move_on_after(timeout) as patience",
                "with trio.move_on_after(10**6) as patience",
            ),
        ),
    ),
    "left-behind": Mutation(
        "who is refused is never hung up on",
        "actors.door",
        (
            (
                "                await _hang_up(stream)\n",
                "                await trio.sleep(10**6)\n",
            ),
        ),
    ),
    "bytes-as-text": Mutation(
        "text that is not UTF-8 is read all the same",
        "actors.frames",
        (
            (
                "data[start - 4 : start]).decode())",
                'data[start - 4 : start]).decode(errors="replace"))',
            ),
        ),
    ),
}
