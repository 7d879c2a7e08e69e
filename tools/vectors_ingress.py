#!/usr/bin/env python3
"""Drives the reference's Interface class through series of events and writes down what it answers.

usage: vectors_ingress.py > tests/vectors/ingress.h     (with a Python that has rns 1.5.7)

Time is virtual and exact: hundredths of a second, as fractions.
"""
import fractions
import random
import sys
import types

import RNS
from RNS.Interfaces import Interface as module
from RNS.Interfaces.Interface import Interface

RNS.loglevel = -1
DEFAULTS = {
    "_default_ic_max_held_announces": 5,
    "_default_ic_burst_hold": Interface.IC_BURST_HOLD,
    "_default_ic_burst_freq_new": Interface.IC_BURST_FREQ_NEW,
    "_default_ic_burst_freq": Interface.IC_BURST_FREQ,
    "_default_ic_pr_burst_freq_new": Interface.IC_PR_BURST_FREQ_NEW,
    "_default_ic_pr_burst_freq": Interface.IC_PR_BURST_FREQ,
    "_default_ic_new_time": Interface.IC_NEW_TIME,
    "_default_ic_burst_penalty": Interface.IC_BURST_PENALTY,
    "_default_ic_held_release_interval": Interface.IC_HELD_RELEASE_INTERVAL,
    "_default_ec_pr_freq": Interface.EC_PR_FREQ,
    "_default_egress_control": True,
}


class Clock:
    cs = 0

    def time(self):
        return fractions.Fraction(self.cs, 100)


class NoThread:
    def __init__(self, **_):
        pass

    def start(self):
        pass


clock = Clock()
module.time = clock
module.threading = types.SimpleNamespace(Thread=NoThread)
owner = types.SimpleNamespace(**{name: (lambda value=value: value) for name, value in DEFAULTS.items()})
RNS.Reticulum.get_instance = staticmethod(lambda: owner)


def mhz(hertz):
    return int(hertz * 1000)


def hold(interface, argument):
    packet = types.SimpleNamespace(hops=argument >> 8, destination_hash=argument & 0xFF, raw=b"",
                                   receiving_interface=interface)
    interface.hold_announce(packet)
    return len(interface.held_announces)


def release(interface, _):
    """The destination that is released, or -1."""
    before = list(interface.held_announces)
    interface.process_held_announces()
    gone = [each for each in before if each not in interface.held_announces]
    return gone[0] if gone else -1


OPERATIONS = {  # letter: name in the header, what is done
    "A": ("ANNOUNCE_IN", lambda i, _: i.received_announce() or 0),
    "B": ("ANNOUNCE_OUT", lambda i, _: i.sent_announce() or 0),
    "P": ("ASK_IN", lambda i, _: i.received_path_request() or 0),
    "Q": ("ASK_OUT", lambda i, _: i.sent_path_request() or 0),
    "f": ("ANNOUNCE_IN_MHZ", lambda i, _: mhz(i.incoming_announce_frequency())),
    "g": ("ANNOUNCE_OUT_MHZ", lambda i, _: mhz(i.outgoing_announce_frequency())),
    "h": ("ASK_IN_MHZ", lambda i, _: mhz(i.incoming_pr_frequency())),
    "i": ("ASK_OUT_MHZ", lambda i, _: mhz(i.outgoing_pr_frequency())),
    "a": ("LIMITS", lambda i, _: int(i.should_ingress_limit())),
    "p": ("LIMITS_ASKS", lambda i, _: int(i.should_ingress_limit_pr())),
    "q": ("EGRESS_LIMITS", lambda i, _: int(i.should_egress_limit_pr())),
    "H": ("HOLD", hold),
    "r": ("RELEASE", release),
}


def steady(letters, gap_cs, times):
    """The letters, `times` times, with a gap before each round."""
    return [(gap_cs if n == 0 else 0, letter) for _ in range(times) for n, letter in enumerate(letters)]


def noise(seed, steps):
    """Events in rushes and lulls."""
    dice = random.Random(seed)
    gap, series = 10, []
    for _ in range(steps):
        if dice.random() < 0.08:
            gap = dice.choice([1, 3, 10, 30, 40, 200, 700])
        letter = dice.choice("AAAABBPPPPQQfghiaappqHr")
        series.append((dice.randint(1, gap), letter))
    return series


SERIES = [  # name, age of the interface in seconds, steps
    ("burst_of_announces", 0, steady("Aa", 20, 60) + steady("a", 500, 8) + steady("Aaf", 30, 60)),
    ("below_the_threshold", 0, steady("Aaf", 34, 60) + steady("Aaf", 33, 60)),
    ("old_interface", 7200, steady("Aa", 20, 60) + steady("Aa", 9, 60) + steady("a", 500, 8)),
    ("becomes_old", 7190, steady("Aa", 20, 120)),
    ("burst_of_asks", 0, steady("Pp", 25, 60) + steady("p", 500, 10) + steady("Pph", 25, 8)),
    ("asks_of_old_interface", 7200, steady("Pp", 12, 60) + steady("p", 400, 3) + steady("Pp", 13, 40) +
     steady("p", 700, 8)),
    ("asks_become_loud_again", 0, steady("Pp", 25, 10) + steady("p", 800, 3) + steady("P", 5, 60) +
     steady("p", 5, 1) + steady("p", 800, 8)),
    ("egress", 0, steady("qQ", 25, 40) + steady("qQ", 19, 40) + steady("qi", 300, 20)),
    ("decay", 0, steady("ABPQ", 10, 50) + steady("fghi", 100, 60)),
    ("held", 0, steady("Aa", 20, 20) + steady("H", 50, 12) + steady("ar", 500, 12)),
    ("noise_1", 0, noise(1, 400)),
    ("noise_2", 7200, noise(2, 400)),
    ("noise_3", 7000, noise(3, 400)),
]


def argument(letter, dice):
    """Of a held announce: hops as counted, and which destination."""
    return dice.choice([1, 2, 3, 3, 60, 126, 127]) << 8 | dice.randrange(8) if letter == "H" else 0


def record(age_s, steps):
    clock.cs = 0
    interface = Interface()
    clock.cs = age_s * 100
    dice = random.Random(7)
    for gap, letter in steps:
        clock.cs += gap
        given = argument(letter, dice)
        answer = OPERATIONS[letter][1](interface, given)
        yield (clock.cs, OPERATIONS[letter][0], given, answer, int(interface.ic_burst_active),
               int(interface.ic_pr_burst_active))


def main():
    print(f"""// Made by tools/vectors_ingress.py from rns {RNS.__version__}; do not edit.
#ifndef VECTORS_INGRESS_H_INCLUDED
#define VECTORS_INGRESS_H_INCLUDED

#include <stdint.h>

// clang-format off
typedef enum {{ {", ".join("DO_" + name for name, _ in OPERATIONS.values())} }} ingress_do_t;

// At `at_cs` hundredths of a second after the interface was created. HOLD: given is hops << 8 and
// the destination's number, answer how many are held; RELEASE: answer is a destination or -1.
typedef struct {{ int at_cs, what, given, answer, announce_burst, ask_burst; }} ingress_step_t;
""")
    for name, age_s, steps in SERIES:
        print(f"static const ingress_step_t INGRESS_{name.upper()}[] = {{")
        rows = ["{%d,DO_%s,%d,%d,%d,%d}" % step for step in record(age_s, steps)]
        for at in range(0, len(rows), 3):
            print("    " + ", ".join(rows[at:at + 3]) + ",")
        print("};")
    print("// clang-format on\n#endif")


if __name__ == "__main__":
    sys.exit(main())
