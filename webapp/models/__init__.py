"""The ordinary tables as classes: they describe what the migrations made, and make nothing themselves."""

from webapp.models.apps import ApiKeyRow, AppRow
from webapp.models.audit import AuditRow
from webapp.models.base import Base
from webapp.models.drafts import BadgePictureRow, DraftPresenceRow, DraftRow, DraftStepRow, SubmissionRow, TestCaseRow
from webapp.models.people import OperatorRow, OperatorSessionRow, SignInLinkRow
from webapp.models.rules import RuleRow, RuleVersionRow, ScheduledPublicationRow, VersionNoteRow
from webapp.models.system import SettingRow, WebhookDeliveryRow

__all__ = [
    "ApiKeyRow",
    "AppRow",
    "AuditRow",
    "BadgePictureRow",
    "Base",
    "DraftPresenceRow",
    "DraftRow",
    "DraftStepRow",
    "OperatorRow",
    "OperatorSessionRow",
    "RuleRow",
    "RuleVersionRow",
    "ScheduledPublicationRow",
    "SettingRow",
    "SignInLinkRow",
    "SubmissionRow",
    "TestCaseRow",
    "VersionNoteRow",
    "WebhookDeliveryRow",
]
