"""What `make bench` measured, for the page about speed: one machine, one run, said with its date."""

from dataclasses import dataclass

MEASURED_ON = "2026-11-29"
MACHINE = "2 cores for Laurel, its stores and the load generator together; 50 live rules; every commit flushed to disk"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One question, what came out, and the part of `make bench` that asks it."""

    question: str
    result: str
    part: str


MEASUREMENTS = (
    Measurement("Events applied, in batches of 500", "4,672 per second; 5,219 for players with a long history", "flow"),
    Measurement(
        "The same by a naive design: one RQ job per event, counts in SQL",
        "176 per second, so Laurel is 26 times as fast",
        "naive",
    ),
    Measurement("Processor time per event", "176 µs in workers, 97 µs in PostgreSQL, 36 µs in the web server", "flow"),
    Measurement(
        "200 single events per second: until the response, and until visible on a leaderboard",
        "39 ms and 69 ms (p95)",
        "latency",
    ),
    Measurement(
        "1,000 single events per second: until the response, and until visible on a leaderboard",
        "466 ms and 628 ms (p95)",
        "latency",
    ),
    Measurement("Plays decided from a backlog, in one game and in ten", "6,421 and 5,753 per second", "plays"),
    Measurement(
        "The same by a textbook design: one RQ job per play, a counter in Redis",
        "202 per second, so Laurel is 32 times as fast",
        "plays",
    ),
    Measurement("100 single plays per second: until the outcome", "29 ms (p95)", "plays"),
    Measurement("1,000 single plays per second: until the outcome", "1,182 ms (p95)", "plays"),
    Measurement("Redemptions, of one reward and of twenty", "832 and 920 per second", "plays"),
    Measurement("10,000 idle live streams", "19.3 KiB each; 29 ms (p95) from a play to its push", "plays"),
    Measurement("One edit of a rule with 50 rows, on the server", "100 to 121 ms (p95)", "editor"),
    Measurement("Memory that an installation with two workers holds for itself", "287 MiB", "memory"),
)
