"""What the tests of forked processes run: it says how it was started, and ends as it is asked to."""

import json
import os
import signal
import sys
import time


def main(arguments: list[str]) -> None:
    """Print the surroundings as JSON; then sleep, raise, exit with a status, or just return."""
    handlers = [signal.getsignal(number) == signal.SIG_DFL for number in (signal.SIGTERM, signal.SIGHUP)]
    surroundings = {
        "environment": dict(os.environ),
        "files": [number for number in range(256) if is_open(number)],
        "leads_its_session": os.getsid(0) == os.getpid(),
        "has_default_handlers": all(handlers),
    }
    sys.stdout.write(json.dumps(surroundings) + "\n")
    match arguments:
        case ["sleep"]:
            time.sleep(600)
        case ["raise"]:
            raise ValueError("on purpose")
        case ["exit", status]:
            sys.exit(int(status))


def is_open(number: int) -> bool:
    """Whether a file descriptor is in use."""
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
