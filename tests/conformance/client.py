"""A bridge as a process: ours, or the one over the reference in reference/."""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


class Refused(Exception):
    """The bridge answered that a command failed."""


class Bridge:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, cwd=HERE)
        self.requests = 0
        for line in self.process.stdout:
            if line.strip() == b"READY":
                return
        raise RuntimeError(f"{command} ended before it was ready")

    def send(self, line):
        """Sends a line as it is; returns the whole answer."""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        while answer and not answer.startswith(b"{"):
            answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the bridge has ended")
        return json.loads(answer)

    def ask(self, command, **params):
        """Runs a command; returns its answer, whether it failed or not."""
        self.requests += 1
        name = f"req-{self.requests}"
        answer = self.send(json.dumps({"id": name, "command": command, "params": params}))
        assert answer["id"] == name
        return answer

    def call(self, command, **params):
        """Runs a command that must succeed; returns its result."""
        answer = self.ask(command, **params)
        if not answer["success"]:
            raise Refused(f"{command}: {answer['error']}")
        return answer["result"]

    def close(self):
        self.process.stdin.close()
        try:
            return self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def reference_command(python=sys.executable):
    return [python, "-m", "reference"]
