"""What the help pages show beside their texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.language.operators import LogicOperator
from engine.vocabulary.fact import Fact
from webapp.pages.help.pacing import TrafficComparison
from webapp.pages.help.speed import Measurement


@dataclass(frozen=True, slots=True)
class FactsSection:
    """Facts under one heading."""

    name: str
    facts: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class FactsPage:
    """Every fact that rules can read now."""

    groups: Sequence[FactsSection]


@dataclass(frozen=True, slots=True)
class OperatorsSection:
    """Operators of the rule language under one heading."""

    name: str
    operators: Sequence[LogicOperator]


@dataclass(frozen=True, slots=True)
class OperatorsHelpPage:
    """Every operator of the rule language."""

    families: Sequence[OperatorsSection]


@dataclass(frozen=True, slots=True)
class PacingPage:
    """How each strategy spends `coupons` under every kind of traffic; names and texts are by strategy."""

    comparisons: Sequence[TrafficComparison]
    strategy_names: Mapping[str, str]
    strategy_texts: Mapping[str, str]
    coupons: int


@dataclass(frozen=True, slots=True)
class WebhooksPage:
    """How long a server has to respond, and how often and for how many days a message is sent again."""

    seconds_to_respond: float
    retries: int
    days: float


@dataclass(frozen=True, slots=True)
class SpeedPage:
    """What was measured, when, and on which machine."""

    measurements: Sequence[Measurement]
    measured_on: str
    machine: str


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One operation of the API as the OpenAPI description has it."""

    method: str
    path: str
    description: Mapping[str, Any]

    @property
    def scope(self) -> str:
        """The scope that a key needs; empty if it needs none."""
        return str(self.description.get("x-scope", ""))

    @property
    def query_parameters(self) -> Sequence[Mapping[str, Any]]:
        """The parameters that are not part of the path."""
        return [parameter for parameter in self.description.get("parameters", ()) if parameter["in"] != "path"]

    @property
    def example(self) -> Any:
        """An example of its body; None if it has none."""
        content = self.description.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("example")


@dataclass(frozen=True, slots=True)
class ApiArea:
    """Operations of the API under one heading."""

    name: str
    operations: Sequence[ApiOperation]


@dataclass(frozen=True, slots=True)
class ApiPage:
    """Every operation of the API, by area; `about` introduces them."""

    about: str
    areas: Sequence[ApiArea]
