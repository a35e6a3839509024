"""Packs of ready-made rules: as cards, as sentences with blanks, and installed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

import rules_library
from engine.authoring.forms import blanks
from engine.authoring.forms.blanks import SentenceBlank
from engine.authoring.forms.starter_templates import STARTER_TEMPLATES, StarterTemplate
from engine.authoring.tree.edit_result import EditRefused
from engine.kinds import KINDS
from engine.rules.rule_sentence import rule_sentence
from engine.vocabulary.fact import Catalogue
from engine.vocabulary.problem import Problem
from rules_library import Pack
from webapp.http.access import Role, actor, allow
from webapp.pages import icons
from webapp.pages.layout import database, may
from webapp.pages.library import adoption
from webapp.pages.library.adoption import NEW, SAME
from webapp.pages.library.blueprint import blueprint
from webapp.services.publishing.adopt_documents import adopt_documents
from webapp.store.events import seen_properties
from webapp.store.system.connection import Connection

SENTENCES = 3


@dataclass(frozen=True, slots=True)
class PackRule:
    """One rule of a pack: its sentence, whole and split at its blanks, its icon, and whether it exists already."""

    document: Mapping[str, Any]
    sentence: str
    parts: list[str | SentenceBlank]
    icon: str
    state: str


@dataclass(frozen=True, slots=True)
class PackCard:
    """A pack with its rules."""

    pack: Pack
    rules: list[PackRule]

    @property
    def missing(self) -> list[PackRule]:
        """The rules that do not exist yet."""
        return [rule for rule in self.rules if rule.state == NEW]

    @property
    def highlights(self) -> list[PackRule]:
        """A few rules that show what the pack is about: those that players notice."""
        noticeable = [rule for rule in self.rules if KINDS[rule.document["kind"]].judges_events]
        return (noticeable or self.rules)[:SENTENCES]


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """Every pack and every template."""

    packs: list[PackCard]
    templates: Sequence[StarterTemplate]
    may_edit: bool


@dataclass(frozen=True, slots=True)
class PackPage:
    """One pack, with the names of rules that it needs and that do not exist yet; `typed` is the form that was sent."""

    card: PackCard
    needed: list[str]
    problems: list[Problem]
    typed: "MultiDict[str, str]"
    may_edit: bool
    may_publish: bool
    may_publish_changed: bool


@blueprint.get("/library")
@allow(role=Role.VIEWER)
def show() -> ResponseReturnValue:
    """Every pack and every template."""
    with database() as conn:
        packs = [_card(conn, pack) for pack in rules_library.packs()]
    view = LibraryPage(packs, STARTER_TEMPLATES, may_edit=may(Role.AUTHOR))
    return render_template("library/page.html", view=view)


@blueprint.get("/library/packs/<name>")
@allow(role=Role.VIEWER)
def show_pack(name: str) -> ResponseReturnValue:
    """One pack: each rule with its sentence, the numbers in it as blanks."""
    with database() as conn:
        return _page(conn, _pack(name))


@blueprint.post("/library/packs/<name>/installations")
@allow(role=Role.AUTHOR)
def install(name: str) -> ResponseReturnValue:
    """Install the chosen rules of a pack, and whatever is missing from the packs that it needs."""
    pack, is_live = _pack(name), "publish" in request.form
    with database() as conn:
        card = _card(conn, pack)
        try:
            chosen = list(_chosen(card, _catalogue(conn, pack)))
        except EditRefused as refused:
            return _page(conn, pack, [Problem("", str(refused))]), 422
        is_own = all(document in pack.documents for document in chosen)
        if is_live and not adoption.may_publish(conn, is_own=is_own):
            abort(403)
        if not chosen:
            return _page(conn, pack, [Problem("", "Choose at least one rule")]), 422
        result = adopt_documents(conn, [*_needed(conn, pack), *chosen], actor(), is_live=is_live)
        if result.problems:
            return _page(conn, pack, result.problems), 422
    adoption.start_pending(result)
    adoption.announce(result, is_live=is_live)
    return redirect(url_for("rules.show", status=None if is_live else "draft"), 303)


def _pack(name: str) -> Pack:
    return rules_library.pack(name) or abort(404)


def _catalogue(conn: Connection, pack: Pack) -> Catalogue:
    documents = [document for needed_pack in rules_library.with_needs(pack) for document in needed_pack.documents]
    return Catalogue.from_documents(documents, seen_properties.seen(conn))


def _card(conn: Connection, pack: Pack) -> PackCard:
    catalogue = _catalogue(conn, pack)
    return PackCard(
        pack, [_pack_rule(compared, catalogue) for compared in adoption.compare_documents(conn, pack.documents)]
    )


def _pack_rule(compared: adoption.ComparedDocument, catalogue: Catalogue) -> PackRule:
    document = compared.document
    return PackRule(
        document=document,
        sentence=rule_sentence(document, catalogue),
        parts=blanks.sentence_parts(document, catalogue),
        icon=icons.of_rule(document),
        state=compared.state,
    )


def _needed(conn: Connection, pack: Pack) -> list[Mapping[str, Any]]:
    others = [document for needed_pack in rules_library.with_needs(pack)[:-1] for document in needed_pack.documents]
    return [document.document for document in adoption.compare_documents(conn, others) if document.state == NEW]


def _chosen(card: PackCard, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """The chosen rules with their numbers filled in, without those that exist unchanged."""
    keys = request.form.getlist("take")
    for rule in card.rules:
        if rule.document["key"] in keys:
            document = blanks.fill_blanks(rule.document, _numbers(rule), catalogue)
            if rule.state != SAME or document != rule.document:
                yield document


def _numbers(rule: PackRule) -> dict[str, int]:
    """The numbers filled into the blanks of a rule. Raises `EditRefused` for anything but a whole number."""
    numbers = {}
    for part in rule.parts:
        if isinstance(part, SentenceBlank):
            text = request.form.get(f"{rule.document['key']}{part.pointer}", str(part.value)).strip()
            if not (text.isascii() and text.isdigit()):
                raise EditRefused(f"{rule.document['name']}: “{text[:20]}” is not a whole number")
            numbers[part.pointer] = int(text)
    return numbers


def _page(conn: Connection, pack: Pack, problems: list[Problem] | None = None) -> str:
    needed = [document["name"] for document in _needed(conn, pack)]
    view = PackPage(
        card=_card(conn, pack),
        needed=needed,
        problems=problems or [],
        typed=request.form,
        may_edit=may(Role.AUTHOR),
        may_publish=adoption.may_publish(conn, is_own=True),
        may_publish_changed=adoption.may_publish(conn, is_own=False),
    )
    return render_template("library/pack.html", view=view)
