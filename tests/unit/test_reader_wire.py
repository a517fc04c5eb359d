import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from worker.reader.wire import Channel

Pair = tuple[Channel, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A channel and the bare socket at its other end."""
    ours, theirs = socket.socketpair()
    with theirs:
        channel = Channel(ours, max_bytes=1000)
        yield channel, theirs
        channel.close()


def test_message_arrives_as_it_was_sent(pair: Pair) -> None:
    # Given
    channel, other = pair
    sender = Channel(other, max_bytes=1000)
    # When
    sender.send({"text": "Привет", "pages": [1, 2]})
    # Then
    assert channel.receive(1) == {"text": "Привет", "pages": [1, 2]}


def test_message_in_pieces_is_put_together_over_several_calls(pair: Pair) -> None:
    # Given
    channel, other = pair
    body = b'{"pages": 1}'
    message = struct.pack("!I", len(body)) + body
    # When
    other.sendall(message[:7])
    early = channel.receive(0.01)
    other.sendall(message[7:])
    # Then
    assert (early, channel.receive(1)) == (None, {"pages": 1})


def test_two_messages_in_one_piece_stay_two(pair: Pair) -> None:
    # Given
    channel, other = pair
    one = struct.pack("!I", 2) + b"{}"
    # When
    other.sendall(one + one)
    # Then
    assert [channel.receive(1), channel.receive(1)] == [{}, {}]


def test_message_larger_than_the_socket_buffer_arrives() -> None:
    # Given
    ours, theirs = socket.socketpair()
    channel, sender = Channel(ours, max_bytes=1 << 23), Channel(theirs, max_bytes=0)
    text = "x" * (1 << 22)
    thread = threading.Thread(target=sender.send, args=({"text": text},))
    # When
    thread.start()
    received = channel.receive(30)
    thread.join()
    # Then
    assert received == {"text": text}
    channel.close()
    sender.close()


def test_nothing_comes_of_silence_within_the_time(pair: Pair) -> None:
    # Given
    channel, _ = pair
    # When
    received = channel.receive(0.01)
    # Then
    assert received is None


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(struct.pack("!I", 1001), id="too long"),
        pytest.param(struct.pack("!I", 3) + b"{1}", id="not JSON"),
        pytest.param(struct.pack("!I", 2) + b"[]", id="not an object"),
        pytest.param(struct.pack("!I", 2) + b"\xff\xff", id="not UTF-8"),
        pytest.param(struct.pack("!I", 900) + b"[" * 900, id="too deep"),
    ],
)
def test_message_in_another_form_ends_the_connection(pair: Pair, sent: bytes) -> None:
    # Given
    channel, other = pair
    # When
    other.sendall(sent)
    # Then
    with pytest.raises(ConnectionError):
        channel.receive(1)


def test_closed_end_is_told_from_silence(pair: Pair) -> None:
    # Given
    channel, other = pair
    # When
    other.close()
    # Then
    with pytest.raises(ConnectionError):
        channel.receive(1)
