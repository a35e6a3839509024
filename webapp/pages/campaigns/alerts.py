"""What about a budget needs attention: coupons that do not add up, plays that wait, budgets that run out too early."""

from dataclasses import dataclass

from webapp.pages.campaigns.dashboard import BudgetDashboard, BudgetRow

LATE_SECONDS = 5.0
NEARLY_USED = ((95, "bad"), (80, "warn"))


@dataclass(frozen=True, slots=True)
class BudgetAlert:
    """Something that needs attention: kind is warn or bad; another pace would help where it `is_of_pace`."""

    kind: str
    title: str
    text: str
    is_of_pace: bool = False


def budget_alerts(dashboard: BudgetDashboard) -> list[BudgetAlert]:
    """The alerts of a dashboard, the worst first."""
    alerts = []
    if not dashboard.is_conserved:
        text = "Pause the campaign and run `laurel verify`: it names the coupons that are missing or counted twice."
        alerts.append(BudgetAlert("bad", "The coupons do not add up.", text))
    rates = dashboard.rates
    if rates.wait > LATE_SECONDS:
        text = f"{rates.waiting:,} plays are waiting. Nobody loses a turn; outcomes arrive after the reel has stopped."
        alerts.append(BudgetAlert("warn", f"The oldest play has been waiting for {rates.wait:.0f} s.", text))
    if dashboard.state == "running":
        of_brands = (_brand_alert(row, dashboard) for row in dashboard.brands)
        alerts += [alert for alert in of_brands if alert is not None]
    return sorted(alerts, key=lambda alert: alert.kind != "bad")


def _brand_alert(row: BudgetRow, dashboard: BudgetDashboard) -> BudgetAlert | None:
    initial, available = row.counts["initial"], row.counts["available"]
    gone = initial - available
    text = f"{gone:,} of {initial:,} coupons are gone after {row.plan} % of the time"
    if initial and not available:
        return BudgetAlert("bad", f"{row.name} has run out.", f"{text}.")
    if row.word == "ahead":
        empty_at = dashboard.burn.empty_at(available, gone)
        forecast = f"; at this pace it runs out at {empty_at:%H:%M}" if empty_at else ""
        title = f"{row.name} is {row.used - row.plan} points ahead of plan."
        return BudgetAlert("warn", title, f"{text}{forecast}.", is_of_pace=True)
    for threshold, kind in NEARLY_USED:
        if row.used >= threshold:
            return BudgetAlert(kind, f"{row.name} has used {row.used} % of its budget.", f"{text}.")
    return None
