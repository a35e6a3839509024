"""The secret of a receiver is its own, and the same whenever somebody asks."""

import pytest
from click.testing import CliRunner

from webapp.commands.webhooks import command
from webapp.config import Settings


def test_the_secret_of_a_reward_is_the_same_each_time_and_differs_between_rewards(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Settings, "from_environment", classmethod(lambda _cls: settings))
    outputs = [CliRunner().invoke(command, ["secret", key]).output for key in ("mug", "mug", "book")]
    assert outputs[0] == outputs[1] != outputs[2]
    assert outputs[0].startswith("whsec_")
