"""Person identifiers become keyed hashes on reading, and small integers inside a run.

HMAC-SHA-256 with a secret key, cut to 128 bits. A plain hash would not do: a seven-digit registration number can be
tried out in seconds.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from orgnet.config import Config
from orgnet.errors import InputFault

DOMAIN = b"person|"
MIN_KEY_BYTES = 32
_BLOCK = 64


@dataclass(frozen=True)
class Key:
    """A secret key and where it came from; the manifest gets the source and `id`, never the key."""

    secret: bytes
    source: str

    @property
    def id(self) -> str:
        """A short name for the key that does not give it away; empty for a key that is kept nowhere."""
        if self.source == "ephemeral":
            return ""
        return hmac.new(self.secret, b"key id", hashlib.sha256).hexdigest()[:8]

    def __repr__(self) -> str:
        return f"Key({self.source})"


_HELP = (
    "Give one of: {env: ORGNET_KEY} (64 or more hexadecimal digits in that variable), {file: PATH}, or "
    "{ephemeral: true} (a new key for each run). A key can be made with: "
    "python -c 'import secrets; print(secrets.token_hex(32))'"
)


def _parse(text: str, source: str) -> Key:
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        secret = b""
    if len(secret) < MIN_KEY_BYTES:
        raise InputFault(
            f"person_key: {source} does not hold 64 or more hexadecimal digits, two for each byte. {_HELP}"
        )
    return Key(secret, source)


def _from_file(path: Path, name: str) -> Key:
    try:
        content = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise InputFault(f"person_key: cannot read the key file {path}: {error.strerror}. {_HELP}") from None
    return _parse(content, f"file {name}")


def find_key(config: Config) -> Key:
    """The network's key. Raises InputFault if none is named, or the one named is missing or too short."""
    where = config.person_key
    if where is None:
        raise InputFault(f"person_key: records about people need a secret key to hash their identifiers with. {_HELP}")
    if where.ephemeral:
        return Key(secrets.token_bytes(MIN_KEY_BYTES), "ephemeral")
    if where.env is None:
        return _from_file(config.folder / str(where.file), str(where.file))
    if where.env not in os.environ:
        raise InputFault(f"person_key: the environment has no variable {where.env}. {_HELP}")
    return _parse(os.environ[where.env], f"environment variable {where.env}")


def normalised(ids: pa.Array) -> pa.Array:
    """Identifiers in one form: Unicode NFKC, no space at either end, lower case."""
    import pyarrow.compute as pc  # slow to import, and plain identifiers do without

    return pc.utf8_lower(pc.utf8_trim_whitespace(pc.utf8_normalize(ids, "NFKC")))


def pseudonym_sql(key: Key, column: str) -> tuple[str, list[bytes]]:
    """HMAC-SHA-256 of a text column as a DuckDB expression of 32 hexadecimal digits, with its parameters."""
    secret = hashlib.sha256(key.secret).digest() if len(key.secret) > _BLOCK else key.secret
    block = secret.ljust(_BLOCK, b"\0")
    inner = bytes(b ^ 0x36 for b in block) + DOMAIN
    outer = bytes(b ^ 0x5C for b in block)
    digest = f"sha256(?::BLOB || from_hex(sha256(?::BLOB || encode({column}))))"
    return f"left({digest}, 32)", [outer, inner]


def pseudonym(key: Key, identifier: str) -> str:
    """The same for one normalised identifier, by Python's own HMAC; the reference for tests."""
    return hmac.new(key.secret, DOMAIN + identifier.encode(), hashlib.sha256).hexdigest()[:32]
