"""The form that asks a vendor for something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from passmuster.application.access import Action, Actor, may, platforms_for
from passmuster.application.requests.asking_vendors import Question
from passmuster.records.models import Platform, Vendor


class VendorRequestForm(forms.Form):
    """What is asked of whom, until when, and for what."""

    vendor = forms.ModelChoiceField(label="Vendor", queryset=Vendor.objects.order_by("name"))
    platform = forms.ModelChoiceField(label="About the platform", required=False, queryset=Platform.objects.none())
    title = forms.CharField(label="What is asked", max_length=500)
    detail = forms.CharField(
        label="Explanation",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Which document or answer would do; the vendor reads it.",
    )
    due_on = forms.DateField(label="By", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    control = forms.CharField(
        label="For the control", required=False, max_length=100, help_text="Its identifier; the vendor does not see it."
    )
    advisory = forms.CharField(
        label="For the advisory", required=False, max_length=100, help_text="Like CVE-2026-1234; not shown either."
    )

    def __init__(self, *args: Any, actor: Actor, **given: Any) -> None:
        super().__init__(*args, **given)
        where = platforms_for(actor, Action.ASK_VENDOR)
        field = self.fields["platform"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Platform.objects.filter(**({} if where is None else {"pk__in": where})).order_by("name")
        field.required = not may(actor, Action.ASK_VENDOR)

    def question(self) -> Question:
        """What was asked, as a value."""
        return Question(**self.cleaned_data)


def asked_initially(given: Mapping[str, str]) -> dict[str, Any]:
    """What a link from a finding, a patch or a vendor fills in."""
    found: dict[str, Any] = {name: given.get(name, "")[:100] for name in ("control", "advisory")}
    found["title"] = given.get("title", "")[:500]
    platform = Platform.objects.filter(slug=given.get("platform", "")[:80]).first()
    vendor = given.get("vendor", "")
    found["platform"] = platform
    found["vendor"] = vendor if vendor.isdecimal() and len(vendor) < 18 else platform and platform.vendor_id
    return found
