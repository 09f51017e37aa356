"""The forms of evidence: what is said about a file, and what it belongs to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.documents.file_kinds import KNOWN
from passmuster.model.evidence import MAX_BYTES, EvidenceFacts, EvidenceKind
from passmuster.records.choices import choices
from passmuster.records.models import Evidence, Person, Platform, Review, Vendor

_MOST_REVIEWS = 200


class _Days(forms.DateInput):
    input_type = "date"


def _day(label: str, hint: str = "") -> forms.DateField:
    return forms.DateField(label=label, required=False, help_text=hint, widget=_Days(format="%Y-%m-%d"))


class _Reviews(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        """The review, and why it is open: a platform may have two at once."""
        return f"{obj}: {obj.because}"[:120]


class LinkForm(forms.Form):
    """Which controls and reviews it belongs to."""

    controls = forms.CharField(
        label="Controls",
        required=False,
        max_length=10_000,
        help_text="Their identifiers, such as PRV-08, with blanks or commas between them.",
    )
    reviews = _Reviews(
        label="Reviews", required=False, queryset=Review.objects.none(), help_text="Only open ones can be chosen."
    )

    def __init__(self, *args: Any, actor: Actor, evidence: Evidence | None = None, **given: Any) -> None:
        super().__init__(*args, **given)
        field = self.fields["reviews"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = _reviews(actor, evidence)

    def told_controls(self) -> tuple[str, ...]:
        """The identifiers that were written."""
        return tuple(sorted(set(self.cleaned_data["controls"].replace(",", " ").split())))

    def told_reviews(self) -> tuple[int, ...]:
        """The keys of the chosen reviews."""
        return tuple(each.pk for each in self.cleaned_data["reviews"])


class VendorFileForm(forms.Form):
    """A file, what it is and which days it is about."""

    file = forms.FileField(label="File", help_text=f"{KNOWN}; at most {MAX_BYTES >> 20} MiB.")
    title = forms.CharField(label="What it shows", max_length=300)
    kind = forms.ChoiceField(label="Kind", choices=choices(EvidenceKind))
    period_from = _day("Covers from")
    period_to = _day("Covers until")
    expires_on = _day("Expires on", "From that day on it counts no longer, and its owner is asked for a newer one.")

    def facts(self) -> EvidenceFacts:
        """What was said, as values."""
        told = self.cleaned_data
        days = {name: told[name] for name in ("period_from", "period_to", "expires_on")}
        return EvidenceFacts(title=told["title"], kind=EvidenceKind(told["kind"]), **days)


class EvidenceForm(VendorFileForm, LinkForm):
    """A file, what is said about it, and what it belongs to."""

    field_order = ("file", "title", "kind", "platform", "vendor", "period_from", "period_to", "expires_on", "owner")
    platform = forms.ModelChoiceField(
        label="Platform", required=False, empty_label="none", queryset=Platform.objects.none()
    )
    vendor = forms.ModelChoiceField(
        label="Vendor", required=False, empty_label="none", queryset=Vendor.objects.order_by("name")
    )
    owner = forms.ModelChoiceField(
        label="Owner",
        required=False,
        empty_label="nobody",
        queryset=Person.objects.filter(is_active=True, vendor=None).order_by("email"),
    )
    why = forms.CharField(label="Note for the record", required=False, max_length=1_000)

    def __init__(self, *args: Any, actor: Actor, evidence: Evidence | None = None, **given: Any) -> None:
        super().__init__(*args, actor=actor, evidence=evidence, **given)
        where = platforms_for(actor, Action.ADD_EVIDENCE)
        field = self.fields["platform"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Platform.objects.filter(**({} if where is None else {"pk__in": where})).order_by("name")
        field.required = not may(actor, Action.ADD_EVIDENCE)
        if evidence is not None:
            # What takes its place belongs to the same platform, and says why it does.
            del self.fields["platform"]
            self.fields["why"].label, self.fields["why"].required = "Why it takes the other's place", True

    def facts(self) -> EvidenceFacts:
        """What was said, as values."""
        keys: dict[str, Any] = {
            name: getattr(self.cleaned_data.get(name), "pk", None) for name in ("platform", "vendor", "owner")
        }
        return replace(super().facts(), controls=self.told_controls(), reviews=self.told_reviews(), **keys)


def facts_as_initial(evidence: Evidence) -> dict[str, Any]:
    """What was said about a piece, to start the form of its successor; the days are new ones."""
    return {
        "title": evidence.title,
        "kind": evidence.kind,
        "vendor": evidence.vendor_id,
        "owner": evidence.owner_id,
        "controls": " ".join(evidence.controls),
        "reviews": [],
        "period_from": evidence.period_to,
        "period_to": timezone.now().date() if evidence.period_to else None,
    }


def _reviews(actor: Actor, evidence: Evidence | None) -> QuerySet[Review]:
    where = platforms_for(actor, Action.VIEW)
    found = Review.objects.exclude(status__in=["sealed", "cancelled"]).select_related("platform")
    found = found if where is None else found.filter(platform_id__in=where)
    if evidence is not None:
        found = (found.filter(platform=evidence.platform_id) if evidence.platform_id else found) | (
            Review.objects.filter(evidence=evidence).select_related("platform")
        )
    newest = found.order_by("-pk").values_list("pk", flat=True)[:_MOST_REVIEWS]
    return Review.objects.filter(pk__in=list(newest)).select_related("platform").order_by("-due_on", "-pk")
