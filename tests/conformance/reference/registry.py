"""Commands by name."""
COMMANDS = {}


def command(function):
    """Registers a function under its own name; it takes the parameters and returns the result."""
    COMMANDS[function.__name__] = function
    return function
