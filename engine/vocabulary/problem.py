"""An author's mistake: where it is in the document, and what is wrong, in plain words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `path` is a JSON pointer (RFC 6901) into the checked document, such as `/3/condition/and/0/>=`.

    The message says names of members and values of the document by `named`, so that a form can say its own labels
    instead.
    """

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class CyclicRequirement(Problem):
    """A mistake that no document makes alone: documents require each other, so that none can come first."""


def named(name: str) -> str:
    """The name of a member, or a value that is one of a few, inside a message."""
    return f"`{name}`"


def pointer(at: str, *steps: str | int) -> str:
    """Extend the JSON pointer `at` by `steps`, escaping `~` and `/`."""
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return at + "".join(f"/{step}" for step in escaped)
