"""The reference as the node in the middle: its daemon, with the status file that ours writes on
SIGUSR1."""

import argparse
import json
import os
import signal
import time

import RNS

COUNTERS = {
    "protocol": "protocol_violations",
    "ifac": "ifac_violations",
    "filter": "packet_filter_hits",
}


def interface_status(interface):
    return {
        "name": str(interface),
        "rxb": interface.rxb,
        "txb": interface.txb,
        "tx_dropped": getattr(interface, "tx_drops", 0),
        "verdicts": {name: getattr(interface, counter, 0) for name, counter in COUNTERS.items()},
    }


def write_status(folder):
    status = {
        "interfaces": [interface_status(each) for each in list(RNS.Transport.interfaces)],
        "pools": [],
        "paths": len(RNS.Transport.path_table),
        "announces": len(RNS.Transport.announce_table),
        "links": len(RNS.Transport.link_table),
    }
    path = os.path.join(folder, "status.json")
    with open(path + ".tmp", "w") as file:
        json.dump(status, file)
    os.replace(path + ".tmp", path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", required=True)
    folder = parser.parse_args().config
    signal.signal(signal.SIGUSR1, lambda number, frame: write_status(folder))
    RNS.Reticulum(configdir=folder, logdest=RNS.LOG_STDOUT)
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main()
