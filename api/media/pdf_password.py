"""The empty user password against PDF's standard security handler (ISO 32000-2, 7.6.4)."""

import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


@dataclass(frozen=True, slots=True)
class Encryption:
    """The entries of an encryption dictionary that a password is checked against."""

    revision: int
    key_bytes: int
    owner: bytes
    user: bytes
    permissions: int
    encrypts_metadata: bool


def opens_without_password(encryption: Encryption, document_id: bytes) -> bool:
    """Whether the empty user password is the right one (algorithms 6 and 11)."""
    user = encryption.user
    if encryption.revision >= 5:  # noqa: PLR2004 - a revision of the standard
        check = _hash_r5 if encryption.revision == 5 else _hash_r6  # noqa: PLR2004 - a revision of the standard
        return check(user[32:40]) == user[:32]
    key = _derive_key(encryption, document_id)
    if encryption.revision == 2:  # noqa: PLR2004 - a revision of the standard
        return _rc4(key, _PADDING) == user[:32]
    digest = hashlib.md5(_PADDING + document_id, usedforsecurity=False).digest()
    for step in range(20):
        digest = _rc4(bytes(byte ^ step for byte in key), digest)
    return digest == user[:16]


def _derive_key(encryption: Encryption, document_id: bytes) -> bytes:
    """Algorithm 2: the file's key from a password, here the padding alone."""
    parts = (
        _PADDING,
        encryption.owner[:32],
        (encryption.permissions & 0xFFFFFFFF).to_bytes(4, "little"),
        document_id,
        b"" if encryption.revision < 4 or encryption.encrypts_metadata else b"\xff" * 4,  # noqa: PLR2004 - a revision
    )
    size = 5 if encryption.revision == 2 else encryption.key_bytes  # noqa: PLR2004 - a revision of the standard
    key = hashlib.md5(b"".join(parts), usedforsecurity=False).digest()
    for _ in range(50 if encryption.revision > 2 else 0):  # noqa: PLR2004 - a revision of the standard
        key = hashlib.md5(key[:size], usedforsecurity=False).digest()
    return key[:size]


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 0xFF
        state[i], state[j] = state[j], state[i]
    output = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) & 0xFF
        j = (j + state[i]) & 0xFF
        state[i], state[j] = state[j], state[i]
        output.append(byte ^ state[(state[i] + state[j]) & 0xFF])
    return bytes(output)


def _hash_r5(salt: bytes) -> bytes:
    return hashlib.sha256(salt).digest()


def _hash_r6(salt: bytes) -> bytes:
    """Algorithm 2.B for an empty password."""
    key = hashlib.sha256(salt).digest()
    count = 0
    while True:
        encryptor = Cipher(AES(key[:16]), CBC(key[16:32])).encryptor()
        data = encryptor.update(key * 64)
        key = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[sum(data[:16]) % 3](data).digest()
        count += 1
        if count >= 64 and data[-1] <= count - 32:  # noqa: PLR2004 - the rounds of the algorithm
            return key[:32]
