"""The first event: ready to be sent in three languages, and recognised when it arrives."""

from dataclasses import dataclass

from webapp.services.onboarding.first_steps import PLAYER, first_event_id


@dataclass(frozen=True, slots=True)
class PreparedEvent:
    """An event that somebody may send by copying; its id tells the page when it has arrived."""

    event_id: str
    examples: dict[str, str]


def prepared_event(public_url: str, secret: str) -> PreparedEvent:
    """An event with a fresh id, in curl, Python and JavaScript, with the real key in it."""
    event_id = first_event_id()
    address = f"{public_url}/v1/events"
    values = {"ADDRESS": address, "SECRET": secret, "EVENT": event_id, "PLAYER": PLAYER}
    return PreparedEvent(event_id, {name: _filled(text, values) for name, text in EXAMPLES.items()})


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text.strip()


EXAMPLES = {
    "curl": """
curl ADDRESS \\
  -H "Authorization: Bearer SECRET" \\
  -H "Content-Type: application/json" \\
  -H "Prefer: wait=5" \\
  -d '{"id": "EVENT", "type": "lesson_completed", "player": "PLAYER"}'
""",
    "Python": """
import json
from urllib.request import Request, urlopen

event = {"id": "EVENT", "type": "lesson_completed", "player": "PLAYER"}
headers = {"Authorization": "Bearer SECRET", "Content-Type": "application/json", "Prefer": "wait=5"}
print(urlopen(Request("ADDRESS", json.dumps(event).encode(), headers)).read().decode())
""",
    "JavaScript": """
const answer = await fetch("ADDRESS", {
  method: "POST",
  headers: { Authorization: "Bearer SECRET", "Content-Type": "application/json", Prefer: "wait=5" },
  body: JSON.stringify({ id: "EVENT", type: "lesson_completed", player: "PLAYER" }),
});
console.log(await answer.json());
""",
}
