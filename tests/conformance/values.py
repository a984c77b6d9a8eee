"""Bytes: as cases write them, and as they travel between the driver and an agent (percent-encoded ASCII)."""
import base64

_PLAIN = set(range(0x20, 0x7f)) - set(b'%"\\')


def from_case(value):
    if isinstance(value, str):
        return value.encode()
    if "base64" in value:
        return base64.b64decode(value["base64"])
    text, times = value["repeat"]
    return text.encode() * times


def to_wire(data):
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02x}" for byte in data)


def from_wire(text):
    parts = text.encode().split(b"%")
    return parts[0] + b"".join(bytes([int(part[:2], 16)]) + part[2:] for part in parts[1:])


def shown(value):
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:150]}... ({len(text)} characters)"
