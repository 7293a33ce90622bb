from django.db import models

from portfolio.models.people import Portfolio, User
from portfolio.models.pipeline import UseCase
from portfolio.querysets.events import EventQuerySet, TombstoneQuerySet


class Kind(models.TextChoices):
    """What can happen, in the words of the domain."""

    PORTFOLIO_OPENED = "portfolio_opened", "opened the portfolio"
    PORTFOLIO_CHANGED = "portfolio_changed", "changed the portfolio's settings"
    MEMBER_INVITED = "member_invited", "invited"
    INVITATION_REVOKED = "invitation_revoked", "revoked the invitation of"
    MEMBER_JOINED = "member_joined", "joined"
    ROLE_CHANGED = "role_changed", "changed the role of"
    MEMBER_REMOVED = "member_removed", "removed"
    CRITERIA_CHANGED = "criteria_changed", "changed the criteria"
    WEIGHTS_CHANGED = "weights_changed", "changed the weights"
    SCENARIO_SHARED = "scenario_shared", "shared the scenario"
    SCENARIO_CHANGED = "scenario_changed", "changed the scenario"
    SCENARIO_UNSHARED = "scenario_unshared", "no longer shares the scenario"
    SCENARIO_REMOVED = "scenario_removed", "removed the scenario"
    USE_CASE_PROPOSED = "use_case_proposed", "proposed"
    USE_CASE_EDITED = "use_case_edited", "edited"
    USE_CASE_IMPORTED = "use_case_imported", "imported"
    USE_CASE_UPDATED_BY_IMPORT = "use_case_updated_by_import", "updated from a file"
    USE_CASE_SPLIT = "use_case_split", "split"
    USE_CASES_MERGED = "use_cases_merged", "merged"
    LOOKALIKES_FOUND = "lookalikes_found", "looked for duplicates"
    TOLD_APART = "told_apart", "said what is different from"
    IMPORT_STARTED = "import_started", "uploaded a file"
    IMPORT_FINISHED = "import_finished", "finished an import"
    MOVED = "moved", "moved"
    GATE_OVERRIDDEN = "gate_overridden", "overrode the gate"
    RETIRED = "retired", "retired"
    TESTS_ANSWERED = "tests_answered", "answered the four tests of"
    RATED = "rated", "rated"
    RATING_REVISED = "rating_revised", "revised the rating of"
    ASKED = "asked", "asked"
    REQUEST_ENDED = "request_ended", "ended a request about"
    ROUND_OPENED = "round_opened", "opened the blind round"
    RATING_SEALED = "rating_sealed", "sealed ratings in the blind round"
    ROUND_CLOSED = "round_closed", "closed the blind round"
    RANGES_WIDENED = "ranges_widened", "widened the ranges of"
    RANGES_AS_SAID = "ranges_as_said", "takes as said again the ranges of"
    COMMENTED = "commented", "commented on"
    COMMENT_EDITED = "comment_edited", "edited a comment on"
    COMMENT_REMOVED = "comment_removed", "removed a comment on"
    DISQUALIFIER_RAISED = "disqualifier_raised", "raised a disqualifier"
    DISQUALIFIER_RESOLVED = "disqualifier_resolved", "resolved a disqualifier"
    DISQUALIFIER_OVERRULED = "disqualifier_overruled", "overruled a disqualifier"
    ECONOMICS_CHANGED = "economics_changed", "changed the economics of"
    RANKING_PUBLISHED = "ranking_published", "published a ranking"
    CERTAINTY_PUBLISHED = "certainty_published", "published how sure the ranking is"
    OWNER_NAMED = "owner_named", "named an owner"
    OWNER_ACCEPTED = "owner_accepted", "accepted to own"
    OWNER_DECLINED = "owner_declined", "declined to own"
    PLAN_CHANGED = "plan_changed", "changed the plan"
    CONTRACT_SEALED = "contract_sealed", "sealed the success contract"
    CONTRACT_AMENDED = "contract_amended", "amended the success contract"
    MILESTONE_SET = "milestone_set", "set a milestone"
    MILESTONE_DONE = "milestone_done", "reached a milestone"
    MILESTONE_REMOVED = "milestone_removed", "removed a milestone"
    FORECAST_GIVEN = "forecast_given", "forecast the ship date"
    READING_RECORDED = "reading_recorded", "recorded a reading"
    READING_CORRECTED = "reading_corrected", "corrected a reading"
    SHIPPED = "shipped", "shipped"
    VERDICT_COMPUTED = "verdict_computed", "computed the verdict"
    VERDICT_DECLARED = "verdict_declared", "declared the verdict"
    RETROSPECTIVE_WRITTEN = "retrospective_written", "wrote the retrospective"
    VIEW_SAVED = "view_saved", "saved a view of the ranking"
    VIEW_DELETED = "view_deleted", "deleted a view of the ranking"
    BULK_CHANGE_STARTED = "bulk_change_started", "began to change many candidates"
    BULK_CHANGE_FINISHED = "bulk_change_finished", "changed many candidates"
    BULK_CHANGE_UNDONE = "bulk_change_undone", "undid a change of many candidates"
    LIGHTHOUSE_ABANDONED = "lighthouse_abandoned", "abandoned the lighthouse"


class Event(models.Model):
    """Something that happened. Append-only; within a portfolio ids become visible in order."""

    id = models.BigIntegerField(primary_key=True)
    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="+", db_index=False)
    use_case = models.ForeignKey(
        UseCase, models.PROTECT, null=True, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=32, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    what = models.JSONField(default=dict)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["portfolio", "-id"], name="event_by_portfolio"),
            models.Index(fields=["use_case", "-id"], name="event_by_use_case"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.kind}"


class Tombstone(models.Model):
    """A row that was there: who keeps a copy in step learns that it is gone."""

    portfolio = models.ForeignKey(Portfolio, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24)
    parent_id = models.BigIntegerField(null=True)
    row_id = models.BigIntegerField()
    deleted_at = models.DateTimeField()
    revision = models.BigIntegerField(default=0)

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["kind", "portfolio", "revision"], name="tombstone_order")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id}"
