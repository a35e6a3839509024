"""Where findings stand on the page: below their row or field, without the number that they begin with."""

from engine.authoring.checks.findings import DraftFindings, Finding


def by_node(found: DraftFindings) -> dict[str, list[str]]:
    """The errors of each node of the tree."""
    by: dict[str, list[str]] = {}
    for each in found.errors:
        if each.node:
            by.setdefault(each.node, []).append(_plain(each.text))
    return by


def by_field(found: DraftFindings) -> dict[str, list[str]]:
    """The errors of each field, by its JSON pointer."""
    by: dict[str, list[str]] = {}
    for each in found.errors:
        if each.field:
            by.setdefault(each.field, []).append(_plain(each.text))
    return by


def _plain(text: str) -> str:
    """The text of a finding without the number or name that it begins with, as it stands at that very place."""
    _, parted, rest = text.partition(": ")
    return rest[:1].upper() + rest[1:] if parted else text


def element_of(finding: Finding) -> str:
    """The id of the element that a finding is about; empty where it is about none."""
    if finding.node:
        return finding.node
    return f"field{finding.field.replace('/', '-')}" if finding.field else ""
