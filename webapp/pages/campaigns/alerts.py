"""What on a budget asks for a person: coupons that do not add up, plays that wait, budgets that go too fast."""

from dataclasses import dataclass

from webapp.pages.campaigns.dashboard import Board, Row

LATE_SECONDS = 5.0
NEARLY = ((100, "bad"), (95, "bad"), (80, "warn"))


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that asks for a person: kind is warn or bad; another pace would help where it `is_of_pace`."""

    kind: str
    title: str
    text: str
    is_of_pace: bool = False


def alerts(found: Board) -> list[Alert]:
    """The worst first."""
    said = []
    if not found.is_conserved:
        text = "Pause the campaign and run `laurel verify`: it names the coupons that stand nowhere, or twice."
        said.append(Alert("bad", "The coupons do not add up.", text))
    if found.rates.wait > LATE_SECONDS:
        text = f"{found.rates.waiting:,} plays wait. Nobody loses a turn; outcomes come later than the reel ends."
        said.append(Alert("warn", f"The oldest play waits for {found.rates.wait:.0f} s.", text))
    if found.state == "running":
        said += [alert for row in found.brands if (alert := _of_brand(row, found)) is not None]
    return sorted(said, key=lambda alert: alert.kind != "bad")


def _of_brand(row: Row, found: Board) -> Alert | None:
    gone = row.counts["initial"] - row.counts["available"]
    told = f"{gone:,} of {row.counts['initial']:,} coupons are gone after {row.plan} % of the time"
    if row.counts["initial"] and not row.counts["available"]:
        return Alert("bad", f"{row.name} is empty.", f"{told}.")
    if row.word == "ahead":
        empty = found.burn.empty_at(row.counts["available"], gone)
        pace = f"; at this pace it is empty at {empty:%H:%M}" if empty else ""
        return Alert(
            "warn", f"{row.name} is {row.used - row.plan} points ahead of plan.", f"{told}{pace}.", is_of_pace=True
        )
    for bound, kind in NEARLY:
        if row.used >= bound:
            return Alert(kind, f"{row.name} has used {row.used} % of its budget.", f"{told}.")
    return None
