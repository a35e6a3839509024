"""Compiles a checked rule to guarded Python source: the same answers as the reference, some fifty times faster.

Nothing that an author wrote becomes code: texts and numbers enter the source through `repr` of parsed literals only,
and the compiled function sees no built-ins. For two plain numbers, or a text and a written text, the source compares
inline; every other pair goes through the function of `semantics` that the reference uses, too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.language import arithmetic, cost, semantics
from engine.language.emit import FUNCTIONS, Emitter
from engine.language.facts import Facts, MissingFact
from engine.language.operators import OperatorFamily
from engine.language.parse import Literal, Node, Op, Var, parse, walk
from engine.language.semantics import Number

COMPILER_VERSION = "1"
CACHED_MAX = 20_000
_SHARED: dict[str, Any] = {
    "__builtins__": {},
    "type": type,
    "int": int,
    "float": float,
    "str": str,
    "dict": dict,
    "any": any,
    "all": all,
    "charged_list": cost.charged_list,
    "charged_inside": cost.charged_inside,
    "part": semantics.value_at,
    "absent": semantics.absent,
    "number": arithmetic.number,
    "rounded": arithmetic.rounded,
}
_SHARED |= {name: getattr(arithmetic, name, None) or getattr(semantics, name) for name in FUNCTIONS.values()}


@dataclass(frozen=True, slots=True)
class CompiledLogic:
    """A compiled condition or formula. `paths` are the facts it reads, `source` the Python it became.

    `steps` is what it costs whatever the facts are; what depends on their lengths, `rule` itself adds to `Facts.steps`.
    """

    paths: frozenset[str]
    source: str
    rule: Callable[[Facts], Any]
    steps: int = 1

    def evaluate(self, facts: Mapping[str, Any]) -> Any:
        """The value of the rule. Raises `MissingFact` if arithmetic has no answer.

        Anything but `Facts` is copied into them, so that what is absent is None.
        """
        return self.rule(facts if isinstance(facts, Facts) else Facts(facts))

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether the value counts as true. Raises `MissingFact` as `evaluate` does."""
        return bool(self.rule(facts if isinstance(facts, Facts) else Facts(facts)))

    def number(self, facts: Mapping[str, Any]) -> Number:
        """The value of a formula, rounded to 6 places. Raises `MissingFact` if it is not a number."""
        value = self.evaluate(facts)
        if not semantics.is_number(value):
            raise MissingFact(min(self.paths, default=""))
        return arithmetic.rounded(value)


_compiled: dict[str, CompiledLogic] = {}
"""Logic is compiled once in a process, whichever versions and rulebooks it belongs to: publishing or pausing one rule
among a thousand compiles nothing but that rule."""


def compile_logic(logic: Any) -> CompiledLogic:
    """Compile `logic`, which `check` has admitted. Raises ValueError if not even its shape is that of a rule."""
    # Not JSON: there NaN and null are written alike.
    written = repr(logic)
    compiled = _compiled.get(written)
    if compiled is None:
        if len(_compiled) >= CACHED_MAX:
            _compiled.clear()
        compiled = _compiled[written] = _compile(logic)
    return compiled


def _compile(logic: Any) -> CompiledLogic:
    node, problems = parse(logic)
    if node is None:
        raise ValueError(f"not admitted: {problems[0].path}: {problems[0].message}")
    emitter = Emitter()
    source = f"def rule(f):\n    return {emitter.value(node)}\n"
    namespace = {**_SHARED, **emitter.constants}
    exec(compile(source, "<rule>", "exec"), namespace)  # noqa: S102 — our own source; see the top of this module
    return CompiledLogic(paths_of(node), source, namespace["rule"], cost.steps_of(node))


def paths_of(node: Node) -> frozenset[str]:
    """The facts that a rule reads."""
    paths: set[str] = set()
    for part in walk(node):
        if isinstance(part, Var) and not part.of_item:
            paths.add(part.fact)
        elif isinstance(part, Op) and part.operator.family is OperatorFamily.ABSENCE:
            paths.update(arg.value for arg in part.args if isinstance(arg, Literal))
    return frozenset(paths)
