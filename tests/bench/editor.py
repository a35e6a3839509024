"""How long the editor takes to answer on a rule of 50 rows: what an author waits for after each edit."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from tests.bench.figures import show, spread
from webapp.config import Settings
from webapp.jobs import drafting
from webapp.store import operators, sign_ins
from webapp.store.connection import connect

ROWS = 50
TIMES = 40
COMPARISONS = ("above", "below")
TOKEN = re.compile(r'"X-CSRFToken": "([^"]+)"')
AUTHOR = "author@bench.example"


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


def measure(url: str, settings: Settings) -> None:
    """Print one table: every kind of answer of the editor, on a rule of 50 rows."""
    key, cookie = _prepared(settings)
    port = url.rpartition(":")[2].strip("/")
    with httpx.Client(base_url=url, cookies={f"laurel_operator_{port}": cookie}, timeout=60) as client:
        author = Author(client, key)
        author.open()
        rows = [[name, *spread(list(_timed(act)))] for name, act in _acts(author).items()]
    show(f"The editor on a rule of {ROWS} rows", ["answer", "p50", "p95", "p99"], rows)


def _acts(author: Author) -> dict[str, Callable[[int], object]]:
    return {
        "the page": lambda _: author.open(),
        "a value typed": lambda n: author.edit(**{f"{author.rows[n % ROWS]}.value": str(n + 1)}),
        "a comparison chosen": lambda n: author.edit(
            **{f"{author.rows[n % ROWS]}.operator": ("above", "below")[n % 2]}
        ),
        "a row moved": lambda n: author.edit(op=f"{('down', 'up')[n % 2]}:c7"),
        "a row added": lambda _: author.edit(op="add_row:root"),
        "undo": lambda _: author.edit(op="undo"),
        "the list of facts": lambda _: author.client.get(f"/rules/{author.key}/edit/facts").raise_for_status(),
        "the sample panel": lambda _: author.client.get(f"/rules/{author.key}/sample", headers={"HX-Request": "true"}),
    }


def _timed(act: Callable[[int], object]) -> Iterator[float]:
    for number in range(TIMES):
        began = time.perf_counter()
        act(number)
        yield time.perf_counter() - began


def _prepared(settings: Settings) -> tuple[str, str]:
    """A draft of 50 rows in groups, and the cookie of an author."""
    parts: list[dict[str, Any]] = [{">=": [{"var": _fact(n)}, n + 1]} for n in range(ROWS)]
    condition = {"and": [*parts[:10], {"or": parts[10:30]}, {"or": [*parts[30:40], {"and": parts[40:]}]}]}
    document = {"kind": "badge", "key": "bench_editor", "name": "Bench", "condition": condition}
    with connect(settings.database_url) as conn:
        found = operators.operator_of_email(conn, AUTHOR)
        number = found.id if found else operators.new_operator(conn, AUTHOR, "author", "Author")
        assert number is not None
        draft = drafting.new_draft(conn, "badge", AUTHOR, document)
        token = sign_ins.open_session(conn, number, "bench")
        conn.commit()
    return draft.key, token


def _fact(number: int) -> str:
    return ("player.xp", "player.coins", "player.level", "event.properties.score")[number % 4]
