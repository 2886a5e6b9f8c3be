"""Bugs that the fuzzers must find, inserted like those of the simulation."""

from typing import Final

from tests.campaigns.mutations import Mutation

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
        "actors.link.intake",
        (("request_id = None if frame is None else frame.request_id", "request_id = None"),),
    ),
    "answered-twice": Mutation(
        "what is told again under its key is told twice",
        "actors.games.router",
        (
            (
                "return in_turn(client, partial(call.reply_now, outgoing(body), repeated=True))",
                "return [in_turn(client, partial(call.reply_now, outgoing(body), repeated=True))"
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
        "actors.edge.frame_writer",
        (
            (
                "if not self.has_sent_close:\n                await self._send(self.pending()",
                "if False:\n                await self._send(self.pending()",
            ),
        ),
    ),
    "any-length": Mutation(
        "a length in more bytes than it needs is taken",
        "actors.edge.frames",
        (("return self.length == shortest and not", "return not"),),
    ),
    "no-patience": Mutation(
        "a handshake may take for ever",
        "actors.edge.gate",
        (("trio.current_time() + self._head_timeout_s", "10.0**9"),),
    ),
    "left-behind": Mutation(
        "who is refused is never hung up on",
        "actors.edge.gate",
        (("await close_lingering(stream)\n", "await trio.sleep(10**6)\n"),),
    ),
    "bytes-as-text": Mutation(
        "text that is not UTF-8 is read all the same",
        "actors.edge.frames",
        (
            (
                "data[start - 4 : start]).decode())",
                'data[start - 4 : start]).decode(errors="replace"))',
            ),
        ),
    ),
}

BY_HTTP: Final = {
    "bare-lf": Mutation(
        "a line of a head may end with a bare LF",
        "protocol.request_head",
        (('head.split(b"\\r\\n")', 're.split(rb"\\r?\\n", head)'),),
    ),
    "two-lengths": Mutation(
        "the length of a body may be stated twice",
        "protocol.request_head",
        (("if len(lengths) + len(codings) > 1 or", "if"),),
    ),
    "any-host": Mutation(
        "a request may have two hosts",
        "protocol.request_head",
        (("if len(hosts) > 1 or", "if"),),
    ),
    "no-head-timeout": Mutation(
        "a head has all the time in the world",
        "actors.edge.gate",
        (("trio.current_time() + self._head_timeout_s", "10.0**9"),),
    ),
    "time-anew": Mutation(
        "a head has its time anew with each piece",
        "actors.edge.gate",
        (
            ("trio.current_time() + self._head_timeout_s", "10.0**9"),
            (
                "        data = await stream.receive_some(READ_BYTES)\n",
                "        data = b''\n"
                "        with trio.move_on_after(10):\n"
                "            data = await stream.receive_some(READ_BYTES)\n",
            ),
        ),
    ),
    "patient-pauses": Mutation(
        "a pause between two requests may last for ever",
        "toteboard.http.serving",
        (("trio.move_on_after(IDLE_S)", "trio.move_on_after(10**6)"),),
    ),
    "patient-writes": Mutation(
        "a client need never read its answer",
        "toteboard.http.exchange",
        (("trio.fail_after(PATIENCE_S)", "trio.fail_after(10**6)"),),
    ),
    "malformed-chunk": Mutation(
        "a malformed chunk is not caught",
        "toteboard.http.exchange",
        (("except h11.RemoteProtocolError:", "except ZeroDivisionError:"),),
    ),
    "body-is-a-request": Mutation(
        "a body is read again, as the next request",
        "toteboard.http.exchange",
        (("self.visitor.received[:0] = self._http.trailing_data[0]", "pass"),),
    ),
    "odd-origin": Mutation(
        "an Origin that cannot be taken apart is not caught",
        "toteboard.http.guard",
        (
            (
                "found = _ORIGIN.fullmatch(origin.lower())",
                "return __import__('urllib.parse').parse.urlsplit(origin).netloc",
            ),
        ),
    ),
    "odd-address": Mutation(
        "an address that a proxy forwards is taken for one",
        "toteboard.http.proxies",
        (("except ValueError", "except KeyError"),),
    ),
    "unguarded": Mutation(
        "a refusal lacks the header fields of security",
        "protocol.plain_answer",
        (("own = (*SECURITY, TRANSPORT) if is_secure else SECURITY", "own = ()"),),
    ),
    "hidden-files": Mutation(
        "hidden files are served",
        "toteboard.http.page",
        (("return not is_index and any(", "return False and any("),),
    ),
    "place-kept": Mutation(
        "a connection's place is never free again",
        "toteboard.http.places",
        (("self.count -= 1", "pass"),),
    ),
    "left-open": Mutation(
        "who is refused is never hung up on",
        "actors.edge.gate",
        (
            (
                "                with trio.CancelScope(shield=True):\n"
                "                    await close_lingering(stream)\n",
                "                await trio.sleep(10**6)\n",
            ),
        ),
    ),
}

BY_KIND: Final = {"messages": BY_MESSAGES, "frames": BY_FRAMES, "http": BY_HTTP}
