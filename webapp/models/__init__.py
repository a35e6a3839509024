"""The ordinary tables of pages as classes: they describe what the migrations made, and make nothing themselves."""

from webapp.models.audit import AuditRow
from webapp.models.base import Base
from webapp.models.drafts import DraftRow, PictureRow, PresenceRow, StepRow, SubmissionRow, TestCaseRow
from webapp.models.people import LinkRow, OperatorRow, SessionRow
from webapp.models.programs import AppRow, KeyRow
from webapp.models.rules import RuleRow, ScheduledRow, VersionNoteRow, VersionRow

__all__ = [
    "AppRow",
    "AuditRow",
    "Base",
    "DraftRow",
    "KeyRow",
    "LinkRow",
    "OperatorRow",
    "PictureRow",
    "PresenceRow",
    "RuleRow",
    "ScheduledRow",
    "SessionRow",
    "StepRow",
    "SubmissionRow",
    "TestCaseRow",
    "VersionNoteRow",
    "VersionRow",
]
