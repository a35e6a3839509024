"""The gallery of templates: sentences with blanks that become a draft, and the rules that it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue

from engine.authoring.forms import starter_templates
from engine.authoring.forms.starter_templates import STARTER_TEMPLATES, StarterTemplate, TemplateBlank
from engine.authoring.tree.edit_result import EditRefused
from engine.kinds.badge import BADGE
from engine.kinds.event_type import EVENT_TYPE
from engine.rules.rule_sentence import rule_sentence
from engine.vocabulary.fact import Catalogue, FactType, SeenProperties, humanise
from webapp.http.access import Role, actor, allow
from webapp.http.htmx import render
from webapp.pages.layout import database
from webapp.pages.library import adoption
from webapp.pages.library.blueprint import blueprint
from webapp.pages.rules.list_rows import edit_address
from webapp.services.publishing import publish
from webapp.services.publishing.adopt_documents import begin_from_template
from webapp.store.events import seen_properties
from webapp.store.rules import drafts, rule_versions
from webapp.store.system.connection import Connection

NAME_LENGTH_MAX = 80
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class TemplateContext:
    """What blanks are filled from: the documents in use, what events carried, and all facts."""

    documents: list[dict[str, Any]]
    seen: SeenProperties
    taken: set[str]
    catalogue: Catalogue

    @classmethod
    def of(cls, conn: Connection) -> "TemplateContext":
        """Read it from the database."""
        documents, seen = rule_versions.documents_beside(conn, with_drafts=True), seen_properties.seen(conn)
        return cls(documents, seen, drafts.taken_keys(conn), Catalogue.from_documents(documents, seen))

    @property
    def choices(self) -> dict[str, Choices]:
        """The choices for a blank, by its widget."""
        declared = [
            str(document.get("type") or document["key"])
            for document in self.documents
            if document["kind"] == EVENT_TYPE.key
        ]
        events = sorted({*self.seen, *declared})
        badges = [(document["key"], document["name"]) for document in self.documents if document["kind"] == BADGE.key]
        measures = [measure for event in events for measure in self._measures(event)]
        return {
            "event": [(event, humanise(event)) for event in events],
            "measure": measures,
            "badges": sorted(badges),
        }

    def _measures(self, event: str) -> Choices:
        prefix = "event.properties."
        property_facts = [fact for fact in self.catalogue.for_events([event]).facts() if fact.path.startswith(prefix)]
        return [
            (f"{event}/{fact.path.removeprefix(prefix)}", f"{fact.label} of {humanise(event)}")
            for fact in property_facts
            if fact.type is FactType.NUMBER
        ]


@dataclass(frozen=True, slots=True)
class TemplateRule:
    """A rule that a filled template makes, with its sentence."""

    document: Mapping[str, Any]
    sentence: str

    @property
    def icon(self) -> str:
        """The icon of its kind."""
        return "award" if self.document["kind"] == BADGE.key else "list-check"


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """A template with the values of its blanks, and the rules that it makes with them, the main one first.

    `choices` are what blanks can be filled with, by widget. `refused` says why there are no rules.
    """

    template: StarterTemplate
    values: Mapping[str, Any]
    name: str
    choices: Mapping[str, Choices]
    refused: str
    rules: Sequence[TemplateRule]
    is_submitted: bool

    @property
    def badge_blanks(self) -> Sequence[TemplateBlank]:
        """The blanks that take several badges, which are chosen below the sentence."""
        return [blank for blank in self.template.blanks if blank.widget == "badges"]


@blueprint.get("/library/templates")
@allow(role=Role.AUTHOR)
def gallery() -> ResponseReturnValue:
    """All templates, as cards."""
    return render("library/gallery.html", "library/_gallery.html", templates=STARTER_TEMPLATES)


@blueprint.get("/library/templates/<key>")
@allow(role=Role.AUTHOR)
def show_template(key: str) -> ResponseReturnValue:
    """One template with its blanks, and the rules that it makes so far."""
    template = _template(key)
    with database() as conn:
        context = TemplateContext.of(conn)
        return _page(conn, template, context, _values(template, request.args, context), request.args.get("name", ""))


@blueprint.post("/library/templates/<key>")
@allow(role=Role.AUTHOR)
def begin(key: str) -> ResponseReturnValue:
    """Begin a draft from a filled template, together with the rules that it needs and that do not exist yet."""
    template, name = _template(key), request.form.get("name", "")[:NAME_LENGTH_MAX]
    with database() as conn:
        context = TemplateContext.of(conn)
        values = _values(template, request.form, context)
        try:
            *needed, rule = _filled(conn, template, values, name, context)
        except EditRefused as refused:
            return _page(conn, template, context, values, name, str(refused)), 422
        is_live = adoption.may_publish(conn, is_own=True)
        try:
            result, draft = begin_from_template(conn, needed, rule, actor(), is_live=is_live)
        except EditRefused as refused:
            conn.rollback()
            return _page(conn, template, context, values, name, str(refused)), 422
    adoption.start_pending(result)
    for document in needed:
        effect = "is live" if is_live else "is saved as a draft. Publish it before the rules that depend on it"
        flash(f"{document['name']} {effect}.", "message")
    return redirect(edit_address(draft.key), 303)


def _template(key: str) -> StarterTemplate:
    return starter_templates.starter_template(key) or abort(404)


def _filled(
    conn: Connection, template: StarterTemplate, values: Mapping[str, Any], name: str, context: TemplateContext
) -> list[dict[str, Any]]:
    documents = starter_templates.fill_template(template, values, name, context.documents, context.taken)
    problems, _ = publish.check_documents(conn, documents, publish=False)
    if problems:
        raise EditRefused(problems[0].message)
    return documents


def _values(template: StarterTemplate, typed: Any, context: TemplateContext) -> dict[str, Any]:
    """The values of the blanks; those that are not filled in yet have the template's defaults."""
    return {blank.key: _value(blank, typed, context) for blank in template.blanks}


def _value(blank: TemplateBlank, typed: Any, context: TemplateContext) -> Any:
    choices = [value for value, _ in context.choices.get(blank.widget, [])]
    if blank.widget == "badges":
        return [key for key in typed.getlist(blank.key) if key in choices]
    text = str(typed.get(blank.key, "")).strip()
    if blank.widget == "whole":
        if blank.key not in typed:
            return blank.default
        return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text
    return text or (choices[0] if choices and blank.key not in typed else "")


def _page(
    conn: Connection,
    template: StarterTemplate,
    context: TemplateContext,
    values: dict[str, Any],
    name: str,
    refused: str = "",
) -> str:
    documents: list[dict[str, Any]] = []
    try:
        documents = _filled(conn, template, values, name, context)
    except EditRefused as reason:
        refused = refused or (str(reason) if request.args else "")
    catalogue = Catalogue.from_documents([*context.documents, *documents], context.seen)
    view = TemplatePage(
        template=template,
        values=values,
        name=name,
        choices=context.choices,
        refused=refused,
        rules=[TemplateRule(document, rule_sentence(document, catalogue)) for document in reversed(documents)],
        is_submitted=request.method == "POST",
    )
    return render("library/template.html", "library/_preview.html", view=view)
