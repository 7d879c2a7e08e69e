"""A node serves, another is its client, over TCP."""


def link_up(server, client):
    """Both started, a listener, a link to it: (server's handle, client's handle, listener, link)."""
    served = server.call("wire_start_tcp_server")
    there = served["handle"]
    here = client.call("wire_start_tcp_client", target_host="127.0.0.1",
                       target_port=served["port"])["handle"]
    client.call("wire_poll_path", handle=here, destination_hash="00" * 16, timeout_ms=700)
    listener = server.call("wire_listen", handle=there, app_name="conformance", aspects=["basic"])
    hash_ = listener["destination_hash"]
    assert client.call("wire_poll_path", handle=here, destination_hash=hash_,
                       timeout_ms=5000)["found"] is True
    link = client.call("wire_link_open", handle=here, destination_hash=hash_,
                       app_name="conformance", aspects=["basic"])["link_id"]
    return there, here, hash_, link


def test_a_packet_over_a_link(roles):
    server, client = roles
    there, here, listener, link = link_up(server, client)
    client.call("wire_link_send", handle=here, link_id=link, data="c0ffee")
    assert server.call("wire_link_poll", handle=there, destination_hash=listener)[
        "packets"] == ["c0ffee"]
