"""The firmware as a program: where its memory is, that it has no heap, that it does not hang."""

import re
import subprocess

import pytest

import nodes
from board import ALL, BUILD, FULL
from debugger import Debugger

FAST_MOST, BULK_MOST = 96 << 10, 512 << 10
REGIONS = {  # from the boards' manuals: SRAM, external RAM (first address, bytes)
    "mps2-an385": ((0x20000000, 4 << 20), (0x21000000, 16 << 20)),
    "mps2-an386": ((0x20000000, 4 << 20), (0x21000000, 16 << 20)),
    "mps2-an500": ((0x20000000, 4 << 20), (0x60000000, 16 << 20)),
    "virt": ((0x80400000, 4 << 20), (0x81000000, 16 << 20)),
}
HEAP = re.compile(r"_?(m|c|re)alloc(_r)?|_?free(_r)?|_?sbrk(_r)?|aligned_alloc|posix_memalign")
CIRCLES = {"mps2-an385": "fee7", "virt": "01a0"}  # a jump to itself

every_board = pytest.mark.parametrize("kind", ALL)


def symbols(kind, image):
    """Names with addresses and sizes."""
    tool = "riscv64-unknown-elf-nm" if kind == "virt" else "arm-none-eabi-nm"
    listed = subprocess.run([tool, "-S", image], capture_output=True, text=True, check=True)
    found = {}
    for line in listed.stdout.splitlines():
        words = line.split()
        sizes = [int(word, 16) for word in words[:-2]]
        found[words[-1]] = (sizes + [0, 0])[:2]
    return found


def inside(place, region):
    (address, size), (first, length) = place, region
    return first <= address and address + size <= first + length


@every_board
def test_memory_is_where_the_board_has_it(net, kind):
    """As the linker has placed it, and as the firmware finds it at start."""
    board = net.board(kind).start()
    said = re.search(r"fast ([0-9a-f]{8}) (\d+) bulk ([0-9a-f]{8}) (\d+)", board.console.read_text())
    fast = int(said[1], 16), int(said[2])
    bulk = int(said[3], 16), int(said[4])
    named = symbols(kind, board.image)
    assert tuple(named["fast"]) == fast and tuple(named["bulk"]) == bulk
    assert inside(fast, REGIONS[kind][0]) and inside(bulk, REGIONS[kind][1])
    assert fast[1] <= FAST_MOST and bulk[1] <= BULK_MOST


@every_board
def test_misplaced_memory_is_refused(net, kind):
    board = net.board(kind)
    board.image = BUILD / kind / "misplaced.elf"
    assert "BULK is not in the external RAM" in board.refuses()


@every_board
def test_no_heap_is_linked(kind):
    heap = [name for name in symbols(kind, BUILD / f"{kind}.elf") if HEAP.fullmatch(name)]
    assert not heap


@pytest.mark.parametrize("kind", FULL)
def test_watchdog_resets_a_board_that_hangs(net, kind):
    board = net.board(kind, "uart0")
    board.debugger = Debugger()
    board.start()
    address = board.address("reticule.echo")
    place, _ = symbols(kind, board.image)["serial_turn"]  # which the loop calls
    board.debugger.patch(place, bytes.fromhex(CIRCLES[kind]))
    nodes.wait_until(lambda: board.ready(times=2), nodes.START, board.console.read_text)
    assert board.console.read_text().split().count(address) == 2
    board.debugger.close()
