"""How long the editor takes to answer on a rule of 50 rows: what an author waits for after each edit."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import httpx
import msgspec

import rules_library
from engine.authoring.checks.draft_findings import draft_findings
from engine.authoring.draft_sentence import draft_sentence
from engine.authoring.forms import forms
from rules_library.demo import FILE, submissions
from tests.bench.figures import console, show, spread
from tests.bench.running import Running, laurel_up
from tests.bench.steadily import Wish, requested, send
from webapp.config import Settings
from webapp.runtime.zones import ZONES
from webapp.services.drafts import draft_editing
from webapp.store.people import operators, sign_ins
from webapp.store.rules import drafts, rule_versions
from webapp.store.system.connection import connect

ROWS = 50
TIMES = 40
RATE, BATCH, SECONDS = 500, 50, 30
COMPARISONS = ("above", "below")
EVENT = "assessment_submitted"
FACTS = (
    *("event.properties.score", "event.properties.weight", "player.level", "player.xp", "streak.weekly.current"),
    *("metric.submitted.total", "metric.passed.this_week", "metric.best_score.last_30_days"),
)
HEADS = ("answer", "p50", "p95", "p99")
TOKEN = re.compile(r'"X-CSRFToken": "([^"]+)"')
AUTHOR = "author@bench.example"
Act = Callable[[int], object]


@dataclass
class Author:
    """Somebody signed in who edits one rule."""

    client: httpx.Client
    key: str
    token: str = ""
    revision: str = ""
    rows: tuple[str, ...] = ()

    def open(self) -> None:
        """Load the whole page."""
        page = self.client.get(f"/rules/{self.key}/edit").raise_for_status().text
        self.rows = tuple(re.findall(r'name="(c[0-9]+)\.value"', page))
        self.token, self.revision = TOKEN.findall(page)[0], re.findall(r'data-revision="(\d+)"', page)[0]

    def edit(self, **changed: str) -> None:
        """Send one edit as the page's script does."""
        form = {"csrf_token": self.token, "revision": self.revision, "panel": "sample", "op": "save", **changed}
        answer = self.client.post(f"/rules/{self.key}/edit", data=form, headers={"HX-Request": "true"})
        assert answer.status_code == 200, answer.text[:500]
        self.revision = re.findall(r'data-revision="(\d+)"', answer.text)[0]

    def sample(self) -> None:
        """Ask for the panel that tries the draft on a real event."""
        answer = self.client.get(f"/rules/{self.key}/sample", headers={"HX-Request": "true"}).raise_for_status()
        assert "atch.</strong>" in answer.text, answer.text[:500]


def measure() -> None:
    """Print two tables: every answer of the editor, when nothing else happens and while events come in."""
    with laurel_up([document for pack in rules_library.packs() for document in pack.documents]) as running:
        settings = Settings.from_environment(running.environment)
        console.print(running.laurel("events", "import", str(FILE), "--app", "demo").splitlines()[-1])
        running.laurel("settle", "--timeout", "900")
        key, cookie = _prepared(settings)
        port = running.url.rpartition(":")[2].strip("/")
        with httpx.Client(base_url=running.url, cookies={f"laurel_operator_{port}": cookie}, timeout=60) as client:
            author = Author(client, key)
            author.open()
            rows = [[name, *spread(list(_timed(act)))] for name, act in _everything(author, settings)]
            show(f"The editor on a rule of {ROWS} rows, beside the packs and the demo's events", HEADS, rows)
            _measure_beside_events(running, author)


def _measure_beside_events(running: Running, author: Author) -> None:
    """Time one answer after the other, each kind in turn, for as long as events come in."""
    batches = list(_batches(running))
    seconds: dict[str, list[float]] = {name: [] for name in _acts(author)}
    with ThreadPoolExecutor(1) as executor:
        sending = executor.submit(send, running, batches)
        for number in count():
            for name, act in _acts(author).items():
                seconds[name].append(_seconds_of(act, number))
            if sending.done():
                break
    all_seconds = [answer for answers in seconds.values() for answer in answers]
    rows = [[name, *spread(answers)] for name, answers in {**seconds, "all of these": all_seconds}.items()]
    accepted = [batch.answered for batch in batches if batch.answered is not None]
    rows.append([f"{BATCH} events accepted", *spread(accepted)])
    show(f"The same while {RATE} events/s come in, the last {sending.result():.1f} s late", HEADS, rows)


def _batches(running: Running) -> Iterator[Wish]:
    """Requests with new events like the demo's, of its players, when they are due."""
    source = enumerate(islice(submissions(), RATE * SECONDS))
    while batch := list(islice(source, BATCH)):
        events = [
            {"id": f"beside-{number}", "type": event.type, "player": event.player, "properties": event.properties}
            for number, event in batch
        ]
        body = msgspec.json.encode({"events": events})
        yield Wish(batch[0][0] / RATE, requested(running, "POST", "/v1/events", running.key, body))


def _everything(author: Author, settings: Settings) -> Iterator[tuple[str, Act]]:
    yield from _acts(author).items()
    with connect(settings.database_url) as conn:
        draft = drafts.of_rule(conn, author.key)
        assert draft is not None
        known, others = draft_editing.catalogue_for(conn, draft.document), rule_versions.live_documents(conn)
        yield "the sentence alone", lambda _: draft_sentence(draft.document, draft.tree, known)
        yield "the checks alone", lambda _: draft_findings(draft.document, draft.tree, known, others, zones=ZONES)


def _acts(author: Author) -> dict[str, Act]:
    return {
        "the page": lambda _: author.open(),
        "a value typed": lambda n: author.edit(**{f"{author.rows[n % ROWS]}.value": str(n + 1)}),
        "a comparison chosen": lambda n: author.edit(**{f"{author.rows[n % ROWS]}.operator": COMPARISONS[n % 2]}),
        "a row moved": lambda n: author.edit(op=f"{('down', 'up')[n % 2]}:c7"),
        "a row added": lambda _: author.edit(op="add_row:root"),
        "undo": lambda _: author.edit(op="undo"),
        "the list of facts": lambda _: author.client.get(f"/rules/{author.key}/edit/facts").raise_for_status(),
        "the sample panel": lambda _: author.sample(),
    }


def _timed(act: Act) -> Iterator[float]:
    for number in range(TIMES):
        yield _seconds_of(act, number)


def _seconds_of(act: Act, number: int) -> float:
    began = time.perf_counter()
    act(number)
    return time.perf_counter() - began


def _prepared(settings: Settings) -> tuple[str, str]:
    """A draft of 50 rows in groups, and the cookie of an author."""
    parts: list[dict[str, Any]] = [{">=": [{"var": FACTS[n % len(FACTS)]}, n + 1]} for n in range(ROWS)]
    condition = {"and": [*parts[:10], {"or": parts[10:30]}, {"or": [*parts[30:40], {"and": parts[40:]}]}]}
    document = {
        **forms.blank_document("badge", "Bench", "bench_editor"),
        "trigger": {"events": [EVENT]},
        "condition": condition,
    }
    with connect(settings.database_url) as conn:
        operator = operators.operator_of_email(conn, AUTHOR)
        number = operator.id if operator else operators.new_operator(conn, AUTHOR, "author", "Author")
        assert number is not None
        draft = draft_editing.new_draft(conn, "badge", AUTHOR, document)
        token = sign_ins.open_session(conn, number, "bench")
        conn.commit()
    return draft.key, token
