"""Words and sentences of the RouterOS API (MikroTik's manual). Bytes that are no UTF-8 go in and out as they are."""

from typing import BinaryIO

LONGEST = 64 * 1024 * 1024  # bytes of a word; more is not RouterOS, but somebody's TLS


def encoded(sentence: list[str]) -> bytes:
    words = [word.encode(errors="surrogateescape") for word in [*sentence, ""]]
    return b"".join(_length(len(word)) + word for word in words)


def _length(length: int) -> bytes:
    for size, (limit, mark) in enumerate(
        [(0x80, 0), (0x4000, 0x80), (0x200000, 0xC0), (0x10000000, 0xE0)], 1
    ):
        if length < limit:
            return (length | mark << 8 * (size - 1)).to_bytes(size, "big")
    return b"\xf0" + length.to_bytes(4, "big")


def read_sentence(stream: BinaryIO) -> list[str]:
    """Raises EOFError where the stream ends, or can't be sentences."""
    words = []
    while word := _read_word(stream):
        words.append(word.decode(errors="surrogateescape"))
    return words


def _read_word(stream: BinaryIO) -> bytes:
    first = _exactly(stream, 1)[0]
    more = next(more for more, limit in enumerate([0x80, 0xC0, 0xE0, 0xF0, 0x100]) if first < limit)
    mark = (0, 0x80, 0xC0, 0xE0, 0xF0)[more]
    length = int.from_bytes(bytes([first - mark]) + _exactly(stream, more), "big")
    if length > LONGEST:
        raise EOFError
    return _exactly(stream, length)


def _exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data
