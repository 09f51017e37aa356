"""People, what they answer for, and the tokens they hand to programs and calendars."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from passmuster.model.keeping import DutyRole
from passmuster.records.choices import choices


class PersonManager(BaseUserManager["Person"]):
    """Makes people with an address in lower case."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> Person:
        """A person; without a password nobody can sign in with one."""
        person = self.model(email=email.strip().lower(), **more)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody who signs in. A vendor's contact belongs to that vendor and sees only what is asked of it."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    vendor = models.ForeignKey("Vendor", null=True, blank=True, on_delete=models.PROTECT, related_name="contacts")
    is_active = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    # What is told, how often and by which way; see `application/messages/message_choices.py`.
    preferences = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[PersonManager] = PersonManager()

    def __str__(self) -> str:
        return self.name or self.email


class Duty(models.Model):
    """A role a person has, on one platform or (without one) everywhere."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="duties")
    role = models.CharField(max_length=32, choices=choices(DutyRole))
    platform = models.ForeignKey("Platform", null=True, blank=True, on_delete=models.CASCADE, related_name="duties")
    # Empty: given here. Else the group of the identity provider it follows, and it goes with that.
    from_group = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "role", "platform"], nulls_distinct=False, name="duty_once_a_platform"
            )
        ]


class GroupDuty(models.Model):
    """Which role a group of the identity provider stands for."""

    group = models.CharField(max_length=200)
    role = models.CharField(max_length=32, choices=choices(DutyRole))
    platform = models.ForeignKey("Platform", null=True, blank=True, on_delete=models.CASCADE)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "role", "platform"], nulls_distinct=False, name="group_duty_once")
        ]


class ApiToken(models.Model):
    """A program's token: only its digest is kept; it has scopes and an end."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class FeedToken(models.Model):
    """A person's calendar subscription; only the digest of its address is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="feed_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class SignInTally(models.Model):
    """Sign-ins that were refused within a quarter of an hour, counted, so that a flood of them is two events.

    Without a person: for addresses that are nobody's, which are not kept. `networks` are of those who tried, cut short.
    It is gone once the quarter is over: then its count is on record.
    """

    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="tallies")
    kind = models.CharField(max_length=32)
    starts_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    networks = models.JSONField(default=list)
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "kind", "starts_at"], nulls_distinct=False, name="one_tally_a_stretch"
            )
        ]
