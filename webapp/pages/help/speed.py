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
    Measurement("Events applied, in batches of 500", "4,461 per second; 5,238 for players with a long history", "flow"),
    Measurement(
        "The same by a naive design: one RQ job per event, counts in SQL",
        "160 per second, so Laurel is 28 times as fast",
        "naive",
    ),
    Measurement("Processor time per event", "183 µs in workers, 114 µs in PostgreSQL, 32 µs in the web server", "flow"),
    Measurement(
        "200 single events per second: until the response, and until visible on a leaderboard",
        "50 ms and 102 ms (p95)",
        "latency",
    ),
    Measurement(
        "1,000 single events per second: until the response, and until visible on a leaderboard",
        "354 ms and 743 ms (p95)",
        "latency",
    ),
    Measurement("Plays decided from a backlog, in one game and in ten", "6,240 and 6,448 per second", "plays"),
    Measurement(
        "The same by a textbook design: one RQ job per play, a counter in Redis",
        "224 per second, so Laurel is 25 times as fast",
        "plays",
    ),
    Measurement("100 single plays per second: until the outcome", "33 ms (p95)", "plays"),
    Measurement("1,000 single plays per second: until the outcome", "437 ms (p95)", "plays"),
    Measurement("Redemptions, of one reward and of twenty", "779 and 812 per second", "plays"),
    Measurement("10,000 idle live streams", "22.5 KiB each; 54 ms (p95) from a play to its push", "plays"),
    Measurement("Memory that an installation with two workers holds for itself", "288 MiB", "memory"),
)
