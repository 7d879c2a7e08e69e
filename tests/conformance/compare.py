"""The same request to both bridges, compared."""
import random


def some(size):
    """Random bytes as digits."""
    return random.randbytes(size).hex()


def both(ours, theirs, command, **params):
    """The result that both give."""
    expected = theirs.call(command, **params)
    assert ours.call(command, **params) == expected
    return expected


def both_refuse(ours, theirs, command, **params):
    """Each answers that it cannot; returns what ours says."""
    theirs_says, ours_says = (bridge.ask(command, **params) for bridge in (theirs, ours))
    assert theirs_says["success"] is False, theirs_says
    assert ours_says["success"] is False, ours_says
    assert ours_says["error"]
    return ours_says["error"]
