"""Which resources cross between our node and the reference: each value, and each pair of values, at
least once (`CHOSEN`), or all combinations (`ALL`)."""

import bz2
import itertools
from dataclasses import dataclass

import pairs
import talk

MIB = 1 << 20
ODD_SIZES = ("under", "whole", "over")  # 16 bytes less than whole parts, whole parts, 16 more
FACTORS = {
    "direction": pairs.DIRECTIONS,
    "sender": ("opener", "host"),
    "size": (1, MIB - 1, MIB, MIB + 1, 5 * MIB, *ODD_SIZES),
    "mtu": ("500", "discovered"),
    "route": ("direct", "two_relays"),
    "kind": ("noise", "half"),
    "metadata": (False, True),
}
METADATA = "82a46e616d65c405612e747874a473697a65cd0400"  # {"name": b"a.txt", "size": 1024}
TOKEN = 48  # bytes of an encrypted resource beside its blocks
RANDOM = 4  # bytes before its data
BLOCK = 16
NEAR, STEP, TRIES = 100, 7, 20  # what is packed does not quite grow with what it is made of
# Parts of the odd sizes: of a link with 500 bytes just as many as two packets of the map hold; of
# others a multiple of four, so that they are whole blocks.
PARTS = {"500": 148, "discovered": 12}


@dataclass(frozen=True)
class Row:
    direction: str
    sender: str
    size: object
    mtu: str
    route: str
    kind: str
    metadata: bool


def pairs_of(row):
    return set(itertools.combinations(zip(FACTORS, row), 2))


def chosen(rows):
    """Of the rows with the same direction, sender and size the one that has most pairs of values
    that were not there yet; then others until each pair was there."""
    left = set().union(*map(pairs_of, rows))
    ways = itertools.groupby(rows, key=lambda row: row[:3])
    groups = [list(group) for _, group in ways]
    while groups or left:
        best = max(groups.pop() if groups else rows, key=lambda row: len(pairs_of(row) & left))
        yield best
        left -= pairs_of(best)


COMBINATIONS = list(itertools.product(*FACTORS.values()))
ALL = [Row(*row) for row in COMBINATIONS]
CHOSEN = [Row(*row) for row in chosen(COMBINATIONS)]


def sent_size(size):
    """Bytes of a resource as it is encrypted."""
    return TOKEN + (RANDOM + size) // BLOCK * BLOCK + BLOCK


def packed_size(data):
    return sent_size(min(len(data), len(bz2.compress(data))))


def cut(head, stream, wanted):
    """So much of the stream that, packed behind its head, it is encrypted to so many bytes; or
    None: the sizes jump over that."""
    low, high = 1, len(stream)
    while high - low > NEAR:
        size = (low + high) // 2
        low, high = (size, high) if packed_size(head + stream[:size]) < wanted else (low, size)
    sizes = range(high - NEAR, high + NEAR, STEP)
    fitting = (size for size in sizes if packed_size(head + stream[:size]) == wanted)
    size = next(fitting, None)
    return size and stream[:size]


def tuned(head, wanted, kind):
    """Data that, behind its head, is encrypted to so many bytes."""
    if kind == "noise":
        return talk.bytes_of(wanted - sent_size(0) + BLOCK - RANDOM - 1 - len(head))
    for _ in range(TRIES):
        data = cut(head, talk.bytes_of(3 * wanted, kind), wanted)
        if data:
            return data
    raise AssertionError(f"no data of {wanted} bytes")


def head_of(row):
    """What stands before the data: the metadata and its length."""
    metadata = bytes.fromhex(METADATA) if row.metadata else b""
    return len(metadata).to_bytes(3, "big") + metadata if metadata else b""


def data_of(row, mtu):
    """The data of a row, on a link of this MTU."""
    if row.size not in ODD_SIZES:
        return talk.bytes_of(row.size, row.kind)
    whole = PARTS[row.mtu] * (mtu - 36)
    assert whole % BLOCK == 0
    return tuned(head_of(row), whole + BLOCK * (ODD_SIZES.index(row.size) - 1), row.kind)
