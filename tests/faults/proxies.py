"""A TCP relay whose connections can fall silent: open on both ends, and nothing comes through any more."""

import select
import socket
import threading
from contextlib import suppress

_CHUNK_BYTES = 65_536


class Proxy:
    """Relays connections made to `port`; those open when `silence` is called say nothing for ever."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._generation = 0
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._silent: list[tuple[socket.socket, socket.socket]] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def silence(self) -> int:
        """Silence what is open; how many connections that are."""
        with self._lock:
            self._generation += 1
            self._silent += self._pairs
            silenced, self._pairs = len(self._pairs), []
            return silenced

    def bury(self) -> None:
        """Close what was silenced, as the keep-alive probes of both ends do in the course of time."""
        with self._lock:
            for pair in self._silent:
                for end in pair:
                    end.close()
            self._silent = []

    def close(self) -> None:
        self._listener.close()
        self.silence()
        self.bury()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target_port))
            except OSError:
                client.close()
                continue
            with self._lock:
                generation = self._generation
                self._pairs.append((client, server))
            threading.Thread(target=self._relay, args=(client, server, generation), daemon=True).start()

    def _relay(self, client: socket.socket, server: socket.socket, generation: int) -> None:
        other = {client: server, server: client}
        while generation == self._generation:
            with suppress(OSError, ValueError):
                for end in select.select([client, server], [], [], 0.2)[0]:
                    data = end.recv(_CHUNK_BYTES)
                    if generation != self._generation:
                        return
                    if data:
                        other[end].sendall(data)
                        continue
                    self._drop(client, server)
                    return
                continue
            self._drop(client, server)
            return

    def _drop(self, client: socket.socket, server: socket.socket) -> None:
        with self._lock, suppress(ValueError):
            self._pairs.remove((client, server))
        client.close()
        server.close()
