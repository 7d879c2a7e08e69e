"""What stands in the tables of a node, and what is put there."""
import time

import RNS

from ._mock import index, mock_of
from .registry import command


def hash_of(interface):
    return interface.get_hash().hex() if interface is not None else None


# ---- Paths

@command
def behavioral_read_path_table(handle, dest):
    mock_of(handle)
    entry = RNS.Transport.path_table.get(bytes.fromhex(dest))
    if entry is None:
        return {"found": False}
    interface = entry[index("PT_RVCD_IF")]
    return {"found": True, "hops": entry[index("PT_HOPS")],
            "next_hop": entry[index("PT_NEXT_HOP")].hex(),
            "timestamp": float(entry[index("PT_TIMESTAMP")]),
            "expires": float(entry[index("PT_EXPIRES")]),
            "random_blobs": [blob.hex() for blob in entry[index("PT_RANDBLOBS")]],
            "receiving_interface": str(interface), "receiving_interface_hash": hash_of(interface),
            "packet_hash": entry[index("PT_PACKET")].hex()}


def set_field(table, key, field, value):
    entry = table.get(bytes.fromhex(key))
    if entry is not None:
        entry[index(field)] = value
    return {"set": entry is not None}


@command
def behavioral_set_path_timestamp(handle, dest, timestamp):
    mock_of(handle)
    return set_field(RNS.Transport.path_table, dest, "PT_TIMESTAMP", timestamp)


@command
def behavioral_set_path_expires(handle, dest, expires):
    mock_of(handle)
    return set_field(RNS.Transport.path_table, dest, "PT_EXPIRES", expires)


@command
def behavioral_mark_path_unresponsive(handle, dest):
    mock_of(handle)
    return {"marked": RNS.Transport.mark_path_unresponsive(bytes.fromhex(dest))}


# ---- Announces

@command
def behavioral_read_announce_table(handle, dest):
    mock = mock_of(handle)
    entry = RNS.Transport.announce_table.get(bytes.fromhex(dest))
    if entry is None:
        return {"found": False}
    sender = entry[index("AT_RCVD_IF")]  # of an answer to a path request: the interface
    return {"found": True, "retries": entry[index("AT_RETRIES")], "hops": entry[index("AT_HOPS")],
            "timestamp": float(entry[index("AT_TIMESTAMP")]),
            "retransmit_timeout": float(entry[index("AT_RTRNS_TMO")]),
            "local_rebroadcasts": entry[index("AT_LCL_RBRD")],
            "block_rebroadcasts": bool(entry[index("AT_BLCK_RBRD")]),
            "received_from": sender.hex() if isinstance(sender, bytes) else None,
            "attached_interface": mock.id_of(entry[index("AT_ATTCHD_IF")]),
            "packet_hash": entry[index("AT_PACKET")].packet_hash.hex()}


@command
def behavioral_set_announce_timestamp(handle, dest, retransmit_timeout=None, timestamp=None):
    mock_of(handle)
    table = RNS.Transport.announce_table
    for field, value in (("AT_RTRNS_TMO", retransmit_timeout), ("AT_TIMESTAMP", timestamp)):
        if value is not None:
            set_field(table, dest, field, value)
    return {"set": bytes.fromhex(dest) in table}


@command
def behavioral_read_announce_rate(handle, dest):
    mock_of(handle)
    entry = RNS.Transport.announce_rate_table.get(bytes.fromhex(dest))
    if entry is None:
        return {"found": False}
    return {"found": True, "last": float(entry["last"]),
            "rate_violations": entry["rate_violations"],
            "blocked_until": float(entry["blocked_until"]),
            "timestamps": [float(at) for at in entry["timestamps"]]}


# ---- The way back of proofs

def view_reverse(mock, key, entry):
    received, outbound = entry[index("RT_RCVD_IF")], entry[index("RT_OUTB_IF")]
    return {"key": key.hex(), "received_if": mock.id_of(received),
            "outbound_if": mock.id_of(outbound), "received_if_hash": hash_of(received),
            "outbound_if_hash": hash_of(outbound), "received_if_name": str(received),
            "outbound_if_name": str(outbound), "timestamp": float(entry[index("RT_TIMESTAMP")])}


def read(table, view, mock, key):
    if key is None:
        return {"entries": [view(mock, name, entry) for name, entry in table.items()]}
    entry = table.get(bytes.fromhex(key))
    if entry is None:
        return {"found": False}
    return {**view(mock, bytes.fromhex(key), entry), "found": True}


@command
def behavioral_read_reverse_table(handle, dest=None):
    return read(RNS.Transport.reverse_table, view_reverse, mock_of(handle), dest)


@command
def behavioral_seed_reverse_table(handle, key, rcvd_iface_id, outb_iface_id, timestamp_age_s=0):
    mock = mock_of(handle)
    RNS.Transport.reverse_table[bytes.fromhex(key)] = [
        mock.interfaces[rcvd_iface_id], mock.interfaces[outb_iface_id],
        time.time() - timestamp_age_s]
    return {"seeded": True, "key": key}


# ---- Links of others

def view_link(mock, link_id, entry):
    next_hop = entry[index("LT_NH_TRID")]
    onward, received = entry[index("LT_NH_IF")], entry[index("LT_RCVD_IF")]
    return {"link_id": link_id.hex(), "timestamp": float(entry[index("LT_TIMESTAMP")]),
            "next_hop_transport_id": next_hop.hex() if next_hop else None,
            "next_hop_if": mock.id_of(onward), "next_hop_if_hash": hash_of(onward),
            "remaining_hops": entry[index("LT_REM_HOPS")], "received_if": mock.id_of(received),
            "received_if_hash": hash_of(received), "hops": entry[index("LT_HOPS")],
            "destination_hash": entry[index("LT_DSTHASH")].hex(),
            "validated": entry[index("LT_VALIDATED")],
            "proof_timeout": float(entry[index("LT_PROOF_TMO")])}


@command
def behavioral_read_link_table(handle, link_id=None):
    return read(RNS.Transport.link_table, view_link, mock_of(handle), link_id)


@command
def behavioral_seed_link_table(handle, dest, nh_iface_id, rcvd_iface_id, rem_hops=99, hops=99,
                               validated=True, timestamp_age_s=0, proof_timeout_in_s=60.0):
    mock = mock_of(handle)
    now = time.time()
    key = bytes.fromhex(dest)
    RNS.Transport.link_table[key] = [
        now - timestamp_age_s, None, mock.interfaces[nh_iface_id], rem_hops,
        mock.interfaces[rcvd_iface_id], hops, key, validated, now + proof_timeout_in_s]
    return {"seeded": True, "dest": dest}


# ---- Tunnels

@command
def behavioral_read_tunnels(handle):
    mock = mock_of(handle)
    return {"tunnels": [{"tunnel_id": tunnel_id.hex(),
                         "interface_hash": hash_of(entry[index("TT_IF")]),
                         "interface_id": mock.id_of(entry[index("TT_IF")]),
                         "expires": float(entry[index("TT_EXPIRES")]),
                         "num_paths": len(entry[index("TT_PATHS")])}
                        for tunnel_id, entry in RNS.Transport.tunnels.items()]}
