"""What about a budget needs attention: coupons that do not add up, plays that wait, budgets off their plan or empty."""

from dataclasses import dataclass

from webapp.pages.campaigns.dashboard import BudgetDashboard, BudgetRow
from webapp.pages.formats import counted

LATE_SECONDS = 5.0
NEARLY_USED = ((95, "bad"), (80, "warn"))


@dataclass(frozen=True, slots=True)
class BudgetAlert:
    """Something that needs attention: kind is warn, bad or, where nothing can be done any more, message.

    `pace_change` is what another pace would do about it, as the text of a button; empty where it would not help.
    """

    kind: str
    title: str
    text: str
    pace_change: str = ""


def budget_alerts(dashboard: BudgetDashboard) -> list[BudgetAlert]:
    """The alerts of a dashboard, the worst first."""
    alerts = []
    if not dashboard.is_conserved:
        text = "Pause the campaign and run `laurel verify`: it names the coupons that are missing or counted twice."
        alerts.append(BudgetAlert("bad", "The coupons do not add up.", text))
    rates = dashboard.rates
    if rates and rates.wait > LATE_SECONDS:
        text = f"{rates.waiting:,} plays are waiting. Nobody loses a turn; outcomes arrive after the reel has stopped."
        alerts.append(BudgetAlert("warn", f"The oldest play has been waiting for {rates.wait:.0f} s.", text))
    of_brands = (_brand_alert(row, dashboard) for row in dashboard.brands)
    alerts += [alert for alert in of_brands if alert is not None]
    if dashboard.state == "ended":
        alerts.append(_closing_message(dashboard))
    return sorted(alerts, key=lambda alert: alert.kind != "bad")


def _brand_alert(row: BudgetRow, dashboard: BudgetDashboard) -> BudgetAlert | None:
    """The alert of a brand, if it needs one: before the end for lack of coupons, while it runs also for its pace."""
    if dashboard.state == "ended":
        return None
    is_running = dashboard.state == "running"
    if not row.budget:
        text = "Nobody can win one of them until you upload codes or top it up."
        if is_running:
            return BudgetAlert("bad", f"{row.name} has no coupons.", text)
        return BudgetAlert("warn", f"{row.name} has no coupons yet.", text)
    return _pace_alert(row, dashboard) if is_running else None


def _pace_alert(row: BudgetRow, dashboard: BudgetDashboard) -> BudgetAlert | None:
    now, end = dashboard.now, dashboard.closes_at
    text = f"Used: {row.given:,} of {counted(row.budget, 'coupon')}; planned by now: {row.planned:,}"
    off_plan = f"{row.name} is {counted(abs(row.used - row.plan), 'point')}"
    if not row.counts["available"]:
        return BudgetAlert("bad", f"{row.name} has run out.", f"{text}.")
    if row.word == "ahead":
        empty_at = row.empty_at(now) or end
        local = empty_at.astimezone(dashboard.time_zone)
        forecast = f"; at this pace it runs out at {local:%H:%M}" if empty_at < end else ""
        return BudgetAlert("warn", f"{off_plan} ahead of plan.", f"{text}{forecast}.", "Slow it down")
    if row.word == "behind":
        forecast = f"; at this pace {row.left_at(end, now):,} are left at the end"
        return BudgetAlert("warn", f"{off_plan} behind plan.", f"{text}{forecast}.", "Change the pace")
    for threshold, kind in NEARLY_USED:
        if row.used >= threshold:
            return BudgetAlert(kind, f"{row.name} has used {row.used} % of its budget.", f"{text}.")
    return None


def _closing_message(dashboard: BudgetDashboard) -> BudgetAlert:
    """What a campaign or game that is over left of its coupons."""
    budget = sum(row.budget for row in dashboard.brands)
    left = [(row.name, row.counts["available"]) for row in dashboard.brands if row.counts["available"]]
    if not left:
        return BudgetAlert("message", "All coupons were used." if budget else "It had no coupons.", "")
    brands = ", ".join(f"{name} {count:,}" for name, count in left)
    title = f"{dashboard.total['available']:,} of {budget:,} coupons were left at the end."
    return BudgetAlert("message", title, f"{brands}." if len(dashboard.brands) > 1 else "")
