"""A failpoint kills once per token, and never without being armed."""

import signal
import subprocess
import sys

from webapp.runtime.failpoints import failpoint


def test_an_unarmed_failpoint_does_nothing():
    failpoint("before_commit")


def test_one_token_is_one_death(tmp_path):
    token = tmp_path / "token"
    token.touch()
    script = "from webapp.runtime.failpoints import failpoint; failpoint('before_commit')"
    environment = {"LAUREL_FAILPOINTS": f"other=/nowhere,before_commit={token}"}
    deaths = [subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode for _ in range(2)]
    assert deaths == [-signal.SIGKILL, 0]
