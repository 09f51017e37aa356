"""All other tables, with their indexes and constraints."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import passmuster.model.keeping
from passmuster.records.together import CreateModels


_PROGRAMME = [
    migrations.CreateModel(
        name="Platform",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=200, unique=True)),
            ("slug", models.SlugField(max_length=80, unique=True)),
            ("kind", models.CharField(max_length=64)),
            ("platform_id", models.CharField(blank=True, max_length=200)),
            ("url", models.CharField(blank=True, max_length=500)),
            ("export_path", models.CharField(blank=True, max_length=500)),
            ("declared_path", models.CharField(blank=True, max_length=500)),
            ("credentials", models.JSONField(default=dict)),
            ("packs", models.JSONField(default=list)),
            (
                "tier",
                models.CharField(
                    choices=[("high", "high"), ("middle", "middle"), ("low", "low")],
                    default=passmuster.model.keeping.Tier["MIDDLE"],
                    max_length=16,
                ),
            ),
            (
                "data_class",
                models.CharField(
                    choices=[
                        ("public", "public"),
                        ("internal", "internal"),
                        ("confidential", "confidential"),
                        ("restricted", "restricted"),
                    ],
                    default=passmuster.model.keeping.DataClass["INTERNAL"],
                    max_length=16,
                ),
            ),
            ("regulations", models.JSONField(default=list)),
            ("business_priority", models.PositiveSmallIntegerField(default=3)),
            ("time_zone", models.CharField(default="UTC", max_length=64)),
            ("cadence_rrule", models.CharField(blank=True, max_length=200)),
            ("collect_every_hours", models.PositiveIntegerField(default=24)),
            ("next_collection_at", models.DateTimeField(blank=True, null=True)),
            ("next_review_on", models.DateField(blank=True, null=True)),
            ("is_active", models.BooleanField(default=True)),
            ("created_at", models.DateTimeField()),
            (
                "baseline_collection",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="records.collection",
                ),
            ),
            (
                "vendor",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="platforms",
                    to="records.vendor",
                ),
            ),
        ],
    ),
    migrations.CreateModel(
        name="Environment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=200)),
            ("external_id", models.CharField(blank=True, max_length=200)),
            (
                "stage",
                models.CharField(
                    choices=[
                        ("production", "production"),
                        ("staging", "staging"),
                        ("test", "test"),
                        ("development", "development"),
                    ],
                    default=passmuster.model.keeping.Stage["PRODUCTION"],
                    max_length=16,
                ),
            ),
            ("region", models.CharField(blank=True, max_length=64)),
            ("time_zone", models.CharField(default="UTC", max_length=64)),
            ("windows", models.JSONField(default=list)),
            ("freezes", models.JSONField(default=list)),
            (
                "platform",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="environments", to="records.platform"
                ),
            ),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("platform", "name"), name="environment_once")],
        },
    ),
    migrations.CreateModel(
        name="Ownership",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("scope_kind", models.CharField(max_length=32)),
            ("scope_id", models.CharField(blank=True, max_length=500)),
            (
                "deputy",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="deputises",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "owner",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="owns", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="ownerships", to="records.platform"
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("platform", "scope_kind", "scope_id"), name="one_owner_a_thing")
            ],
        },
    ),
    migrations.CreateModel(
        name="EscalationStep",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("after_hours", models.PositiveIntegerField()),
            (
                "role",
                models.CharField(
                    choices=[
                        ("sponsor", "sponsor"),
                        ("platform_owner", "platform owner"),
                        ("reviewer", "reviewer"),
                        ("remediation_owner", "remediation owner"),
                        ("approver", "approver"),
                        ("legal", "legal"),
                        ("auditor", "auditor"),
                        ("vendor_contact", "vendor contact"),
                        ("administrator", "administrator"),
                    ],
                    max_length=32,
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="escalation_steps",
                    to="records.platform",
                ),
            ),
        ],
    ),
    migrations.CreateModel(
        name="TierProposal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("tier", models.CharField(choices=[("high", "high"), ("middle", "middle"), ("low", "low")], max_length=16)),
            ("reasons", models.JSONField(default=list)),
            ("proposed_at", models.DateTimeField()),
            ("decided_at", models.DateTimeField(blank=True, null=True)),
            ("is_accepted", models.BooleanField(blank=True, null=True)),
            (
                "decided_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="tier_proposals", to="records.platform"
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("decided_at", None)), fields=("platform",), name="one_open_tier_proposal"
                )
            ],
        },
    ),
]
_PEOPLE = [
    migrations.CreateModel(
        name="Duty",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "role",
                models.CharField(
                    choices=[
                        ("sponsor", "sponsor"),
                        ("platform_owner", "platform owner"),
                        ("reviewer", "reviewer"),
                        ("remediation_owner", "remediation owner"),
                        ("approver", "approver"),
                        ("legal", "legal"),
                        ("auditor", "auditor"),
                        ("vendor_contact", "vendor contact"),
                        ("administrator", "administrator"),
                    ],
                    max_length=32,
                ),
            ),
            ("from_group", models.CharField(blank=True, max_length=200)),
            ("created_at", models.DateTimeField()),
            (
                "person",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="duties", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="duties",
                    to="records.platform",
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("person", "role", "platform"), name="duty_once_a_platform", nulls_distinct=False
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="GroupDuty",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("group", models.CharField(max_length=200)),
            (
                "role",
                models.CharField(
                    choices=[
                        ("sponsor", "sponsor"),
                        ("platform_owner", "platform owner"),
                        ("reviewer", "reviewer"),
                        ("remediation_owner", "remediation owner"),
                        ("approver", "approver"),
                        ("legal", "legal"),
                        ("auditor", "auditor"),
                        ("vendor_contact", "vendor contact"),
                        ("administrator", "administrator"),
                    ],
                    max_length=32,
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to="records.platform"
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("group", "role", "platform"), name="group_duty_once", nulls_distinct=False
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ApiToken",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=100)),
            ("prefix", models.CharField(max_length=12)),
            ("digest", models.CharField(max_length=64, unique=True)),
            ("scopes", models.JSONField(default=list)),
            ("created_at", models.DateTimeField()),
            ("expires_at", models.DateTimeField()),
            ("last_used_at", models.DateTimeField(blank=True, null=True)),
            ("revoked_at", models.DateTimeField(blank=True, null=True)),
            (
                "person",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="api_tokens", to=settings.AUTH_USER_MODEL
                ),
            ),
        ],
    ),
    migrations.CreateModel(
        name="FeedToken",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("digest", models.CharField(max_length=64, unique=True)),
            ("created_at", models.DateTimeField()),
            ("last_used_at", models.DateTimeField(blank=True, null=True)),
            ("revoked_at", models.DateTimeField(blank=True, null=True)),
            (
                "person",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="feed_tokens", to=settings.AUTH_USER_MODEL
                ),
            ),
        ],
    ),
    migrations.CreateModel(
        name="SignInTally",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=32)),
            ("starts_at", models.DateTimeField()),
            ("count", models.PositiveIntegerField(default=0)),
            ("networks", models.JSONField(default=list)),
            ("last_at", models.DateTimeField()),
            (
                "person",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="tallies",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("person", "kind", "starts_at"), name="one_tally_a_stretch", nulls_distinct=False
                )
            ],
        },
    ),
]
_LOOKING = [
    migrations.CreateModel(
        name="Collection",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("running", "running"),
                        ("done", "done"),
                        ("incomplete", "incomplete"),
                        ("failed", "failed"),
                    ],
                    default=passmuster.model.keeping.CollectionState["RUNNING"],
                    max_length=16,
                ),
            ),
            ("because", models.CharField(blank=True, max_length=200)),
            ("started_at", models.DateTimeField()),
            ("ended_at", models.DateTimeField(blank=True, null=True)),
            ("snapshot_id", models.CharField(blank=True, max_length=64)),
            ("snapshot_sha256", models.CharField(blank=True, max_length=64)),
            ("store_key", models.CharField(blank=True, max_length=200)),
            ("tables_read", models.PositiveSmallIntegerField(default=0)),
            ("tables_total", models.PositiveSmallIntegerField(default=0)),
            ("error", models.TextField(blank=True)),
            ("drift", models.JSONField(default=dict)),
            (
                "platform",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="collections", to="records.platform"
                ),
            ),
            ("drift_from_baseline", models.JSONField(default=dict)),
        ],
        options={
            "indexes": [models.Index(fields=["platform", "-started_at"], name="collection_newest")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state", "running")), fields=("platform",), name="one_running_collection"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Evaluation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("as_of", models.DateTimeField()),
            ("packs", models.JSONField(default=list)),
            ("results_sha256", models.CharField(max_length=64)),
            ("store_key", models.CharField(max_length=200)),
            ("summary", models.JSONField(default=dict)),
            ("created_at", models.DateTimeField()),
            (
                "collection",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="evaluations", to="records.collection"
                ),
            ),
            ("followed_at", models.DateTimeField(blank=True, null=True)),
        ],
    ),
    migrations.CreateModel(
        name="FollowedRun",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("run_sha256", models.CharField(max_length=64)),
            ("open_findings", models.BigIntegerField()),
            ("basis", models.CharField(max_length=64)),
            (
                "evaluation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.evaluation"
                ),
            ),
            (
                "platform",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE, related_name="followed_run", to="records.platform"
                ),
            ),
        ],
    ),
    migrations.CreateModel(
        name="FollowedControl",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("pack", models.CharField(max_length=64)),
            ("control", models.CharField(max_length=64)),
            ("seen_at", models.DateTimeField()),
            (
                "platform",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.platform"),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("platform", "pack", "control"), name="followed_control_once")
            ],
        },
    ),
]
_FINDINGS = [
    migrations.CreateModel(
        name="Finding",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("fingerprint", models.CharField(max_length=64)),
            ("pack", models.CharField(max_length=64)),
            ("control", models.CharField(max_length=64)),
            ("title", models.CharField(max_length=500)),
            ("resource_id", models.CharField(max_length=500)),
            ("resource_name", models.CharField(blank=True, max_length=500)),
            ("environment", models.CharField(blank=True, max_length=200)),
            ("detail", models.TextField(blank=True)),
            (
                "severity",
                models.CharField(
                    choices=[
                        ("critical", "critical"),
                        ("high", "high"),
                        ("medium", "medium"),
                        ("low", "low"),
                        ("info", "info"),
                    ],
                    max_length=16,
                ),
            ),
            ("severity_rank", models.PositiveSmallIntegerField()),
            (
                "status",
                models.CharField(
                    choices=[
                        ("open", "open"),
                        ("in_progress", "in progress"),
                        ("accepted", "accepted"),
                        ("closed", "closed"),
                    ],
                    default=passmuster.model.keeping.FindingStatus["OPEN"],
                    max_length=16,
                ),
            ),
            ("due_on", models.DateField(blank=True, null=True)),
            ("due_reason", models.CharField(blank=True, max_length=300)),
            ("priority", models.PositiveSmallIntegerField(default=0)),
            ("priority_reason", models.CharField(blank=True, max_length=300)),
            ("first_seen_at", models.DateTimeField()),
            ("last_seen_at", models.DateTimeField(blank=True, null=True)),
            ("age_from", models.DateTimeField()),
            ("closed_at", models.DateTimeField(blank=True, null=True)),
            ("closed_reason", models.CharField(blank=True, max_length=300)),
            ("reopened_count", models.PositiveIntegerField(default=0)),
            (
                "deviation",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="findings",
                    to="records.deviation",
                ),
            ),
            (
                "owner",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="findings",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="findings",
                    to="records.platform",
                ),
            ),
            (
                "ticket",
                models.ForeignKey(
                    blank=True,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="findings",
                    to="records.ticket",
                ),
            ),
            ("environment_kind", models.CharField(blank=True, max_length=32)),
            ("excepted_from", models.DateTimeField(blank=True, null=True)),
            ("is_owner_chosen", models.BooleanField(default=False)),
        ],
        options={
            "indexes": [
                models.Index(fields=["status", "severity_rank", "id"], name="finding_worst_first"),
                models.Index(fields=["platform", "status", "severity_rank", "id"], name="finding_platform"),
                models.Index(
                    fields=["platform", "control", "status", "severity_rank", "id"], name="finding_platform_control"
                ),
                models.Index(fields=["control", "status", "severity_rank", "id"], name="finding_control"),
                models.Index(
                    condition=models.Q(("owner__isnull", False)),
                    fields=["owner", "status", "severity_rank", "id"],
                    name="finding_owner",
                ),
                models.Index(
                    condition=models.Q(("owner__isnull", True)),
                    fields=["status", "severity_rank", "id"],
                    name="finding_nobodys",
                ),
                models.Index(
                    condition=models.Q(("environment", ""), _negated=True),
                    fields=["environment", "status", "severity_rank", "id"],
                    name="finding_environment",
                ),
                models.Index(
                    condition=models.Q(("deviation__isnull", False)),
                    fields=["deviation", "status", "severity_rank", "id"],
                    name="finding_deviation",
                ),
                models.Index(fields=["status", "due_on", "id"], name="finding_due"),
                models.Index(
                    condition=models.Q(
                        ("due_on__isnull", False),
                        (
                            "status__in",
                            [
                                passmuster.model.keeping.FindingStatus["OPEN"],
                                passmuster.model.keeping.FindingStatus["IN_PROGRESS"],
                            ],
                        ),
                    ),
                    fields=["platform", "due_on", "id"],
                    name="finding_platform_due",
                ),
                models.Index(
                    condition=models.Q(
                        ("due_on__isnull", False),
                        (
                            "status__in",
                            [
                                passmuster.model.keeping.FindingStatus["OPEN"],
                                passmuster.model.keeping.FindingStatus["IN_PROGRESS"],
                            ],
                        ),
                    ),
                    fields=["owner", "due_on", "id"],
                    name="finding_owner_due",
                ),
                models.Index(
                    condition=models.Q(
                        ("due_on__isnull", False),
                        (
                            "status__in",
                            [
                                passmuster.model.keeping.FindingStatus["OPEN"],
                                passmuster.model.keeping.FindingStatus["IN_PROGRESS"],
                            ],
                        ),
                    ),
                    fields=["control", "due_on", "id"],
                    name="finding_control_due",
                ),
                models.Index(
                    condition=models.Q(("ticket__isnull", False)),
                    fields=["ticket", "status", "severity_rank", "id"],
                    name="finding_ticket",
                ),
                models.Index(
                    condition=models.Q(("excepted_from__isnull", False)), fields=["platform"], name="finding_excepted"
                ),
            ],
            "constraints": [models.UniqueConstraint(fields=("platform", "fingerprint"), name="same_finding_is_one")],
        },
    ),
    migrations.CreateModel(
        name="FindingStep",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField()),
            ("what", models.CharField(max_length=32)),
            ("by", models.CharField(max_length=254)),
            ("why", models.CharField(blank=True, max_length=1000)),
            (
                "finding",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="records.finding"
                ),
            ),
        ],
        options={
            "indexes": [models.Index(fields=["finding", "id"], name="finding_history")],
        },
    ),
    migrations.CreateModel(
        name="Deviation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("control", models.CharField(max_length=64)),
            ("resource_id", models.CharField(blank=True, max_length=500)),
            ("rule", models.JSONField(default=dict)),
            ("reason", models.TextField()),
            ("decision_reason", models.TextField(blank=True)),
            (
                "status",
                models.CharField(
                    choices=[
                        ("requested", "requested"),
                        ("approved", "approved"),
                        ("refused", "refused"),
                        ("expired", "expired"),
                        ("withdrawn", "withdrawn"),
                    ],
                    default=passmuster.model.keeping.DeviationStatus["REQUESTED"],
                    max_length=16,
                ),
            ),
            ("compensating_control", models.CharField(blank=True, max_length=64)),
            ("requested_at", models.DateTimeField()),
            ("decided_at", models.DateTimeField(blank=True, null=True)),
            ("ends_on", models.DateField()),
            ("first_granted_at", models.DateTimeField(blank=True, null=True)),
            (
                "decided_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="decided_deviations",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "owner",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="owned_deviations",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "renews",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="renewals",
                    to="records.deviation",
                ),
            ),
            (
                "requested_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="requested_deviations",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="deviations",
                    to="records.platform",
                ),
            ),
        ],
    ),
    migrations.CreateModel(
        name="DeviationCheck",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("is_held", models.BooleanField()),
            ("outcome", models.CharField(max_length=16)),
            ("reason", models.CharField(blank=True, max_length=1000)),
            ("checked_at", models.DateTimeField()),
            (
                "deviation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="records.deviation"
                ),
            ),
            (
                "platform",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.platform"),
            ),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("deviation", "platform"), name="one_check_a_platform")],
        },
    ),
    migrations.CreateModel(
        name="Ticket",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("control", models.CharField(max_length=64)),
            ("environment", models.CharField(blank=True, max_length=200)),
            ("external_key", models.CharField(blank=True, max_length=200)),
            ("external_url", models.CharField(blank=True, max_length=500)),
            ("external_status", models.CharField(blank=True, max_length=100)),
            ("created_at", models.DateTimeField()),
            ("updated_at", models.DateTimeField()),
            (
                "owner",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="tickets",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="tickets", to="records.platform"
                ),
            ),
            ("sent_digest", models.CharField(blank=True, max_length=64)),
            ("sent_count", models.PositiveIntegerField(default=0)),
            ("sent_at", models.DateTimeField(blank=True, null=True)),
            ("failure", models.CharField(blank=True, max_length=200)),
            ("failing_since", models.DateTimeField(blank=True, null=True)),
            ("failed_at", models.DateTimeField(blank=True, null=True)),
            ("raised_by", models.CharField(blank=True, max_length=254)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("platform", "control", "environment", "owner"), name="one_ticket", nulls_distinct=False
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="TicketMessage",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("message_id", models.CharField(max_length=200, unique=True)),
            ("at", models.DateTimeField()),
            (
                "ticket",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="messages", to="records.ticket"
                ),
            ),
        ],
    ),
]
_COUNTS = [
    migrations.CreateModel(
        name="FindingCount",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "platform",
                models.ForeignKey(
                    db_constraint=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="records.platform",
                ),
            ),
            (
                "owner",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("control", models.CharField(max_length=64)),
            ("severity_rank", models.PositiveSmallIntegerField()),
            ("status", models.CharField(max_length=16)),
            ("n", models.BigIntegerField()),
        ],
        options={
            "indexes": [models.Index(fields=["owner", "status"], name="finding_count_owner")],
            "constraints": [
                models.UniqueConstraint(
                    fields=("platform", "owner", "control", "severity_rank", "status"),
                    name="finding_count_once",
                    nulls_distinct=False,
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="FindingDueCount",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "platform",
                models.ForeignKey(
                    db_constraint=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="records.platform",
                ),
            ),
            (
                "owner",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("severity_rank", models.PositiveSmallIntegerField()),
            ("status", models.CharField(max_length=16)),
            ("due_on", models.DateField()),
            ("n", models.BigIntegerField()),
        ],
        options={
            "indexes": [models.Index(fields=["owner", "status", "due_on"], name="finding_due_count_owner")],
            "constraints": [
                models.UniqueConstraint(
                    fields=("platform", "owner", "severity_rank", "status", "due_on"),
                    name="finding_due_count_once",
                    nulls_distinct=False,
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="FindingTotal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("control", models.CharField(max_length=64)),
            ("severity_rank", models.PositiveSmallIntegerField()),
            ("status", models.CharField(max_length=16)),
            ("n", models.BigIntegerField()),
            (
                "platform",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="records.platform",
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("platform", "control", "severity_rank", "status"), name="finding_total_once"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="FindingDueTotal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("severity_rank", models.PositiveSmallIntegerField()),
            ("status", models.CharField(max_length=16)),
            ("due_on", models.DateField()),
            ("n", models.BigIntegerField()),
            (
                "platform",
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.DO_NOTHING,
                    related_name="+",
                    to="records.platform",
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("status", "due_on", "platform", "severity_rank"), name="finding_due_total_once"
                )
            ],
        },
    ),
]
_REVIEWS = [
    migrations.CreateModel(
        name="Review",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("occurrence", models.CharField(max_length=100)),
            ("because", models.CharField(max_length=300)),
            (
                "status",
                models.CharField(
                    choices=[
                        ("opening", "opening"),
                        ("open", "open"),
                        ("signed", "signed"),
                        ("sealed", "sealed"),
                        ("cancelled", "cancelled"),
                    ],
                    default=passmuster.model.keeping.ReviewStatus["OPENING"],
                    max_length=16,
                ),
            ),
            ("due_on", models.DateField()),
            ("opened_at", models.DateTimeField()),
            ("scope", models.JSONField(default=dict)),
            ("signed_at", models.DateTimeField(blank=True, null=True)),
            ("sealed_at", models.DateTimeField(blank=True, null=True)),
            ("seal", models.JSONField(default=dict)),
            (
                "collection",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="reviews",
                    to="records.collection",
                ),
            ),
            (
                "evaluation",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="reviews",
                    to="records.evaluation",
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="records.platform"
                ),
            ),
            (
                "previous",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="followed_by",
                    to="records.review",
                ),
            ),
            ("cancelled_at", models.DateTimeField(blank=True, null=True)),
            ("changes", models.JSONField(default=dict)),
            ("shortfall", models.TextField(blank=True)),
        ],
        options={
            "indexes": [models.Index(fields=["status", "due_on"], name="review_due")],
            "constraints": [models.UniqueConstraint(fields=("platform", "occurrence"), name="review_opens_once")],
        },
    ),
    migrations.CreateModel(
        name="ReviewItem",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("control", "control"),
                        ("question", "question"),
                        ("evidence", "evidence"),
                        ("deviation", "deviation"),
                        ("patch", "patch"),
                    ],
                    max_length=16,
                ),
            ),
            ("key", models.CharField(max_length=300)),
            ("title", models.CharField(max_length=500)),
            ("detail", models.TextField(blank=True)),
            ("severity", models.CharField(blank=True, max_length=16)),
            ("outcome", models.CharField(blank=True, max_length=16)),
            (
                "status",
                models.CharField(
                    choices=[("open", "open"), ("done", "done"), ("not_applicable", "not applicable")],
                    default=passmuster.model.keeping.ItemStatus["OPEN"],
                    max_length=16,
                ),
            ),
            ("due_on", models.DateField(blank=True, null=True)),
            ("answer", models.TextField(blank=True)),
            ("seen", models.TextField(blank=True)),
            ("last_answer", models.TextField(blank=True)),
            ("done_at", models.DateTimeField(blank=True, null=True)),
            (
                "assignee",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="review_items",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "done_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "review",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="items", to="records.review"
                ),
            ),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("review", "kind", "key"), name="review_item_once")],
        },
    ),
    migrations.CreateModel(
        name="SignOff",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "role",
                models.CharField(
                    choices=[
                        ("sponsor", "sponsor"),
                        ("platform_owner", "platform owner"),
                        ("reviewer", "reviewer"),
                        ("remediation_owner", "remediation owner"),
                        ("approver", "approver"),
                        ("legal", "legal"),
                        ("auditor", "auditor"),
                        ("vendor_contact", "vendor contact"),
                        ("administrator", "administrator"),
                    ],
                    max_length=32,
                ),
            ),
            ("statement", models.TextField(blank=True)),
            ("at", models.DateTimeField()),
            (
                "person",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="sign_offs", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "review",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="sign_offs", to="records.review"
                ),
            ),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("review", "person"), name="signs_once")],
        },
    ),
]
_EVIDENCE = [
    migrations.CreateModel(
        name="Evidence",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("title", models.CharField(max_length=300)),
            ("kind", models.CharField(max_length=64)),
            ("file_name", models.CharField(max_length=200)),
            ("media_type", models.CharField(max_length=100)),
            ("sha256", models.CharField(db_index=True, max_length=64)),
            ("size_bytes", models.BigIntegerField()),
            ("period_from", models.DateField(blank=True, null=True)),
            ("period_to", models.DateField(blank=True, null=True)),
            ("expires_on", models.DateField(blank=True, null=True)),
            ("controls", models.JSONField(default=list)),
            ("uploaded_at", models.DateTimeField()),
            (
                "owner",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="evidence",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "superseded_by",
                models.OneToOneField(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="supersedes",
                    to="records.evidence",
                ),
            ),
            (
                "uploaded_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="uploads", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="evidence",
                    to="records.platform",
                ),
            ),
            (
                "vendor",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="evidence",
                    to="records.vendor",
                ),
            ),
            (
                "request",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="files",
                    to="records.vendorrequest",
                ),
            ),
            ("reviews", models.ManyToManyField(blank=True, related_name="evidence", to="records.review")),
        ],
        options={
            "indexes": [models.Index(fields=["expires_on"], name="evidence_expiry")],
        },
    ),
]
_ASKING = [
    migrations.CreateModel(
        name="VendorRequest",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("control", models.CharField(blank=True, max_length=100)),
            ("advisory", models.CharField(blank=True, max_length=100)),
            ("title", models.CharField(max_length=500)),
            ("detail", models.TextField(blank=True)),
            ("due_on", models.DateField(blank=True, null=True)),
            (
                "status",
                models.CharField(
                    choices=[
                        ("open", "open"),
                        ("answered", "answered"),
                        ("accepted", "accepted"),
                        ("withdrawn", "withdrawn"),
                    ],
                    default=passmuster.model.keeping.AskedStatus["OPEN"],
                    max_length=16,
                ),
            ),
            ("asked_at", models.DateTimeField()),
            ("answer", models.TextField(blank=True)),
            ("answered_at", models.DateTimeField(blank=True, null=True)),
            ("decision", models.TextField(blank=True)),
            ("decided_at", models.DateTimeField(blank=True, null=True)),
            (
                "answered_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "asked_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="vendor_requests",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "decided_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "item",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="requests",
                    to="records.reviewitem",
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="requests",
                    to="records.platform",
                ),
            ),
            (
                "vendor",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="requests", to="records.vendor"
                ),
            ),
        ],
        options={
            "indexes": [models.Index(fields=["status", "due_on"], name="vendor_request_due")],
        },
    ),
    migrations.CreateModel(
        name="Consultation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("because", models.CharField(max_length=500)),
            ("asked_at", models.DateTimeField()),
            ("opinion", models.TextField(blank=True)),
            ("given_at", models.DateTimeField(blank=True, null=True)),
            (
                "change",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="consultations",
                    to="records.change",
                ),
            ),
            (
                "deviation",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="consultations",
                    to="records.deviation",
                ),
            ),
            (
                "given_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="records.platform",
                ),
            ),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("deviation", None), ("change", None), _connector="XOR"),
                    name="consulted_about_one_thing",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("deviation", None), _negated=True), fields=("deviation",), name="consulted_once"
                ),
                models.UniqueConstraint(
                    condition=models.Q(("change", None), _negated=True),
                    fields=("change", "because"),
                    name="consulted_once_a_cause",
                ),
            ],
        },
    ),
]
_CHANGES = [
    migrations.CreateModel(
        name="Plan",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("problem", models.JSONField()),
            ("plan", models.JSONField()),
            ("revision", models.PositiveIntegerField(default=1)),
            ("adopted_at", models.DateTimeField(blank=True, null=True)),
            (
                "adopted_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="adopted_plans",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "previous",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="replans",
                    to="records.plan",
                ),
            ),
            ("made_at", models.DateTimeField()),
            (
                "made_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="proposed_plans",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("platforms", models.JSONField(default=list)),
            ("problems", models.JSONField(default=list)),
            ("triage", models.JSONField(default=dict)),
        ],
    ),
    migrations.CreateModel(
        name="TriagedAdvisory",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("advisory", models.CharField(max_length=200)),
            ("title", models.CharField(blank=True, max_length=500)),
            ("component", models.CharField(blank=True, max_length=300)),
            ("version", models.CharField(blank=True, max_length=200)),
            ("fixed", models.CharField(blank=True, max_length=300)),
            ("severity", models.CharField(blank=True, max_length=16)),
            ("severity_rank", models.PositiveSmallIntegerField()),
            ("is_exploited", models.BooleanField(default=False)),
            ("exposure", models.CharField(blank=True, max_length=64)),
            ("is_exposure_assumed", models.BooleanField(default=False)),
            ("outcome", models.CharField(max_length=64)),
            ("due_at", models.DateTimeField(blank=True, null=True)),
            ("due_order", models.DateTimeField()),
            ("who_patches", models.CharField(blank=True, max_length=32)),
            ("reason", models.TextField(blank=True)),
            (
                "environments",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=200), default=list, size=None
                ),
            ),
            ("sought", models.TextField(blank=True)),
            (
                "plan",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="triaged", to="records.plan"
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="triaged",
                    to="records.platform",
                ),
            ),
        ],
        options={
            "indexes": [
                models.Index(fields=["due_order", "severity_rank", "id"], name="triaged_soonest"),
                models.Index(fields=["platform", "due_order", "severity_rank", "id"], name="triaged_platform"),
                models.Index(
                    condition=models.Q(("is_exploited", True)),
                    fields=["due_order", "severity_rank", "id"],
                    name="triaged_exploited",
                ),
            ],
            "constraints": [models.UniqueConstraint(fields=("platform", "advisory", "component"), name="triaged_once")],
        },
    ),
    migrations.CreateModel(
        name="Change",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("job", models.CharField(max_length=300)),
            ("patch", models.CharField(max_length=300)),
            ("title", models.CharField(max_length=500)),
            ("advisories", models.JSONField(default=list)),
            ("severity", models.CharField(blank=True, max_length=16)),
            ("is_exploited", models.BooleanField(default=False)),
            ("needs_forensics", models.BooleanField(default=False)),
            ("by_vendor", models.BooleanField(default=False)),
            ("component", models.CharField(blank=True, max_length=300)),
            ("target_version", models.CharField(blank=True, max_length=100)),
            (
                "status",
                models.CharField(
                    choices=[
                        ("planned", "planned"),
                        ("approved", "approved"),
                        ("deployed", "deployed"),
                        ("verified", "verified"),
                        ("failed", "failed"),
                        ("rolled_back", "rolled back"),
                        ("regressed", "regressed"),
                        ("cancelled", "cancelled"),
                    ],
                    default=passmuster.model.keeping.ChangeStatus["PLANNED"],
                    max_length=16,
                ),
            ),
            ("window_start_at", models.DateTimeField(blank=True, null=True)),
            ("window_end_at", models.DateTimeField(blank=True, null=True)),
            ("due_at", models.DateTimeField(blank=True, null=True)),
            ("disclosed_at", models.DateTimeField(blank=True, null=True)),
            ("vendor_fixed_at", models.DateTimeField(blank=True, null=True)),
            ("learned_at", models.DateTimeField(blank=True, null=True)),
            ("available_at", models.DateTimeField(blank=True, null=True)),
            ("deployed_at", models.DateTimeField(blank=True, null=True)),
            ("verified_at", models.DateTimeField(blank=True, null=True)),
            ("verified_by", models.CharField(blank=True, max_length=32)),
            ("is_emergency", models.BooleanField(default=False)),
            ("emergency_reason", models.TextField(blank=True)),
            ("justified_at", models.DateTimeField(blank=True, null=True)),
            ("external_approval", models.CharField(blank=True, max_length=200)),
            ("created_at", models.DateTimeField()),
            (
                "owner",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="changes",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "environment",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="changes",
                    to="records.environment",
                ),
            ),
            (
                "plan",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="changes",
                    to="records.plan",
                ),
            ),
            (
                "platform",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="records.platform"
                ),
            ),
            ("action", models.CharField(default="patch", max_length=16)),
            ("after_job", models.CharField(blank=True, max_length=300)),
            ("attempt", models.PositiveIntegerField(default=1)),
            ("emergency_at", models.DateTimeField(blank=True, null=True)),
            (
                "emergency_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("justification", models.TextField(blank=True)),
            (
                "justified_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("justify_by_at", models.DateTimeField(blank=True, null=True)),
            ("outcome_note", models.TextField(blank=True)),
            (
                "requested_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("verified_note", models.TextField(blank=True)),
            ("attempt_at", models.DateTimeField(blank=True, null=True)),
            (
                "authors",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.BigIntegerField(), blank=True, default=list, size=None
                ),
            ),
            ("deployed_noted_at", models.DateTimeField(blank=True, null=True)),
            ("outside_window", models.CharField(blank=True, max_length=500)),
            ("verified_case", models.CharField(blank=True, max_length=200)),
            (
                "verified_evidence",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="verified_changes",
                    to="records.evidence",
                ),
            ),
            (
                "verified_person",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "indexes": [models.Index(fields=["status", "due_at"], name="change_due")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("status__in", ["cancelled"]), _negated=True),
                    fields=("platform", "job"),
                    name="one_open_change_a_job",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Gate",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("tested_in_staging", "tested in staging"),
                        ("soak_over", "soak over"),
                        ("backup_verified", "backup verified"),
                        ("rollback_plan", "rollback plan"),
                        ("users_told", "users told"),
                        ("migration_rehearsed", "migration rehearsed"),
                        ("forensic_triage", "forensic triage"),
                        ("approval", "approval"),
                        ("tested_in_preview", "tested in preview"),
                        ("apps_named", "apps named"),
                        ("configuration_exported", "configuration exported"),
                        ("deferral_known", "deferral known"),
                        ("case_open", "case open"),
                    ],
                    max_length=32,
                ),
            ),
            (
                "status",
                models.CharField(
                    choices=[("open", "open"), ("met", "met"), ("failed", "failed"), ("waived", "waived")],
                    default=passmuster.model.keeping.GateStatus["OPEN"],
                    max_length=16,
                ),
            ),
            ("requirement", models.JSONField(default=dict)),
            ("note", models.TextField(blank=True)),
            ("decided_at", models.DateTimeField(blank=True, null=True)),
            (
                "change",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="gates", to="records.change"
                ),
            ),
            (
                "decided_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "evidence",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="gates",
                    to="records.evidence",
                ),
            ),
            ("finding", models.CharField(blank=True, max_length=500)),
            ("stated", models.JSONField(default=dict)),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("change", "kind"), name="gate_once")],
        },
    ),
]
_MESSAGES = [
    migrations.CreateModel(
        name="Message",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=300)),
            ("kind", models.CharField(max_length=64)),
            ("text", models.CharField(max_length=1000)),
            ("link", models.CharField(blank=True, max_length=300)),
            ("due_at", models.DateTimeField(blank=True, null=True)),
            ("created_at", models.DateTimeField()),
            ("sent_at", models.DateTimeField(blank=True, null=True)),
            ("read_at", models.DateTimeField(blank=True, null=True)),
            ("channel", models.CharField(blank=True, max_length=32)),
            ("error", models.CharField(blank=True, max_length=300)),
            (
                "person",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="messages", to=settings.AUTH_USER_MODEL
                ),
            ),
        ],
        options={
            "indexes": [models.Index(fields=["person", "read_at", "-created_at"], name="message_inbox")],
            "constraints": [models.UniqueConstraint(fields=("person", "key"), name="told_once")],
        },
    ),
    migrations.CreateModel(
        name="Delivery",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=300, unique=True)),
            ("way", models.CharField(max_length=16)),
            ("is_digest", models.BooleanField(default=False)),
            ("more", models.PositiveIntegerField(default=0)),
            ("created_at", models.DateTimeField()),
            ("attempts", models.PositiveSmallIntegerField(default=0)),
            ("not_before", models.DateTimeField()),
            ("sent_at", models.DateTimeField(blank=True, null=True)),
            ("given_up_at", models.DateTimeField(blank=True, null=True)),
            ("error", models.CharField(blank=True, max_length=300)),
            (
                "person",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to=settings.AUTH_USER_MODEL
                ),
            ),
        ],
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(("given_up_at", None), ("sent_at", None)),
                    fields=["not_before"],
                    name="delivery_waiting",
                ),
                models.Index(fields=["person", "way", "-created_at"], name="delivery_of_person"),
            ],
        },
    ),
    migrations.CreateModel(
        name="DeliveryLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("way", models.CharField(max_length=16)),
            ("is_quoted", models.BooleanField(default=True)),
            (
                "delivery",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="records.delivery"
                ),
            ),
            (
                "message",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="records.message"
                ),
            ),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("message", "way"), name="goes_each_way_once")],
        },
    ),
]
_WORK = [
    migrations.CreateModel(
        name="Work",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("key", models.CharField(max_length=200, unique=True)),
            ("kind", models.CharField(max_length=64)),
            ("title", models.CharField(max_length=300)),
            (
                "state",
                models.CharField(
                    choices=[("waiting", "waiting"), ("running", "running"), ("done", "done"), ("failed", "failed")],
                    default=passmuster.model.keeping.WorkState["WAITING"],
                    max_length=16,
                ),
            ),
            ("progress", models.CharField(blank=True, max_length=300)),
            ("attempts", models.PositiveSmallIntegerField(default=0)),
            ("error", models.TextField(blank=True)),
            ("created_at", models.DateTimeField()),
            ("started_at", models.DateTimeField(blank=True, null=True)),
            ("ended_at", models.DateTimeField(blank=True, null=True)),
            (
                "platform",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="work",
                    to="records.platform",
                ),
            ),
            ("arguments", models.JSONField(default=dict)),
            ("job_id", models.BigIntegerField(blank=True, null=True)),
            ("not_before", models.DateTimeField(blank=True, null=True)),
            ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ("token", models.CharField(blank=True, max_length=32)),
            ("result", models.JSONField(default=dict)),
        ],
        options={
            "indexes": [
                models.Index(fields=["state", "-created_at"], name="work_now"),
                models.Index(fields=["kind", "state"], name="work_of_kind"),
            ],
        },
    ),
]
_CALLS = [
    migrations.CreateModel(
        name="AnsweredCall",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("asker", models.CharField(max_length=100)),
            ("key", models.CharField(max_length=255)),
            ("digest", models.CharField(max_length=64)),
            ("status", models.PositiveSmallIntegerField(default=0)),
            ("body", models.TextField(blank=True)),
            ("created_at", models.DateTimeField()),
        ],
        options={
            "indexes": [models.Index(fields=["created_at"], name="answered_since")],
            "constraints": [models.UniqueConstraint(fields=("asker", "key"), name="answered_once")],
        },
    ),
]
_RECORD = [
    migrations.CreateModel(
        name="AuditHead",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
            ("number", models.BigIntegerField(default=0)),
            ("digest", models.CharField(max_length=64)),
        ],
        options={
            "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_head")],
        },
    ),
    migrations.CreateModel(
        name="AuditEvent",
        fields=[
            ("number", models.BigIntegerField(primary_key=True, serialize=False)),
            ("at", models.DateTimeField()),
            ("actor", models.CharField(max_length=254)),
            ("by", models.CharField(max_length=32)),
            ("action", models.CharField(max_length=64)),
            ("subject_kind", models.CharField(max_length=32)),
            ("subject_id", models.CharField(max_length=200)),
            ("platform", models.CharField(blank=True, max_length=80)),
            ("before", models.JSONField(null=True)),
            ("after", models.JSONField(null=True)),
            ("why", models.TextField(blank=True)),
            ("previous_digest", models.CharField(max_length=64)),
            ("digest", models.CharField(max_length=64)),
        ],
        options={
            "indexes": [
                models.Index(fields=["subject_kind", "subject_id", "number"], name="audit_of_subject"),
                models.Index(fields=["platform", "number"], name="audit_of_platform"),
                models.Index(fields=["action", "number"], name="audit_of_action"),
                models.Index(fields=["actor", "number"], name="audit_of_actor"),
                models.Index(fields=["at", "number"], name="audit_by_time"),
            ],
        },
    ),
    migrations.CreateModel(
        name="Checkpoint",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.BigIntegerField(unique=True)),
            ("root", models.CharField(max_length=64)),
            ("head_digest", models.CharField(max_length=64)),
            ("envelope", models.JSONField()),
            ("created_at", models.DateTimeField()),
            ("exported_to", models.JSONField(default=list)),
        ],
    ),
]
_ALL = [
    *_PROGRAMME,
    *_PEOPLE,
    *_LOOKING,
    *_FINDINGS,
    *_COUNTS,
    *_REVIEWS,
    *_EVIDENCE,
    *_ASKING,
    *_CHANGES,
    *_MESSAGES,
    *_WORK,
    *_CALLS,
    *_RECORD,
]


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("records", "0001_initial"),
        ("records", "0004_reviews"),
        ("records", "0005_changes"),
        ("records", "0006_messages"),
        ("records", "0009_work"),
        ("records", "0010_forms"),
        ("records", "0012_answered_calls"),
        ("records", "0013_authors_of_changes"),
        ("records", "0015_control_due"),
        ("records", "0016_tickets"),
        ("records", "0017_record"),
        ("records", "0018_when_carried_out"),
    ]
    dependencies = [("records", "0001_people")]
    operations = [
        CreateModels(_ALL),
        # Room for a row's next state beside it: then the indexes of what did not change are not written.
        migrations.RunSQL(
            "ALTER TABLE records_finding SET (fillfactor = 90)", "ALTER TABLE records_finding RESET (fillfactor)"
        ),
    ]
