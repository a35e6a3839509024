"""Where findings appear on the page: below their row or field, without the number that they begin with."""

from engine.authoring.checks.draft_findings import DraftFindings, Finding


def by_node(findings: DraftFindings) -> dict[str, list[str]]:
    """The errors of each node of the tree."""
    messages: dict[str, list[str]] = {}
    for error in findings.errors:
        if error.node:
            messages.setdefault(error.node, []).append(_plain(error.text))
    return messages


def by_field(findings: DraftFindings) -> dict[str, list[str]]:
    """The errors of each field, by its JSON pointer."""
    messages: dict[str, list[str]] = {}
    for error in findings.errors:
        if error.field:
            messages.setdefault(error.field, []).append(_plain(error.text))
    return messages


def _plain(text: str) -> str:
    """The text of a finding without the number or name that it begins with: it appears right there."""
    _, parted, rest = text.partition(": ")
    return rest[:1].upper() + rest[1:] if parted else text


def element_of(finding: Finding) -> str:
    """The id of the element that a finding is about; empty for none."""
    if finding.node:
        return finding.node
    return f"field{finding.field.replace('/', '-')}" if finding.field else ""
