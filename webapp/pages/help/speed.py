"""What `make bench` measured, for the page about speed: one machine, one run, said with its date."""

from dataclasses import dataclass

MEASURED_ON = "30 November 2026"
MACHINE = "2 cores for Laurel, its stores and the load generator together; 50 live rules; every commit flushed to disk"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One question, what came out, and the part of `make bench` that asks it."""

    question: str
    result: str
    part: str


MEASUREMENTS = (
    Measurement("Events applied, in batches of 500", "5,078 per second; 5,512 for players with a long history", "flow"),
    Measurement(
        "The same by a naive design: one RQ job per event, counts in SQL",
        "193 per second, so Laurel is 26 times as fast",
        "naive",
    ),
    Measurement("Processor time per event", "178 µs in workers, 89 µs in PostgreSQL, 32 µs in the web server", "flow"),
    Measurement(
        "200 single events per second: until the response, and until visible on a leaderboard",
        "21 ms and 52 ms (p95)",
        "latency",
    ),
    Measurement(
        "1,000 single events per second: until the response, and until visible on a leaderboard",
        "61 ms and 136 ms (p95)",
        "latency",
    ),
    Measurement("Plays decided from a backlog, in one game and in ten", "8,651 and 15,066 per second", "plays"),
    Measurement(
        "The same by a textbook design: one RQ job per play, a counter in Redis",
        "180 per second, so Laurel is 48 times as fast",
        "plays",
    ),
    Measurement("100 single plays per second: until the outcome", "29 ms (p95)", "plays"),
    Measurement("1,000 single plays per second: until the outcome", "181 ms (p95)", "plays"),
    Measurement("Redemptions, of one reward and of twenty", "935 and 820 per second", "plays"),
    Measurement("10,000 idle live streams", "15.2 KiB each; 36 ms (p95) from a play to its push", "plays"),
    Measurement("One edit of a rule with 50 rows, on the server", "76 to 100 ms (p95)", "editor"),
    Measurement("The same over HTTP while 500 events per second come in", "98 to 123 ms (p95)", "editor"),
    Measurement("Memory that an installation with two workers holds for itself", "283 MiB", "memory"),
)
