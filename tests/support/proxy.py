"""A TCP proxy that loses or delays what it should pass on: answers, bytes, whole connections."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

BYTES = 1 << 16


class LossyProxy:
    """Passes bytes between its port and another loopback port. `port` is its own."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._silent = threading.Event()
        self._flowing = threading.Event()
        self._flowing.set()
        self._refuses = False
        self._lock = threading.Lock()
        """Held while a connection begins or all are cut, so that no new one escapes."""
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @classmethod
    @contextmanager
    def before(cls, target: int) -> Iterator[Self]:
        """Run a proxy in front of a port."""
        proxy = cls(target)
        try:
            yield proxy
        finally:
            proxy._close()

    def silence(self) -> None:
        """Swallow what the server answers on the present connections from now on."""
        self._silent.set()
        self._silent = threading.Event()

    def cut(self) -> None:
        """Cut the present connections."""
        with self._lock:
            for each in (end for pair in self._pairs for end in pair):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def refuse(self) -> None:
        """Cut the present connections, and each new one until `accept`."""
        self._refuses = True
        self.cut()

    def accept(self) -> None:
        """Pass on new connections again."""
        self._refuses = False

    def hold(self) -> None:
        """Keep every byte in both directions until `release`, as a network does that is down."""
        self._flowing.clear()

    def release(self) -> None:
        """Pass on the bytes that were kept, and the later ones."""
        self._flowing.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                with self._lock:
                    if self._refuses or not self._connect(client):
                        client.close()

    def _connect(self, client: socket.socket) -> bool:
        """Connect a client to the target, and pass on their bytes. Return False if it is down."""
        try:
            server = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            return False
        self._pairs.append((client, server))
        never = threading.Event()
        for source, sink, silent in ((client, server, never), (server, client, self._silent)):
            thread = threading.Thread(target=self._pass, args=(source, sink, silent))
            self._threads.append(thread)
            thread.start()
        return True

    def _pass(self, source: socket.socket, sink: socket.socket, silent: threading.Event) -> None:
        with suppress(OSError):
            while data := source.recv(BYTES):
                self._flowing.wait()
                if not silent.is_set():
                    sink.sendall(data)
        self._flowing.wait()
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        self.release()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join()
        self.cut()
        for thread in self._threads:
            thread.join()
        for each in (end for pair in self._pairs for end in pair):
            each.close()
