"""rnx, ours and the reference's, in each role against the other."""

import signal

import pytest

import nodes
from nodes import tcp_client, tcp_server
from utilities import OURS, THEIRS, Program, SlowWire

PAIRS = [(OURS, THEIRS), (THEIRS, OURS), (OURS, OURS)]
NOBODY = "00112233445566778899aabbccddeeff"
BOTH = "sh -c 'printf out; printf wrong >&2; exit 3'"


class Pair:
    """A listener on TCP and a client that connects to it."""

    def __init__(self, net, client, listener):
        self.net = net
        self.port = net.port()
        up = self.port if client == OURS else SlowWire(net, self.port).port
        self.listener = Program(
            net, listener, "rnx", f"listener {listener}", [tcp_server("up", self.port)]
        )
        self.client = Program(net, client, "rnx", f"client {client}", [tcp_client("up", up)])
        self.client_identity, _ = self.client.identity()
        _, self.dest = self.listener.identity()

    def listen(self, *args, allow=True):
        allowed = ["-a", self.client_identity] if allow else []
        self.listener.listen("-l", *allowed, *args)
        self.listener.says("rnx listening for commands on")
        return self

    def run(self, command, *args, **options):
        return self.client.run(*args, self.dest, command, **options)

    def ends_with(self, result, code):
        """Where the client is ours; the reference's codes are a matter of luck."""
        return self.client.kind == THEIRS or result.code == code


@pytest.fixture(params=PAIRS, ids=lambda pair: f"{pair[0]}-to-{pair[1]}")
def pair(net, request):
    return Pair(net, *request.param)


@pytest.fixture
def own(net):
    return Pair(net, OURS, OURS)


@pytest.mark.old
def test_outputs_come_back_each_on_its_own(pair):
    pair.listen()
    result = pair.run(BOTH)
    assert result.out.endswith("out")
    assert result.err.endswith("wrong")
    assert pair.ends_with(result, 0)


def test_exit_code_is_mirrored(pair):
    pair.listen()
    assert pair.ends_with(pair.run(BOTH, "-m"), 3)
    assert pair.ends_with(pair.run("sh -c 'kill -9 $$'", "-m"), 256 - 9)
    assert pair.ends_with(pair.run("true", "-m"), 0)


def test_no_shell_reads_the_command(pair):
    pair.listen()
    result = pair.run("""printf '%s|' "a  b" 'c;d' $HOME *""")
    assert result.out.endswith("a  b|c;d|$HOME|*|")


def test_details_are_told(pair):
    pair.listen()
    lines = pair.run(BOTH, "-d").out.splitlines()
    start = lines.index("--- End of remote output, rnx done ---")
    told = lines[start + 1 :]
    assert told[-2:] == ["Remote wrote 3 bytes to stdout", "Remote wrote 5 bytes to stderr"]
    assert told[0].startswith("Remote command execution took 0.")
    assert told[1].startswith("Transferred ")


def test_outputs_are_cut_to_their_limits(pair):
    pair.listen()
    result = pair.run("sh -c 'printf 1234567890; printf abcdef >&2'", "--stdout=5", "--stderr=0")
    assert "12345\nOutput truncated before being returned:\n  stdout truncated to 5 bytes" in (
        result.out
    )
    assert "stderr truncated" not in result.out
    detailed = pair.run("printf 1234567890", "-d", "--stdout=5").out
    assert "Remote wrote 10 bytes to stdout, 5 bytes displayed" in detailed


def test_input_is_given_to_the_command(pair):
    pair.listen()
    assert pair.run("cat", "--stdin=read me").out.endswith("read me")


@pytest.mark.old
def test_input_and_output_may_be_longer_than_a_packet(pair):
    pair.listen()
    text = "a line of text\n" * 6000
    assert pair.run("cat", "--stdin", text).out.endswith(text)
    result = pair.run("head -c 1500000 /dev/zero", "-d", "-W", "60")
    assert result.out.count("\0") == 1_500_000


def test_command_that_is_not_there_is_told(pair):
    pair.listen()
    result = pair.run("/nothing/of/this/name")
    assert "Remote could not execute command" in result.out
    assert pair.ends_with(result, 248)
    assert "Remote could not execute command" in pair.run("echo 'an open quote").out


def test_command_that_takes_too_long_is_ended(pair):
    pair.listen()
    result = pair.run("sleep 60", "-m", "-w", "2")
    assert pair.ends_with(result, 256 - 15)
    assert "Could not request" not in result.out


def test_client_that_is_not_allowed_is_shut_out(pair):
    pair.listen("-a", NOBODY, allow=False)
    result = pair.run("echo never")
    assert "Could not request remote execution, link was closed" in result.out
    assert pair.ends_with(result, 244)
    assert "never" not in result.out
    if pair.listener.kind == OURS:
        pair.listener.says(f"Identity <{pair.client_identity}> not allowed, tearing down link")


def test_client_that_does_not_say_who_it_is_needs_an_open_door(pair):
    pair.listen("-n", allow=False)
    assert pair.run("echo whoever", "-N").out.endswith("whoever\n")
    pair.listener.says("for unknown requestor")


def test_client_that_does_not_say_who_it_is_gets_no_answer(pair):
    pair.listen()
    result = pair.run("echo never", "-N", "-w", "1")
    assert "No response" in result.out
    assert pair.ends_with(result, 249)


def test_allowed_identities_stand_in_a_file(pair):
    folder = pair.listener.home / ".config" / "rnx"
    folder.mkdir(parents=True)
    (folder / "allowed_identities").write_text(f"{pair.client_identity}\n")
    pair.listen(allow=False)
    assert pair.run("echo in").out.endswith("in\n")


def test_listener_without_a_list_warns_and_runs_nothing(own):
    own.listen(allow=False)
    own.listener.says("Warning: No allowed identities configured")
    assert own.run("echo never").code == 244


@pytest.mark.parametrize("kind", [OURS, THEIRS])
def test_commands_come_from_standard_input(net, kind):
    pair = Pair(net, OURS, kind).listen()
    lines = "echo one\nfalse\necho two\nEXIT\necho never\n"
    result = pair.client.run("-x", "-m", pair.dest, text=lines)
    assert (result.code, result.out) == (0, "> one\n> 1> two\n> ")
    last = pair.client.run("-x", pair.dest, "echo first", text="echo last, without an end")
    assert (last.code, last.out) == (0, "first\n> last, without an end\n> ")


def test_commands_run_side_by_side(own):
    own.listen()
    slow = own.client.listen(own.dest, "sleep 5")
    own.listener.says("Executing command [sleep 5]")
    other = Program(own.net, OURS, "rnx", "other", [tcp_client("up", own.port)])
    identity = own.client.folder / "storage" / "identities" / "rnx"
    assert other.run("-i", identity, own.dest, "echo between").out == "between\n"
    assert slow.alive()


def test_listener_that_ends_ends_its_commands(own):
    own.listen()
    mark = own.net.folder / "mark"
    own.client.listen(own.dest, f"sh -c 'echo $$ >{mark}; sleep 300'")
    nodes.wait_until(lambda: mark.exists() and mark.read_text().strip(), nodes.LINK, "it runs")
    own.listener.process.send_signal(signal.SIGTERM)
    assert own.listener.process.wait(nodes.START) == 0
    assert own.client.process.wait(nodes.START) == 244

    def gone():
        try:
            return "Z" in nodes.Path(f"/proc/{int(mark.read_text())}/stat").read_text()
        except FileNotFoundError:
            return True

    nodes.wait_until(gone, nodes.START, "the command is gone")


def test_interrupted_client_ends_at_once(own):
    own.listen()
    own.client.listen(own.dest, "sleep 30")
    own.listener.says("Executing command [sleep 30]")
    own.client.process.send_signal(signal.SIGINT)
    assert own.client.process.wait(5) == 130
    own.listener.says("Command link closed")


def test_listener_announces_itself(net):
    port = net.port()
    net.middle("middle", tcp_server("up", port))
    peer = net.peer("peer", tcp_client("up", port))
    listener = Program(net, OURS, "rnx", "listener", [tcp_client("up", port)])
    identity, dest = listener.identity()
    listener.listen("-l", "-n")
    event = peer.wait("announce", nodes.ANNOUNCE_HOP * 2, dest=dest, filter=None)
    assert (event["identity"], event["hops"]) == (identity, 2)


def test_listener_that_does_not_answer_is_no_link(net):
    port = net.port()
    net.middle("middle", tcp_server("up", port))
    listener = Program(net, OURS, "rnx", "listener", [tcp_client("up", port)])
    _, dest = listener.identity()
    listener.listen("-l", "-n")
    watch = net.peer("watch", tcp_client("up", port))
    watch.wait("announce", nodes.ANNOUNCE_HOP * 2, dest=dest, filter=None)
    listener.process.send_signal(signal.SIGSTOP)
    client = Program(net, OURS, "rnx", "client", [tcp_client("up", port)])
    result = client.run(dest, "echo never")
    assert f"Could not establish link with <{dest}>" in result.out
    assert result.code == 243


def test_identity_and_codes_are_those_of_the_reference(net):
    theirs = Program(net, THEIRS, "rnx", "node", [])
    said = theirs.run("-p").out
    ours = Program(net, OURS, "rnx", "node", [])
    assert ours.run("-p").out.splitlines() == said.splitlines()[-2:]
    assert ours.run("0011", "echo").code == 241
    assert ours.run(NOBODY[:-1] + "x", "echo").code == 241
    assert ours.run("-l", "-a", "0011").code == 1
    assert ours.run("--stdout", "x", NOBODY, "echo").code == 2
    bad = net.folder / "bad"
    bad.write_text("too short")
    assert ours.run("-i", bad, NOBODY, "echo").code == 2
    nothing = ours.run()
    assert (nothing.code, "usage: rnx" in nothing.out) == (0, True)


def test_destination_that_nobody_knows_is_no_path(own):
    own.listen()
    result = own.client.run("-w", "1", NOBODY, "echo never")
    assert (result.code, result.out) == (242, "Path not found\n")
