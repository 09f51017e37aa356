-- Our tables as the seventeen steps before 0.1.0 left them, and which steps those were: what pg_dump 15 told of a
-- database of theirs, without what it says of other tables. A database that looks so must go on (test_migrations.py).
-- `IN` is as the steps wrote it: what pg_dump writes for it is kept in another form where it is read back.
CREATE FUNCTION public.passmuster_count_findings_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN INSERT INTO records_findingcount AS kept (platform_id, owner_id, control, severity_rank, status, n) SELECT platform_id, owner_id, control, severity_rank, status, sum(n) FROM (SELECT platform_id, owner_id, control, severity_rank, status, -1 * count(*) AS n FROM taken WHERE true GROUP BY platform_id, owner_id, control, severity_rank, status) AS moved GROUP BY platform_id, owner_id, control, severity_rank, status HAVING sum(n) <> 0 ORDER BY platform_id, owner_id, control, severity_rank, status ON CONFLICT (platform_id, owner_id, control, severity_rank, status) DO UPDATE SET n = kept.n + excluded.n; INSERT INTO records_findingduecount AS kept (platform_id, owner_id, severity_rank, status, due_on, n) SELECT platform_id, owner_id, severity_rank, status, due_on, sum(n) FROM (SELECT platform_id, owner_id, severity_rank, status, due_on, -1 * count(*) AS n FROM taken WHERE due_on IS NOT NULL GROUP BY platform_id, owner_id, severity_rank, status, due_on) AS moved GROUP BY platform_id, owner_id, severity_rank, status, due_on HAVING sum(n) <> 0 ORDER BY platform_id, owner_id, severity_rank, status, due_on ON CONFLICT (platform_id, owner_id, severity_rank, status, due_on) DO UPDATE SET n = kept.n + excluded.n; INSERT INTO records_findingtotal AS kept (platform_id, control, severity_rank, status, n) SELECT platform_id, control, severity_rank, status, sum(n) FROM (SELECT platform_id, control, severity_rank, status, -1 * count(*) AS n FROM taken WHERE true GROUP BY platform_id, control, severity_rank, status) AS moved GROUP BY platform_id, control, severity_rank, status HAVING sum(n) <> 0 ORDER BY platform_id, control, severity_rank, status ON CONFLICT (platform_id, control, severity_rank, status) DO UPDATE SET n = kept.n + excluded.n; INSERT INTO records_findingduetotal AS kept (status, due_on, platform_id, severity_rank, n) SELECT status, due_on, platform_id, severity_rank, sum(n) FROM (SELECT status, due_on, platform_id, severity_rank, -1 * count(*) AS n FROM taken WHERE due_on IS NOT NULL GROUP BY status, due_on, platform_id, severity_rank) AS moved GROUP BY status, due_on, platform_id, severity_rank HAVING sum(n) <> 0 ORDER BY status, due_on, platform_id, severity_rank ON CONFLICT (status, due_on, platform_id, severity_rank) DO UPDATE SET n = kept.n + excluded.n; RETURN NULL; END $$;
CREATE FUNCTION public.passmuster_count_findings_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN INSERT INTO records_findingcount AS kept (platform_id, owner_id, control, severity_rank, status, n) SELECT platform_id, owner_id, control, severity_rank, status, sum(n) FROM (SELECT platform_id, owner_id, control, severity_rank, status, 1 * count(*) AS n FROM brought WHERE true GROUP BY platform_id, owner_id, control, severity_rank, status) AS moved GROUP BY platform_id, owner_id, control, severity_rank, status HAVING sum(n) <> 0 ORDER BY platform_id, owner_id, control, severity_rank, status ON CONFLICT (platform_id, owner_id, control, severity_rank, status) DO UPDATE SET n = kept.n + excluded.n; INSERT INTO records_findingduecount AS kept (platform_id, owner_id, severity_rank, status, due_on, n) SELECT platform_id, owner_id, severity_rank, status, due_on, sum(n) FROM (SELECT platform_id, owner_id, severity_rank, status, due_on, 1 * count(*) AS n FROM brought WHERE due_on IS NOT NULL GROUP BY platform_id, owner_id, severity_rank, status, due_on) AS moved GROUP BY platform_id, owner_id, severity_rank, status, due_on HAVING sum(n) <> 0 ORDER BY platform_id, owner_id, severity_rank, status, due_on ON CONFLICT (platform_id, owner_id, severity_rank, status, due_on) DO UPDATE SET n = kept.n + excluded.n; INSERT INTO records_findingtotal AS kept (platform_id, control, severity_rank, status, n) SELECT platform_id, control, severity_rank, status, sum(n) FROM (SELECT platform_id, control, severity_rank, status, 1 * count(*) AS n FROM brought WHERE true GROUP BY platform_id, control, severity_rank, status) AS moved GROUP BY platform_id, control, severity_rank, status HAVING sum(n) <> 0 ORDER BY platform_id, control, severity_rank, status ON CONFLICT (platform_id, control, severity_rank, status) DO UPDATE SET n = kept.n + excluded.n; INSERT INTO records_findingduetotal AS kept (status, due_on, platform_id, severity_rank, n) SELECT status, due_on, platform_id, severity_rank, sum(n) FROM (SELECT status, due_on, platform_id, severity_rank, 1 * count(*) AS n FROM brought WHERE due_on IS NOT NULL GROUP BY status, due_on, platform_id, severity_rank) AS moved GROUP BY status, due_on, platform_id, severity_rank HAVING sum(n) <> 0 ORDER BY status, due_on, platform_id, severity_rank ON CONFLICT (status, due_on, platform_id, severity_rank) DO UPDATE SET n = kept.n + excluded.n; RETURN NULL; END $$;
CREATE FUNCTION public.passmuster_count_findings_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN INSERT INTO records_findingcount AS kept (platform_id, owner_id, control, severity_rank, status, n) SELECT platform_id, owner_id, control, severity_rank, status, sum(n) FROM (SELECT platform_id, owner_id, control, severity_rank, status, -1 * count(*) AS n FROM taken WHERE true GROUP BY platform_id, owner_id, control, severity_rank, status UNION ALL SELECT platform_id, owner_id, control, severity_rank, status, 1 * count(*) AS n FROM brought WHERE true GROUP BY platform_id, owner_id, control, severity_rank, status) AS moved GROUP BY platform_id, owner_id, control, severity_rank, status HAVING sum(n) <> 0 ORDER BY platform_id, owner_id, control, severity_rank, status ON CONFLICT (platform_id, owner_id, control, severity_rank, status) DO UPDATE SET n = kept.n + excluded.n; INSERT INTO records_findingduecount AS kept (platform_id, owner_id, severity_rank, status, due_on, n) SELECT platform_id, owner_id, severity_rank, status, due_on, sum(n) FROM (SELECT platform_id, owner_id, severity_rank, status, due_on, -1 * count(*) AS n FROM taken WHERE due_on IS NOT NULL GROUP BY platform_id, owner_id, severity_rank, status, due_on UNION ALL SELECT platform_id, owner_id, severity_rank, status, due_on, 1 * count(*) AS n FROM brought WHERE due_on IS NOT NULL GROUP BY platform_id, owner_id, severity_rank, status, due_on) AS moved GROUP BY platform_id, owner_id, severity_rank, status, due_on HAVING sum(n) <> 0 ORDER BY platform_id, owner_id, severity_rank, status, due_on ON CONFLICT (platform_id, owner_id, severity_rank, status, due_on) DO UPDATE SET n = kept.n + excluded.n; INSERT INTO records_findingtotal AS kept (platform_id, control, severity_rank, status, n) SELECT platform_id, control, severity_rank, status, sum(n) FROM (SELECT platform_id, control, severity_rank, status, -1 * count(*) AS n FROM taken WHERE true GROUP BY platform_id, control, severity_rank, status UNION ALL SELECT platform_id, control, severity_rank, status, 1 * count(*) AS n FROM brought WHERE true GROUP BY platform_id, control, severity_rank, status) AS moved GROUP BY platform_id, control, severity_rank, status HAVING sum(n) <> 0 ORDER BY platform_id, control, severity_rank, status ON CONFLICT (platform_id, control, severity_rank, status) DO UPDATE SET n = kept.n + excluded.n; INSERT INTO records_findingduetotal AS kept (status, due_on, platform_id, severity_rank, n) SELECT status, due_on, platform_id, severity_rank, sum(n) FROM (SELECT status, due_on, platform_id, severity_rank, -1 * count(*) AS n FROM taken WHERE due_on IS NOT NULL GROUP BY status, due_on, platform_id, severity_rank UNION ALL SELECT status, due_on, platform_id, severity_rank, 1 * count(*) AS n FROM brought WHERE due_on IS NOT NULL GROUP BY status, due_on, platform_id, severity_rank) AS moved GROUP BY status, due_on, platform_id, severity_rank HAVING sum(n) <> 0 ORDER BY status, due_on, platform_id, severity_rank ON CONFLICT (status, due_on, platform_id, severity_rank) DO UPDATE SET n = kept.n + excluded.n; RETURN NULL; END $$;
CREATE FUNCTION public.records_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: what is recorded stays', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TABLE public.passmuster_cache (
    cache_key character varying(255) NOT NULL,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE TABLE public.records_answeredcall (
    id bigint NOT NULL,
    asker character varying(100) NOT NULL,
    key character varying(255) NOT NULL,
    digest character varying(64) NOT NULL,
    status smallint NOT NULL,
    body text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT records_answeredcall_status_check CHECK ((status >= 0))
);
ALTER TABLE public.records_answeredcall ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_answeredcall_id_seq);
CREATE TABLE public.records_apitoken (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    prefix character varying(12) NOT NULL,
    digest character varying(64) NOT NULL,
    scopes jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    person_id bigint NOT NULL
);
ALTER TABLE public.records_apitoken ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_apitoken_id_seq);
CREATE TABLE public.records_auditevent (
    number bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor character varying(254) NOT NULL,
    by character varying(32) NOT NULL,
    action character varying(64) NOT NULL,
    subject_kind character varying(32) NOT NULL,
    subject_id character varying(200) NOT NULL,
    platform character varying(80) NOT NULL,
    before jsonb,
    after jsonb,
    why text NOT NULL,
    previous_digest character varying(64) NOT NULL,
    digest character varying(64) NOT NULL
);
CREATE TABLE public.records_audithead (
    id smallint NOT NULL,
    number bigint NOT NULL,
    digest character varying(64) NOT NULL,
    CONSTRAINT one_head CHECK ((id = 1)),
    CONSTRAINT records_audithead_id_check CHECK ((id >= 0))
);
CREATE TABLE public.records_change (
    id bigint NOT NULL,
    job character varying(300) NOT NULL,
    patch character varying(300) NOT NULL,
    title character varying(500) NOT NULL,
    advisories jsonb NOT NULL,
    severity character varying(16) NOT NULL,
    is_exploited boolean NOT NULL,
    needs_forensics boolean NOT NULL,
    by_vendor boolean NOT NULL,
    component character varying(300) NOT NULL,
    target_version character varying(100) NOT NULL,
    status character varying(16) NOT NULL,
    window_start_at timestamp with time zone,
    window_end_at timestamp with time zone,
    due_at timestamp with time zone,
    disclosed_at timestamp with time zone,
    vendor_fixed_at timestamp with time zone,
    learned_at timestamp with time zone,
    available_at timestamp with time zone,
    deployed_at timestamp with time zone,
    verified_at timestamp with time zone,
    verified_by character varying(32) NOT NULL,
    is_emergency boolean NOT NULL,
    emergency_reason text NOT NULL,
    justified_at timestamp with time zone,
    external_approval character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    owner_id bigint,
    environment_id bigint,
    plan_id bigint,
    platform_id bigint NOT NULL,
    action character varying(16) NOT NULL,
    after_job character varying(300) NOT NULL,
    attempt integer NOT NULL,
    emergency_at timestamp with time zone,
    emergency_by_id bigint,
    justification text NOT NULL,
    justified_by_id bigint,
    justify_by_at timestamp with time zone,
    outcome_note text NOT NULL,
    requested_by_id bigint,
    verified_note text NOT NULL,
    attempt_at timestamp with time zone,
    authors bigint[] NOT NULL,
    deployed_noted_at timestamp with time zone,
    outside_window character varying(500) NOT NULL,
    verified_case character varying(200) NOT NULL,
    verified_evidence_id bigint,
    verified_person_id bigint,
    CONSTRAINT records_change_attempt_check CHECK ((attempt >= 0))
);
ALTER TABLE public.records_change ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_change_id_seq);
CREATE TABLE public.records_checkpoint (
    id bigint NOT NULL,
    number bigint NOT NULL,
    root character varying(64) NOT NULL,
    head_digest character varying(64) NOT NULL,
    envelope jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    exported_to jsonb NOT NULL
);
ALTER TABLE public.records_checkpoint ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_checkpoint_id_seq);
CREATE TABLE public.records_collection (
    id bigint NOT NULL,
    state character varying(16) NOT NULL,
    because character varying(200) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    snapshot_id character varying(64) NOT NULL,
    snapshot_sha256 character varying(64) NOT NULL,
    store_key character varying(200) NOT NULL,
    tables_read smallint NOT NULL,
    tables_total smallint NOT NULL,
    error text NOT NULL,
    drift jsonb NOT NULL,
    platform_id bigint NOT NULL,
    drift_from_baseline jsonb NOT NULL,
    CONSTRAINT records_collection_tables_read_check CHECK ((tables_read >= 0)),
    CONSTRAINT records_collection_tables_total_check CHECK ((tables_total >= 0))
);
ALTER TABLE public.records_collection ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_collection_id_seq);
CREATE TABLE public.records_consultation (
    id bigint NOT NULL,
    because character varying(500) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    opinion text NOT NULL,
    given_at timestamp with time zone,
    change_id bigint,
    deviation_id bigint,
    given_by_id bigint,
    platform_id bigint,
    CONSTRAINT consulted_about_one_thing CHECK ((((deviation_id IS NULL) OR (change_id IS NULL)) AND (1 = (
CASE
    WHEN (deviation_id IS NULL) THEN 1
    ELSE 0
END +
CASE
    WHEN (change_id IS NULL) THEN 1
    ELSE 0
END))))
);
ALTER TABLE public.records_consultation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_consultation_id_seq);
CREATE TABLE public.records_delivery (
    id bigint NOT NULL,
    key character varying(300) NOT NULL,
    way character varying(16) NOT NULL,
    is_digest boolean NOT NULL,
    more integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    attempts smallint NOT NULL,
    not_before timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    given_up_at timestamp with time zone,
    error character varying(300) NOT NULL,
    person_id bigint NOT NULL,
    CONSTRAINT records_delivery_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT records_delivery_more_check CHECK ((more >= 0))
);
ALTER TABLE public.records_delivery ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_delivery_id_seq);
CREATE TABLE public.records_deliveryline (
    id bigint NOT NULL,
    way character varying(16) NOT NULL,
    is_quoted boolean NOT NULL,
    delivery_id bigint NOT NULL,
    message_id bigint NOT NULL
);
ALTER TABLE public.records_deliveryline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_deliveryline_id_seq);
CREATE TABLE public.records_deviation (
    id bigint NOT NULL,
    control character varying(64) NOT NULL,
    resource_id character varying(500) NOT NULL,
    rule jsonb NOT NULL,
    reason text NOT NULL,
    decision_reason text NOT NULL,
    status character varying(16) NOT NULL,
    compensating_control character varying(64) NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    ends_on date NOT NULL,
    first_granted_at timestamp with time zone,
    decided_by_id bigint,
    owner_id bigint NOT NULL,
    renews_id bigint,
    requested_by_id bigint NOT NULL,
    platform_id bigint
);
ALTER TABLE public.records_deviation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_deviation_id_seq);
CREATE TABLE public.records_deviationcheck (
    id bigint NOT NULL,
    is_held boolean NOT NULL,
    outcome character varying(16) NOT NULL,
    reason character varying(1000) NOT NULL,
    checked_at timestamp with time zone NOT NULL,
    deviation_id bigint NOT NULL,
    platform_id bigint NOT NULL
);
ALTER TABLE public.records_deviationcheck ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_deviationcheck_id_seq);
CREATE TABLE public.records_duty (
    id bigint NOT NULL,
    role character varying(32) NOT NULL,
    from_group character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    person_id bigint NOT NULL,
    platform_id bigint
);
ALTER TABLE public.records_duty ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_duty_id_seq);
CREATE TABLE public.records_environment (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    external_id character varying(200) NOT NULL,
    stage character varying(16) NOT NULL,
    region character varying(64) NOT NULL,
    time_zone character varying(64) NOT NULL,
    windows jsonb NOT NULL,
    freezes jsonb NOT NULL,
    platform_id bigint NOT NULL
);
ALTER TABLE public.records_environment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_environment_id_seq);
CREATE TABLE public.records_escalationstep (
    id bigint NOT NULL,
    after_hours integer NOT NULL,
    role character varying(32) NOT NULL,
    platform_id bigint,
    CONSTRAINT records_escalationstep_after_hours_check CHECK ((after_hours >= 0))
);
ALTER TABLE public.records_escalationstep ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_escalationstep_id_seq);
CREATE TABLE public.records_evaluation (
    id bigint NOT NULL,
    as_of timestamp with time zone NOT NULL,
    packs jsonb NOT NULL,
    results_sha256 character varying(64) NOT NULL,
    store_key character varying(200) NOT NULL,
    summary jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    collection_id bigint NOT NULL,
    followed_at timestamp with time zone
);
ALTER TABLE public.records_evaluation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_evaluation_id_seq);
CREATE TABLE public.records_evidence (
    id bigint NOT NULL,
    title character varying(300) NOT NULL,
    kind character varying(64) NOT NULL,
    file_name character varying(200) NOT NULL,
    media_type character varying(100) NOT NULL,
    sha256 character varying(64) NOT NULL,
    size_bytes bigint NOT NULL,
    period_from date,
    period_to date,
    expires_on date,
    controls jsonb NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    owner_id bigint,
    superseded_by_id bigint,
    uploaded_by_id bigint NOT NULL,
    platform_id bigint,
    vendor_id bigint,
    request_id bigint
);
ALTER TABLE public.records_evidence ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_evidence_id_seq);
CREATE TABLE public.records_evidence_reviews (
    id bigint NOT NULL,
    evidence_id bigint NOT NULL,
    review_id bigint NOT NULL
);
ALTER TABLE public.records_evidence_reviews ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_evidence_reviews_id_seq);
CREATE TABLE public.records_feedtoken (
    id bigint NOT NULL,
    digest character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    person_id bigint NOT NULL
);
ALTER TABLE public.records_feedtoken ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_feedtoken_id_seq);
CREATE TABLE public.records_finding (
    id bigint NOT NULL,
    fingerprint character varying(64) NOT NULL,
    pack character varying(64) NOT NULL,
    control character varying(64) NOT NULL,
    title character varying(500) NOT NULL,
    resource_id character varying(500) NOT NULL,
    resource_name character varying(500) NOT NULL,
    environment character varying(200) NOT NULL,
    detail text NOT NULL,
    severity character varying(16) NOT NULL,
    severity_rank smallint NOT NULL,
    status character varying(16) NOT NULL,
    due_on date,
    due_reason character varying(300) NOT NULL,
    priority smallint NOT NULL,
    priority_reason character varying(300) NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone,
    age_from timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_reason character varying(300) NOT NULL,
    reopened_count integer NOT NULL,
    deviation_id bigint,
    owner_id bigint,
    platform_id bigint NOT NULL,
    ticket_id bigint,
    environment_kind character varying(32) NOT NULL,
    excepted_from timestamp with time zone,
    is_owner_chosen boolean NOT NULL,
    CONSTRAINT records_finding_priority_check CHECK ((priority >= 0)),
    CONSTRAINT records_finding_reopened_count_check CHECK ((reopened_count >= 0)),
    CONSTRAINT records_finding_severity_rank_check CHECK ((severity_rank >= 0))
)
WITH (fillfactor='90');
ALTER TABLE public.records_finding ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_finding_id_seq);
CREATE TABLE public.records_findingcount (
    id bigint NOT NULL,
    platform_id bigint NOT NULL,
    owner_id bigint,
    control character varying(64) NOT NULL,
    severity_rank smallint NOT NULL,
    status character varying(16) NOT NULL,
    n bigint NOT NULL,
    CONSTRAINT records_findingcount_severity_rank_check CHECK ((severity_rank >= 0))
);
ALTER TABLE public.records_findingcount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_findingcount_id_seq);
CREATE TABLE public.records_findingduecount (
    id bigint NOT NULL,
    platform_id bigint NOT NULL,
    owner_id bigint,
    severity_rank smallint NOT NULL,
    status character varying(16) NOT NULL,
    due_on date NOT NULL,
    n bigint NOT NULL,
    CONSTRAINT records_findingduecount_severity_rank_check CHECK ((severity_rank >= 0))
);
ALTER TABLE public.records_findingduecount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_findingduecount_id_seq);
CREATE TABLE public.records_findingduetotal (
    id bigint NOT NULL,
    severity_rank smallint NOT NULL,
    status character varying(16) NOT NULL,
    due_on date NOT NULL,
    n bigint NOT NULL,
    platform_id bigint NOT NULL,
    CONSTRAINT records_findingduetotal_severity_rank_check CHECK ((severity_rank >= 0))
);
ALTER TABLE public.records_findingduetotal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_findingduetotal_id_seq);
CREATE TABLE public.records_findingstep (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    what character varying(32) NOT NULL,
    by character varying(254) NOT NULL,
    why character varying(1000) NOT NULL,
    finding_id bigint NOT NULL
);
ALTER TABLE public.records_findingstep ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_findingstep_id_seq);
CREATE TABLE public.records_findingtotal (
    id bigint NOT NULL,
    control character varying(64) NOT NULL,
    severity_rank smallint NOT NULL,
    status character varying(16) NOT NULL,
    n bigint NOT NULL,
    platform_id bigint NOT NULL,
    CONSTRAINT records_findingtotal_severity_rank_check CHECK ((severity_rank >= 0))
);
ALTER TABLE public.records_findingtotal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_findingtotal_id_seq);
CREATE TABLE public.records_followedcontrol (
    id bigint NOT NULL,
    pack character varying(64) NOT NULL,
    control character varying(64) NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    platform_id bigint NOT NULL
);
ALTER TABLE public.records_followedcontrol ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_followedcontrol_id_seq);
CREATE TABLE public.records_followedrun (
    id bigint NOT NULL,
    run_sha256 character varying(64) NOT NULL,
    open_findings bigint NOT NULL,
    basis character varying(64) NOT NULL,
    evaluation_id bigint NOT NULL,
    platform_id bigint NOT NULL
);
ALTER TABLE public.records_followedrun ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_followedrun_id_seq);
CREATE TABLE public.records_gate (
    id bigint NOT NULL,
    kind character varying(32) NOT NULL,
    status character varying(16) NOT NULL,
    requirement jsonb NOT NULL,
    note text NOT NULL,
    decided_at timestamp with time zone,
    change_id bigint NOT NULL,
    decided_by_id bigint,
    evidence_id bigint,
    finding character varying(500) NOT NULL,
    stated jsonb NOT NULL
);
ALTER TABLE public.records_gate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_gate_id_seq);
CREATE TABLE public.records_groupduty (
    id bigint NOT NULL,
    "group" character varying(200) NOT NULL,
    role character varying(32) NOT NULL,
    platform_id bigint
);
ALTER TABLE public.records_groupduty ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_groupduty_id_seq);
CREATE TABLE public.records_message (
    id bigint NOT NULL,
    key character varying(300) NOT NULL,
    kind character varying(64) NOT NULL,
    text character varying(1000) NOT NULL,
    link character varying(300) NOT NULL,
    due_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    read_at timestamp with time zone,
    channel character varying(32) NOT NULL,
    error character varying(300) NOT NULL,
    person_id bigint NOT NULL
);
ALTER TABLE public.records_message ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_message_id_seq);
CREATE TABLE public.records_ownership (
    id bigint NOT NULL,
    scope_kind character varying(32) NOT NULL,
    scope_id character varying(500) NOT NULL,
    deputy_id bigint,
    owner_id bigint NOT NULL,
    platform_id bigint NOT NULL
);
ALTER TABLE public.records_ownership ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_ownership_id_seq);
CREATE TABLE public.records_person (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    email character varying(254) NOT NULL,
    name character varying(200) NOT NULL,
    is_active boolean NOT NULL,
    time_zone character varying(64) NOT NULL,
    preferences jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    vendor_id bigint
);
ALTER TABLE public.records_person ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_person_id_seq);
CREATE TABLE public.records_plan (
    id bigint NOT NULL,
    problem jsonb NOT NULL,
    plan jsonb NOT NULL,
    revision integer NOT NULL,
    adopted_at timestamp with time zone,
    adopted_by_id bigint,
    previous_id bigint,
    made_at timestamp with time zone NOT NULL,
    made_by_id bigint,
    platforms jsonb NOT NULL,
    problems jsonb NOT NULL,
    triage jsonb NOT NULL,
    CONSTRAINT records_plan_revision_check CHECK ((revision >= 0))
);
ALTER TABLE public.records_plan ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_plan_id_seq);
CREATE TABLE public.records_platform (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    slug character varying(80) NOT NULL,
    kind character varying(64) NOT NULL,
    platform_id character varying(200) NOT NULL,
    url character varying(500) NOT NULL,
    export_path character varying(500) NOT NULL,
    declared_path character varying(500) NOT NULL,
    credentials jsonb NOT NULL,
    packs jsonb NOT NULL,
    tier character varying(16) NOT NULL,
    data_class character varying(16) NOT NULL,
    regulations jsonb NOT NULL,
    business_priority smallint NOT NULL,
    time_zone character varying(64) NOT NULL,
    cadence_rrule character varying(200) NOT NULL,
    collect_every_hours integer NOT NULL,
    next_collection_at timestamp with time zone,
    next_review_on date,
    is_active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    baseline_collection_id bigint,
    vendor_id bigint,
    CONSTRAINT records_platform_business_priority_check CHECK ((business_priority >= 0)),
    CONSTRAINT records_platform_collect_every_hours_check CHECK ((collect_every_hours >= 0))
);
ALTER TABLE public.records_platform ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_platform_id_seq);
CREATE TABLE public.records_review (
    id bigint NOT NULL,
    occurrence character varying(100) NOT NULL,
    because character varying(300) NOT NULL,
    status character varying(16) NOT NULL,
    due_on date NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    scope jsonb NOT NULL,
    signed_at timestamp with time zone,
    sealed_at timestamp with time zone,
    seal jsonb NOT NULL,
    collection_id bigint,
    evaluation_id bigint,
    platform_id bigint NOT NULL,
    previous_id bigint,
    cancelled_at timestamp with time zone,
    changes jsonb NOT NULL,
    shortfall text NOT NULL
);
ALTER TABLE public.records_review ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_review_id_seq);
CREATE TABLE public.records_reviewitem (
    id bigint NOT NULL,
    kind character varying(16) NOT NULL,
    key character varying(300) NOT NULL,
    title character varying(500) NOT NULL,
    detail text NOT NULL,
    severity character varying(16) NOT NULL,
    outcome character varying(16) NOT NULL,
    status character varying(16) NOT NULL,
    due_on date,
    answer text NOT NULL,
    seen text NOT NULL,
    last_answer text NOT NULL,
    done_at timestamp with time zone,
    assignee_id bigint,
    done_by_id bigint,
    review_id bigint NOT NULL
);
ALTER TABLE public.records_reviewitem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_reviewitem_id_seq);
CREATE TABLE public.records_signintally (
    id bigint NOT NULL,
    kind character varying(32) NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    count integer NOT NULL,
    networks jsonb NOT NULL,
    last_at timestamp with time zone NOT NULL,
    person_id bigint,
    CONSTRAINT records_signintally_count_check CHECK ((count >= 0))
);
ALTER TABLE public.records_signintally ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_signintally_id_seq);
CREATE TABLE public.records_signoff (
    id bigint NOT NULL,
    role character varying(32) NOT NULL,
    statement text NOT NULL,
    at timestamp with time zone NOT NULL,
    person_id bigint NOT NULL,
    review_id bigint NOT NULL
);
ALTER TABLE public.records_signoff ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_signoff_id_seq);
CREATE TABLE public.records_ticket (
    id bigint NOT NULL,
    control character varying(64) NOT NULL,
    environment character varying(200) NOT NULL,
    external_key character varying(200) NOT NULL,
    external_url character varying(500) NOT NULL,
    external_status character varying(100) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    owner_id bigint,
    platform_id bigint NOT NULL,
    sent_digest character varying(64) NOT NULL,
    sent_count integer NOT NULL,
    sent_at timestamp with time zone,
    failure character varying(200) NOT NULL,
    failing_since timestamp with time zone,
    failed_at timestamp with time zone,
    raised_by character varying(254) NOT NULL,
    CONSTRAINT records_ticket_sent_count_check CHECK ((sent_count >= 0))
);
ALTER TABLE public.records_ticket ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_ticket_id_seq);
CREATE TABLE public.records_ticketmessage (
    id bigint NOT NULL,
    message_id character varying(200) NOT NULL,
    at timestamp with time zone NOT NULL,
    ticket_id bigint NOT NULL
);
ALTER TABLE public.records_ticketmessage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_ticketmessage_id_seq);
CREATE TABLE public.records_tierproposal (
    id bigint NOT NULL,
    tier character varying(16) NOT NULL,
    reasons jsonb NOT NULL,
    proposed_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    is_accepted boolean,
    decided_by_id bigint,
    platform_id bigint NOT NULL
);
ALTER TABLE public.records_tierproposal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_tierproposal_id_seq);
CREATE TABLE public.records_triagedadvisory (
    id bigint NOT NULL,
    advisory character varying(200) NOT NULL,
    title character varying(500) NOT NULL,
    component character varying(300) NOT NULL,
    version character varying(200) NOT NULL,
    fixed character varying(300) NOT NULL,
    severity character varying(16) NOT NULL,
    severity_rank smallint NOT NULL,
    is_exploited boolean NOT NULL,
    exposure character varying(64) NOT NULL,
    is_exposure_assumed boolean NOT NULL,
    outcome character varying(64) NOT NULL,
    due_at timestamp with time zone,
    due_order timestamp with time zone NOT NULL,
    who_patches character varying(32) NOT NULL,
    reason text NOT NULL,
    environments character varying(200)[] NOT NULL,
    sought text NOT NULL,
    plan_id bigint NOT NULL,
    platform_id bigint NOT NULL,
    CONSTRAINT records_triagedadvisory_severity_rank_check CHECK ((severity_rank >= 0))
);
ALTER TABLE public.records_triagedadvisory ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_triagedadvisory_id_seq);
CREATE TABLE public.records_vendor (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    catalogue_id character varying(64) NOT NULL,
    notes text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
ALTER TABLE public.records_vendor ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_vendor_id_seq);
CREATE TABLE public.records_vendorrequest (
    id bigint NOT NULL,
    control character varying(100) NOT NULL,
    advisory character varying(100) NOT NULL,
    title character varying(500) NOT NULL,
    detail text NOT NULL,
    due_on date,
    status character varying(16) NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    answer text NOT NULL,
    answered_at timestamp with time zone,
    decision text NOT NULL,
    decided_at timestamp with time zone,
    answered_by_id bigint,
    asked_by_id bigint NOT NULL,
    decided_by_id bigint,
    item_id bigint,
    platform_id bigint,
    vendor_id bigint NOT NULL
);
ALTER TABLE public.records_vendorrequest ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_vendorrequest_id_seq);
CREATE TABLE public.records_work (
    id bigint NOT NULL,
    key character varying(200) NOT NULL,
    kind character varying(64) NOT NULL,
    title character varying(300) NOT NULL,
    state character varying(16) NOT NULL,
    progress character varying(300) NOT NULL,
    attempts smallint NOT NULL,
    error text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    platform_id bigint,
    arguments jsonb NOT NULL,
    job_id bigint,
    not_before timestamp with time zone,
    seen_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    token character varying(32) NOT NULL,
    result jsonb NOT NULL,
    CONSTRAINT records_work_attempts_check CHECK ((attempts >= 0))
);
ALTER TABLE public.records_work ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public.records_work_id_seq);
ALTER TABLE ONLY public.records_answeredcall ADD CONSTRAINT answered_once UNIQUE (asker, key);
ALTER TABLE ONLY public.records_duty ADD CONSTRAINT duty_once_a_platform UNIQUE NULLS NOT DISTINCT (person_id, role, platform_id);
ALTER TABLE ONLY public.records_environment ADD CONSTRAINT environment_once UNIQUE (platform_id, name);
ALTER TABLE ONLY public.records_findingcount ADD CONSTRAINT finding_count_once UNIQUE NULLS NOT DISTINCT (platform_id, owner_id, control, severity_rank, status);
ALTER TABLE ONLY public.records_findingduecount ADD CONSTRAINT finding_due_count_once UNIQUE NULLS NOT DISTINCT (platform_id, owner_id, severity_rank, status, due_on);
ALTER TABLE ONLY public.records_findingduetotal ADD CONSTRAINT finding_due_total_once UNIQUE (status, due_on, platform_id, severity_rank);
ALTER TABLE ONLY public.records_findingtotal ADD CONSTRAINT finding_total_once UNIQUE (platform_id, control, severity_rank, status);
ALTER TABLE ONLY public.records_followedcontrol ADD CONSTRAINT followed_control_once UNIQUE (platform_id, pack, control);
ALTER TABLE ONLY public.records_gate ADD CONSTRAINT gate_once UNIQUE (change_id, kind);
ALTER TABLE ONLY public.records_deliveryline ADD CONSTRAINT goes_each_way_once UNIQUE (message_id, way);
ALTER TABLE ONLY public.records_groupduty ADD CONSTRAINT group_duty_once UNIQUE NULLS NOT DISTINCT ("group", role, platform_id);
ALTER TABLE ONLY public.records_deviationcheck ADD CONSTRAINT one_check_a_platform UNIQUE (deviation_id, platform_id);
ALTER TABLE ONLY public.records_ownership ADD CONSTRAINT one_owner_a_thing UNIQUE (platform_id, scope_kind, scope_id);
ALTER TABLE ONLY public.records_signintally ADD CONSTRAINT one_tally_a_stretch UNIQUE NULLS NOT DISTINCT (person_id, kind, starts_at);
ALTER TABLE ONLY public.records_ticket ADD CONSTRAINT one_ticket UNIQUE NULLS NOT DISTINCT (platform_id, control, environment, owner_id);
ALTER TABLE ONLY public.passmuster_cache ADD CONSTRAINT passmuster_cache_pkey PRIMARY KEY (cache_key);
ALTER TABLE ONLY public.records_answeredcall ADD CONSTRAINT records_answeredcall_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_apitoken ADD CONSTRAINT records_apitoken_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.records_apitoken ADD CONSTRAINT records_apitoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_auditevent ADD CONSTRAINT records_auditevent_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.records_audithead ADD CONSTRAINT records_audithead_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_change ADD CONSTRAINT records_change_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_checkpoint ADD CONSTRAINT records_checkpoint_number_key UNIQUE (number);
ALTER TABLE ONLY public.records_checkpoint ADD CONSTRAINT records_checkpoint_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_collection ADD CONSTRAINT records_collection_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_consultation ADD CONSTRAINT records_consultation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_delivery ADD CONSTRAINT records_delivery_key_key UNIQUE (key);
ALTER TABLE ONLY public.records_delivery ADD CONSTRAINT records_delivery_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_deliveryline ADD CONSTRAINT records_deliveryline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_deviation ADD CONSTRAINT records_deviation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_deviationcheck ADD CONSTRAINT records_deviationcheck_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_duty ADD CONSTRAINT records_duty_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_environment ADD CONSTRAINT records_environment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_escalationstep ADD CONSTRAINT records_escalationstep_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_evaluation ADD CONSTRAINT records_evaluation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_evidence ADD CONSTRAINT records_evidence_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_evidence_reviews ADD CONSTRAINT records_evidence_reviews_evidence_id_review_id_1c4eaada_uniq UNIQUE (evidence_id, review_id);
ALTER TABLE ONLY public.records_evidence_reviews ADD CONSTRAINT records_evidence_reviews_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_evidence ADD CONSTRAINT records_evidence_superseded_by_id_key UNIQUE (superseded_by_id);
ALTER TABLE ONLY public.records_feedtoken ADD CONSTRAINT records_feedtoken_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.records_feedtoken ADD CONSTRAINT records_feedtoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_finding ADD CONSTRAINT records_finding_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_findingcount ADD CONSTRAINT records_findingcount_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_findingduecount ADD CONSTRAINT records_findingduecount_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_findingduetotal ADD CONSTRAINT records_findingduetotal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_findingstep ADD CONSTRAINT records_findingstep_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_findingtotal ADD CONSTRAINT records_findingtotal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_followedcontrol ADD CONSTRAINT records_followedcontrol_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_followedrun ADD CONSTRAINT records_followedrun_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_followedrun ADD CONSTRAINT records_followedrun_platform_id_key UNIQUE (platform_id);
ALTER TABLE ONLY public.records_gate ADD CONSTRAINT records_gate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_groupduty ADD CONSTRAINT records_groupduty_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_message ADD CONSTRAINT records_message_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_ownership ADD CONSTRAINT records_ownership_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_person ADD CONSTRAINT records_person_email_key UNIQUE (email);
ALTER TABLE ONLY public.records_person ADD CONSTRAINT records_person_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_plan ADD CONSTRAINT records_plan_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_platform ADD CONSTRAINT records_platform_name_key UNIQUE (name);
ALTER TABLE ONLY public.records_platform ADD CONSTRAINT records_platform_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_platform ADD CONSTRAINT records_platform_slug_key UNIQUE (slug);
ALTER TABLE ONLY public.records_review ADD CONSTRAINT records_review_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_reviewitem ADD CONSTRAINT records_reviewitem_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_signintally ADD CONSTRAINT records_signintally_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_signoff ADD CONSTRAINT records_signoff_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_ticket ADD CONSTRAINT records_ticket_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_ticketmessage ADD CONSTRAINT records_ticketmessage_message_id_key UNIQUE (message_id);
ALTER TABLE ONLY public.records_ticketmessage ADD CONSTRAINT records_ticketmessage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_tierproposal ADD CONSTRAINT records_tierproposal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_triagedadvisory ADD CONSTRAINT records_triagedadvisory_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_vendor ADD CONSTRAINT records_vendor_name_key UNIQUE (name);
ALTER TABLE ONLY public.records_vendor ADD CONSTRAINT records_vendor_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_vendorrequest ADD CONSTRAINT records_vendorrequest_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_work ADD CONSTRAINT records_work_key_key UNIQUE (key);
ALTER TABLE ONLY public.records_work ADD CONSTRAINT records_work_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.records_reviewitem ADD CONSTRAINT review_item_once UNIQUE (review_id, kind, key);
ALTER TABLE ONLY public.records_review ADD CONSTRAINT review_opens_once UNIQUE (platform_id, occurrence);
ALTER TABLE ONLY public.records_finding ADD CONSTRAINT same_finding_is_one UNIQUE (platform_id, fingerprint);
ALTER TABLE ONLY public.records_signoff ADD CONSTRAINT signs_once UNIQUE (review_id, person_id);
ALTER TABLE ONLY public.records_message ADD CONSTRAINT told_once UNIQUE (person_id, key);
ALTER TABLE ONLY public.records_triagedadvisory ADD CONSTRAINT triaged_once UNIQUE (platform_id, advisory, component);
CREATE INDEX answered_since ON public.records_answeredcall USING btree (created_at);
CREATE INDEX audit_by_time ON public.records_auditevent USING btree (at, number);
CREATE INDEX audit_of_action ON public.records_auditevent USING btree (action, number);
CREATE INDEX audit_of_actor ON public.records_auditevent USING btree (actor, number);
CREATE INDEX audit_of_platform ON public.records_auditevent USING btree (platform, number);
CREATE INDEX audit_of_subject ON public.records_auditevent USING btree (subject_kind, subject_id, number);
CREATE INDEX change_due ON public.records_change USING btree (status, due_at);
CREATE INDEX collection_newest ON public.records_collection USING btree (platform_id, started_at DESC);
CREATE UNIQUE INDEX consulted_once ON public.records_consultation USING btree (deviation_id) WHERE (NOT (deviation_id IS NULL));
CREATE UNIQUE INDEX consulted_once_a_cause ON public.records_consultation USING btree (change_id, because) WHERE (NOT (change_id IS NULL));
CREATE INDEX delivery_of_person ON public.records_delivery USING btree (person_id, way, created_at DESC);
CREATE INDEX delivery_waiting ON public.records_delivery USING btree (not_before) WHERE ((given_up_at IS NULL) AND (sent_at IS NULL));
CREATE INDEX evidence_expiry ON public.records_evidence USING btree (expires_on);
CREATE INDEX finding_control ON public.records_finding USING btree (control, status, severity_rank, id);
CREATE INDEX finding_control_due ON public.records_finding USING btree (control, due_on, id) WHERE ((due_on IS NOT NULL) AND (status IN ('open', 'in_progress')));
CREATE INDEX finding_count_owner ON public.records_findingcount USING btree (owner_id, status);
CREATE INDEX finding_deviation ON public.records_finding USING btree (deviation_id, status, severity_rank, id) WHERE (deviation_id IS NOT NULL);
CREATE INDEX finding_due ON public.records_finding USING btree (status, due_on, id);
CREATE INDEX finding_due_count_owner ON public.records_findingduecount USING btree (owner_id, status, due_on);
CREATE INDEX finding_environment ON public.records_finding USING btree (environment, status, severity_rank, id) WHERE (NOT ((environment)::text = ''::text));
CREATE INDEX finding_excepted ON public.records_finding USING btree (platform_id) WHERE (excepted_from IS NOT NULL);
CREATE INDEX finding_history ON public.records_findingstep USING btree (finding_id, id);
CREATE INDEX finding_nobodys ON public.records_finding USING btree (status, severity_rank, id) WHERE (owner_id IS NULL);
CREATE INDEX finding_owner ON public.records_finding USING btree (owner_id, status, severity_rank, id) WHERE (owner_id IS NOT NULL);
CREATE INDEX finding_owner_due ON public.records_finding USING btree (owner_id, due_on, id) WHERE ((due_on IS NOT NULL) AND (status IN ('open', 'in_progress')));
CREATE INDEX finding_platform ON public.records_finding USING btree (platform_id, status, severity_rank, id);
CREATE INDEX finding_platform_control ON public.records_finding USING btree (platform_id, control, status, severity_rank, id);
CREATE INDEX finding_platform_due ON public.records_finding USING btree (platform_id, due_on, id) WHERE ((due_on IS NOT NULL) AND (status IN ('open', 'in_progress')));
CREATE INDEX finding_ticket ON public.records_finding USING btree (ticket_id, status, severity_rank, id) WHERE (ticket_id IS NOT NULL);
CREATE INDEX finding_worst_first ON public.records_finding USING btree (status, severity_rank, id);
CREATE INDEX message_inbox ON public.records_message USING btree (person_id, read_at, created_at DESC);
CREATE UNIQUE INDEX one_open_change_a_job ON public.records_change USING btree (platform_id, job) WHERE (NOT ((status)::text = 'cancelled'::text));
CREATE UNIQUE INDEX one_open_tier_proposal ON public.records_tierproposal USING btree (platform_id) WHERE (decided_at IS NULL);
CREATE UNIQUE INDEX one_running_collection ON public.records_collection USING btree (platform_id) WHERE ((state)::text = 'running'::text);
CREATE INDEX passmuster_cache_expires ON public.passmuster_cache USING btree (expires);
CREATE INDEX records_apitoken_digest_f3ba7872_like ON public.records_apitoken USING btree (digest varchar_pattern_ops);
CREATE INDEX records_apitoken_person_id_673cfe93 ON public.records_apitoken USING btree (person_id);
CREATE INDEX records_change_emergency_by_id_76c80fa3 ON public.records_change USING btree (emergency_by_id);
CREATE INDEX records_change_environment_id_9fe87d2a ON public.records_change USING btree (environment_id);
CREATE INDEX records_change_justified_by_id_2d91ca07 ON public.records_change USING btree (justified_by_id);
CREATE INDEX records_change_owner_id_a27cbab9 ON public.records_change USING btree (owner_id);
CREATE INDEX records_change_plan_id_fbec660b ON public.records_change USING btree (plan_id);
CREATE INDEX records_change_platform_id_a9575e16 ON public.records_change USING btree (platform_id);
CREATE INDEX records_change_requested_by_id_e71a24bf ON public.records_change USING btree (requested_by_id);
CREATE INDEX records_change_verified_evidence_id_3bd4d3ba ON public.records_change USING btree (verified_evidence_id);
CREATE INDEX records_change_verified_person_id_c4d8dd4b ON public.records_change USING btree (verified_person_id);
CREATE INDEX records_collection_platform_id_63633f05 ON public.records_collection USING btree (platform_id);
CREATE INDEX records_consultation_change_id_9b85a55b ON public.records_consultation USING btree (change_id);
CREATE INDEX records_consultation_deviation_id_04f6d45e ON public.records_consultation USING btree (deviation_id);
CREATE INDEX records_consultation_given_by_id_b01a0ba2 ON public.records_consultation USING btree (given_by_id);
CREATE INDEX records_consultation_platform_id_0c31a928 ON public.records_consultation USING btree (platform_id);
CREATE INDEX records_delivery_key_4ac6b336_like ON public.records_delivery USING btree (key varchar_pattern_ops);
CREATE INDEX records_delivery_person_id_d786d784 ON public.records_delivery USING btree (person_id);
CREATE INDEX records_deliveryline_delivery_id_bd43c7b2 ON public.records_deliveryline USING btree (delivery_id);
CREATE INDEX records_deliveryline_message_id_3b1ec72c ON public.records_deliveryline USING btree (message_id);
CREATE INDEX records_deviation_decided_by_id_04a21890 ON public.records_deviation USING btree (decided_by_id);
CREATE INDEX records_deviation_owner_id_80a5186c ON public.records_deviation USING btree (owner_id);
CREATE INDEX records_deviation_platform_id_5d4bdc8f ON public.records_deviation USING btree (platform_id);
CREATE INDEX records_deviation_renews_id_a3a2b8ce ON public.records_deviation USING btree (renews_id);
CREATE INDEX records_deviation_requested_by_id_8a532a18 ON public.records_deviation USING btree (requested_by_id);
CREATE INDEX records_deviationcheck_deviation_id_7f154122 ON public.records_deviationcheck USING btree (deviation_id);
CREATE INDEX records_deviationcheck_platform_id_689392c7 ON public.records_deviationcheck USING btree (platform_id);
CREATE INDEX records_duty_person_id_587440b1 ON public.records_duty USING btree (person_id);
CREATE INDEX records_duty_platform_id_30e467b2 ON public.records_duty USING btree (platform_id);
CREATE INDEX records_environment_platform_id_808b2b3e ON public.records_environment USING btree (platform_id);
CREATE INDEX records_escalationstep_platform_id_88320c3e ON public.records_escalationstep USING btree (platform_id);
CREATE INDEX records_evaluation_collection_id_1cca2cea ON public.records_evaluation USING btree (collection_id);
CREATE INDEX records_evidence_owner_id_017b5635 ON public.records_evidence USING btree (owner_id);
CREATE INDEX records_evidence_platform_id_3282b4c3 ON public.records_evidence USING btree (platform_id);
CREATE INDEX records_evidence_request_id_13ff3140 ON public.records_evidence USING btree (request_id);
CREATE INDEX records_evidence_reviews_evidence_id_50239763 ON public.records_evidence_reviews USING btree (evidence_id);
CREATE INDEX records_evidence_reviews_review_id_e3cd586e ON public.records_evidence_reviews USING btree (review_id);
CREATE INDEX records_evidence_sha256_8a878db9 ON public.records_evidence USING btree (sha256);
CREATE INDEX records_evidence_sha256_8a878db9_like ON public.records_evidence USING btree (sha256 varchar_pattern_ops);
CREATE INDEX records_evidence_uploaded_by_id_54987faa ON public.records_evidence USING btree (uploaded_by_id);
CREATE INDEX records_evidence_vendor_id_4e0ce58a ON public.records_evidence USING btree (vendor_id);
CREATE INDEX records_feedtoken_digest_28ad977b_like ON public.records_feedtoken USING btree (digest varchar_pattern_ops);
CREATE INDEX records_feedtoken_person_id_884909d9 ON public.records_feedtoken USING btree (person_id);
CREATE INDEX records_findingcount_platform_id_9a270385 ON public.records_findingcount USING btree (platform_id);
CREATE INDEX records_findingduecount_platform_id_cfc8a568 ON public.records_findingduecount USING btree (platform_id);
CREATE INDEX records_findingstep_finding_id_ab66f2d3 ON public.records_findingstep USING btree (finding_id);
CREATE INDEX records_followedcontrol_platform_id_296a1a59 ON public.records_followedcontrol USING btree (platform_id);
CREATE INDEX records_followedrun_evaluation_id_e98bdcac ON public.records_followedrun USING btree (evaluation_id);
CREATE INDEX records_gate_change_id_c1cc8605 ON public.records_gate USING btree (change_id);
CREATE INDEX records_gate_decided_by_id_17935889 ON public.records_gate USING btree (decided_by_id);
CREATE INDEX records_gate_evidence_id_880e6367 ON public.records_gate USING btree (evidence_id);
CREATE INDEX records_groupduty_platform_id_4a6c60cd ON public.records_groupduty USING btree (platform_id);
CREATE INDEX records_message_person_id_99b33f50 ON public.records_message USING btree (person_id);
CREATE INDEX records_ownership_deputy_id_d31422af ON public.records_ownership USING btree (deputy_id);
CREATE INDEX records_ownership_owner_id_44b6c0cd ON public.records_ownership USING btree (owner_id);
CREATE INDEX records_ownership_platform_id_771a4b57 ON public.records_ownership USING btree (platform_id);
CREATE INDEX records_person_email_fabfff90_like ON public.records_person USING btree (email varchar_pattern_ops);
CREATE INDEX records_person_vendor_id_80186d6a ON public.records_person USING btree (vendor_id);
CREATE INDEX records_plan_adopted_by_id_e36b4873 ON public.records_plan USING btree (adopted_by_id);
CREATE INDEX records_plan_made_by_id_a0adacba ON public.records_plan USING btree (made_by_id);
CREATE INDEX records_plan_previous_id_a90172fd ON public.records_plan USING btree (previous_id);
CREATE INDEX records_platform_baseline_collection_id_813864d9 ON public.records_platform USING btree (baseline_collection_id);
CREATE INDEX records_platform_name_12895cb5_like ON public.records_platform USING btree (name varchar_pattern_ops);
CREATE INDEX records_platform_slug_637e2a62_like ON public.records_platform USING btree (slug varchar_pattern_ops);
CREATE INDEX records_platform_vendor_id_025e52d3 ON public.records_platform USING btree (vendor_id);
CREATE INDEX records_review_collection_id_ebd4e55f ON public.records_review USING btree (collection_id);
CREATE INDEX records_review_evaluation_id_7b804518 ON public.records_review USING btree (evaluation_id);
CREATE INDEX records_review_platform_id_d72f2ad2 ON public.records_review USING btree (platform_id);
CREATE INDEX records_review_previous_id_4a0fff9a ON public.records_review USING btree (previous_id);
CREATE INDEX records_reviewitem_assignee_id_bd5cc5f3 ON public.records_reviewitem USING btree (assignee_id);
CREATE INDEX records_reviewitem_done_by_id_29dbc33f ON public.records_reviewitem USING btree (done_by_id);
CREATE INDEX records_reviewitem_review_id_278ed761 ON public.records_reviewitem USING btree (review_id);
CREATE INDEX records_signintally_person_id_48bae313 ON public.records_signintally USING btree (person_id);
CREATE INDEX records_signoff_person_id_69cd1786 ON public.records_signoff USING btree (person_id);
CREATE INDEX records_signoff_review_id_3e9f7be6 ON public.records_signoff USING btree (review_id);
CREATE INDEX records_ticket_owner_id_2c1409d0 ON public.records_ticket USING btree (owner_id);
CREATE INDEX records_ticket_platform_id_0e96facd ON public.records_ticket USING btree (platform_id);
CREATE INDEX records_ticketmessage_message_id_e9df7ed4_like ON public.records_ticketmessage USING btree (message_id varchar_pattern_ops);
CREATE INDEX records_ticketmessage_ticket_id_584a6cf0 ON public.records_ticketmessage USING btree (ticket_id);
CREATE INDEX records_tierproposal_decided_by_id_f169fd64 ON public.records_tierproposal USING btree (decided_by_id);
CREATE INDEX records_tierproposal_platform_id_8f5e4fc1 ON public.records_tierproposal USING btree (platform_id);
CREATE INDEX records_triagedadvisory_plan_id_592b442f ON public.records_triagedadvisory USING btree (plan_id);
CREATE INDEX records_vendor_name_8e01b575_like ON public.records_vendor USING btree (name varchar_pattern_ops);
CREATE INDEX records_vendorrequest_answered_by_id_a126fc33 ON public.records_vendorrequest USING btree (answered_by_id);
CREATE INDEX records_vendorrequest_asked_by_id_05ccd268 ON public.records_vendorrequest USING btree (asked_by_id);
CREATE INDEX records_vendorrequest_decided_by_id_5e38ac70 ON public.records_vendorrequest USING btree (decided_by_id);
CREATE INDEX records_vendorrequest_item_id_d326b7e7 ON public.records_vendorrequest USING btree (item_id);
CREATE INDEX records_vendorrequest_platform_id_76ccd11f ON public.records_vendorrequest USING btree (platform_id);
CREATE INDEX records_vendorrequest_vendor_id_ca19de52 ON public.records_vendorrequest USING btree (vendor_id);
CREATE INDEX records_work_key_666826bd_like ON public.records_work USING btree (key varchar_pattern_ops);
CREATE INDEX records_work_platform_id_3aa74585 ON public.records_work USING btree (platform_id);
CREATE INDEX review_due ON public.records_review USING btree (status, due_on);
CREATE INDEX triaged_exploited ON public.records_triagedadvisory USING btree (due_order, severity_rank, id) WHERE is_exploited;
CREATE INDEX triaged_platform ON public.records_triagedadvisory USING btree (platform_id, due_order, severity_rank, id);
CREATE INDEX triaged_soonest ON public.records_triagedadvisory USING btree (due_order, severity_rank, id);
CREATE INDEX vendor_request_due ON public.records_vendorrequest USING btree (status, due_on);
CREATE INDEX work_now ON public.records_work USING btree (state, created_at DESC);
CREATE INDEX work_of_kind ON public.records_work USING btree (kind, state);
CREATE TRIGGER checkpoint_stays BEFORE DELETE OR UPDATE OF number, root, head_digest, envelope, created_at ON public.records_checkpoint FOR EACH ROW EXECUTE FUNCTION public.records_refuse_change();
CREATE TRIGGER count_findings_delete AFTER DELETE ON public.records_finding REFERENCING OLD TABLE AS taken FOR EACH STATEMENT EXECUTE FUNCTION public.passmuster_count_findings_delete();
CREATE TRIGGER count_findings_insert AFTER INSERT ON public.records_finding REFERENCING NEW TABLE AS brought FOR EACH STATEMENT EXECUTE FUNCTION public.passmuster_count_findings_insert();
CREATE TRIGGER count_findings_update AFTER UPDATE ON public.records_finding REFERENCING OLD TABLE AS taken NEW TABLE AS brought FOR EACH STATEMENT EXECUTE FUNCTION public.passmuster_count_findings_update();
CREATE TRIGGER event_stays BEFORE DELETE OR UPDATE ON public.records_auditevent FOR EACH ROW EXECUTE FUNCTION public.records_refuse_change();
CREATE TRIGGER events_stay BEFORE TRUNCATE ON public.records_auditevent FOR EACH STATEMENT EXECUTE FUNCTION public.records_refuse_change();
CREATE TRIGGER evidence_order_stays BEFORE UPDATE OF superseded_by_id ON public.records_evidence FOR EACH ROW WHEN ((old.superseded_by_id IS NOT NULL)) EXECUTE FUNCTION public.records_refuse_change();
CREATE TRIGGER evidence_stays BEFORE DELETE OR UPDATE OF title, kind, file_name, media_type, sha256, size_bytes, platform_id, vendor_id, request_id, period_from, period_to, expires_on, owner_id, uploaded_by_id, uploaded_at ON public.records_evidence FOR EACH ROW EXECUTE FUNCTION public.records_refuse_change();
CREATE TRIGGER head_stays BEFORE DELETE ON public.records_audithead FOR EACH ROW EXECUTE FUNCTION public.records_refuse_change();
ALTER TABLE ONLY public.records_apitoken ADD CONSTRAINT records_apitoken_person_id_673cfe93_fk_records_person_id FOREIGN KEY (person_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_change ADD CONSTRAINT records_change_emergency_by_id_76c80fa3_fk_records_person_id FOREIGN KEY (emergency_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_change ADD CONSTRAINT records_change_environment_id_9fe87d2a_fk_records_e FOREIGN KEY (environment_id) REFERENCES public.records_environment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_change ADD CONSTRAINT records_change_justified_by_id_2d91ca07_fk_records_person_id FOREIGN KEY (justified_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_change ADD CONSTRAINT records_change_owner_id_a27cbab9_fk_records_person_id FOREIGN KEY (owner_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_change ADD CONSTRAINT records_change_plan_id_fbec660b_fk_records_plan_id FOREIGN KEY (plan_id) REFERENCES public.records_plan(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_change ADD CONSTRAINT records_change_platform_id_a9575e16_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_change ADD CONSTRAINT records_change_requested_by_id_e71a24bf_fk_records_person_id FOREIGN KEY (requested_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_change ADD CONSTRAINT records_change_verified_evidence_id_3bd4d3ba_fk_records_e FOREIGN KEY (verified_evidence_id) REFERENCES public.records_evidence(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_change ADD CONSTRAINT records_change_verified_person_id_c4d8dd4b_fk_records_person_id FOREIGN KEY (verified_person_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_collection ADD CONSTRAINT records_collection_platform_id_63633f05_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_consultation ADD CONSTRAINT records_consultation_change_id_9b85a55b_fk_records_change_id FOREIGN KEY (change_id) REFERENCES public.records_change(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_consultation ADD CONSTRAINT records_consultation_deviation_id_04f6d45e_fk_records_d FOREIGN KEY (deviation_id) REFERENCES public.records_deviation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_consultation ADD CONSTRAINT records_consultation_given_by_id_b01a0ba2_fk_records_person_id FOREIGN KEY (given_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_consultation ADD CONSTRAINT records_consultation_platform_id_0c31a928_fk_records_p FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_delivery ADD CONSTRAINT records_delivery_person_id_d786d784_fk_records_person_id FOREIGN KEY (person_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_deliveryline ADD CONSTRAINT records_deliveryline_delivery_id_bd43c7b2_fk_records_d FOREIGN KEY (delivery_id) REFERENCES public.records_delivery(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_deliveryline ADD CONSTRAINT records_deliveryline_message_id_3b1ec72c_fk_records_message_id FOREIGN KEY (message_id) REFERENCES public.records_message(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_deviation ADD CONSTRAINT records_deviation_decided_by_id_04a21890_fk_records_person_id FOREIGN KEY (decided_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_deviation ADD CONSTRAINT records_deviation_owner_id_80a5186c_fk_records_person_id FOREIGN KEY (owner_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_deviation ADD CONSTRAINT records_deviation_platform_id_5d4bdc8f_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_deviation ADD CONSTRAINT records_deviation_renews_id_a3a2b8ce_fk_records_deviation_id FOREIGN KEY (renews_id) REFERENCES public.records_deviation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_deviation ADD CONSTRAINT records_deviation_requested_by_id_8a532a18_fk_records_person_id FOREIGN KEY (requested_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_deviationcheck ADD CONSTRAINT records_deviationche_deviation_id_7f154122_fk_records_d FOREIGN KEY (deviation_id) REFERENCES public.records_deviation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_deviationcheck ADD CONSTRAINT records_deviationche_platform_id_689392c7_fk_records_p FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_duty ADD CONSTRAINT records_duty_person_id_587440b1_fk_records_person_id FOREIGN KEY (person_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_duty ADD CONSTRAINT records_duty_platform_id_30e467b2_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_environment ADD CONSTRAINT records_environment_platform_id_808b2b3e_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_escalationstep ADD CONSTRAINT records_escalationst_platform_id_88320c3e_fk_records_p FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_evaluation ADD CONSTRAINT records_evaluation_collection_id_1cca2cea_fk_records_c FOREIGN KEY (collection_id) REFERENCES public.records_collection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_evidence ADD CONSTRAINT records_evidence_owner_id_017b5635_fk_records_person_id FOREIGN KEY (owner_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_evidence ADD CONSTRAINT records_evidence_platform_id_3282b4c3_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_evidence ADD CONSTRAINT records_evidence_request_id_13ff3140_fk_records_v FOREIGN KEY (request_id) REFERENCES public.records_vendorrequest(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_evidence_reviews ADD CONSTRAINT records_evidence_rev_evidence_id_50239763_fk_records_e FOREIGN KEY (evidence_id) REFERENCES public.records_evidence(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_evidence_reviews ADD CONSTRAINT records_evidence_rev_review_id_e3cd586e_fk_records_r FOREIGN KEY (review_id) REFERENCES public.records_review(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_evidence ADD CONSTRAINT records_evidence_superseded_by_id_abf0500f_fk_records_e FOREIGN KEY (superseded_by_id) REFERENCES public.records_evidence(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_evidence ADD CONSTRAINT records_evidence_uploaded_by_id_54987faa_fk_records_person_id FOREIGN KEY (uploaded_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_evidence ADD CONSTRAINT records_evidence_vendor_id_4e0ce58a_fk_records_vendor_id FOREIGN KEY (vendor_id) REFERENCES public.records_vendor(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_feedtoken ADD CONSTRAINT records_feedtoken_person_id_884909d9_fk_records_person_id FOREIGN KEY (person_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_finding ADD CONSTRAINT records_finding_deviation_id_5b680735_fk_records_deviation_id FOREIGN KEY (deviation_id) REFERENCES public.records_deviation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_finding ADD CONSTRAINT records_finding_owner_id_4ffac506_fk_records_person_id FOREIGN KEY (owner_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_finding ADD CONSTRAINT records_finding_platform_id_f1f02d40_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_finding ADD CONSTRAINT records_finding_ticket_id_14bcb454_fk_records_ticket_id FOREIGN KEY (ticket_id) REFERENCES public.records_ticket(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_findingstep ADD CONSTRAINT records_findingstep_finding_id_ab66f2d3_fk_records_finding_id FOREIGN KEY (finding_id) REFERENCES public.records_finding(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_followedcontrol ADD CONSTRAINT records_followedcont_platform_id_296a1a59_fk_records_p FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_followedrun ADD CONSTRAINT records_followedrun_evaluation_id_e98bdcac_fk_records_e FOREIGN KEY (evaluation_id) REFERENCES public.records_evaluation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_followedrun ADD CONSTRAINT records_followedrun_platform_id_d33c443a_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_gate ADD CONSTRAINT records_gate_change_id_c1cc8605_fk_records_change_id FOREIGN KEY (change_id) REFERENCES public.records_change(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_gate ADD CONSTRAINT records_gate_decided_by_id_17935889_fk_records_person_id FOREIGN KEY (decided_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_gate ADD CONSTRAINT records_gate_evidence_id_880e6367_fk_records_evidence_id FOREIGN KEY (evidence_id) REFERENCES public.records_evidence(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_groupduty ADD CONSTRAINT records_groupduty_platform_id_4a6c60cd_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_message ADD CONSTRAINT records_message_person_id_99b33f50_fk_records_person_id FOREIGN KEY (person_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_ownership ADD CONSTRAINT records_ownership_deputy_id_d31422af_fk_records_person_id FOREIGN KEY (deputy_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_ownership ADD CONSTRAINT records_ownership_owner_id_44b6c0cd_fk_records_person_id FOREIGN KEY (owner_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_ownership ADD CONSTRAINT records_ownership_platform_id_771a4b57_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_person ADD CONSTRAINT records_person_vendor_id_80186d6a_fk_records_vendor_id FOREIGN KEY (vendor_id) REFERENCES public.records_vendor(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_plan ADD CONSTRAINT records_plan_adopted_by_id_e36b4873_fk_records_person_id FOREIGN KEY (adopted_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_plan ADD CONSTRAINT records_plan_made_by_id_a0adacba_fk_records_person_id FOREIGN KEY (made_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_plan ADD CONSTRAINT records_plan_previous_id_a90172fd_fk_records_plan_id FOREIGN KEY (previous_id) REFERENCES public.records_plan(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_platform ADD CONSTRAINT records_platform_baseline_collection__813864d9_fk_records_c FOREIGN KEY (baseline_collection_id) REFERENCES public.records_collection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_platform ADD CONSTRAINT records_platform_vendor_id_025e52d3_fk_records_vendor_id FOREIGN KEY (vendor_id) REFERENCES public.records_vendor(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_review ADD CONSTRAINT records_review_collection_id_ebd4e55f_fk_records_collection_id FOREIGN KEY (collection_id) REFERENCES public.records_collection(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_review ADD CONSTRAINT records_review_evaluation_id_7b804518_fk_records_evaluation_id FOREIGN KEY (evaluation_id) REFERENCES public.records_evaluation(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_review ADD CONSTRAINT records_review_platform_id_d72f2ad2_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_review ADD CONSTRAINT records_review_previous_id_4a0fff9a_fk_records_review_id FOREIGN KEY (previous_id) REFERENCES public.records_review(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_reviewitem ADD CONSTRAINT records_reviewitem_assignee_id_bd5cc5f3_fk_records_person_id FOREIGN KEY (assignee_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_reviewitem ADD CONSTRAINT records_reviewitem_done_by_id_29dbc33f_fk_records_person_id FOREIGN KEY (done_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_reviewitem ADD CONSTRAINT records_reviewitem_review_id_278ed761_fk_records_review_id FOREIGN KEY (review_id) REFERENCES public.records_review(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_signintally ADD CONSTRAINT records_signintally_person_id_48bae313_fk_records_person_id FOREIGN KEY (person_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_signoff ADD CONSTRAINT records_signoff_person_id_69cd1786_fk_records_person_id FOREIGN KEY (person_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_signoff ADD CONSTRAINT records_signoff_review_id_3e9f7be6_fk_records_review_id FOREIGN KEY (review_id) REFERENCES public.records_review(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_ticket ADD CONSTRAINT records_ticket_owner_id_2c1409d0_fk_records_person_id FOREIGN KEY (owner_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_ticket ADD CONSTRAINT records_ticket_platform_id_0e96facd_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_ticketmessage ADD CONSTRAINT records_ticketmessage_ticket_id_584a6cf0_fk_records_ticket_id FOREIGN KEY (ticket_id) REFERENCES public.records_ticket(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_tierproposal ADD CONSTRAINT records_tierproposal_decided_by_id_f169fd64_fk_records_p FOREIGN KEY (decided_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_tierproposal ADD CONSTRAINT records_tierproposal_platform_id_8f5e4fc1_fk_records_p FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_triagedadvisory ADD CONSTRAINT records_triagedadvis_platform_id_2fc1be50_fk_records_p FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_triagedadvisory ADD CONSTRAINT records_triagedadvisory_plan_id_592b442f_fk_records_plan_id FOREIGN KEY (plan_id) REFERENCES public.records_plan(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_vendorrequest ADD CONSTRAINT records_vendorreques_answered_by_id_a126fc33_fk_records_p FOREIGN KEY (answered_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_vendorrequest ADD CONSTRAINT records_vendorreques_decided_by_id_5e38ac70_fk_records_p FOREIGN KEY (decided_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_vendorrequest ADD CONSTRAINT records_vendorreques_platform_id_76ccd11f_fk_records_p FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_vendorrequest ADD CONSTRAINT records_vendorrequest_asked_by_id_05ccd268_fk_records_person_id FOREIGN KEY (asked_by_id) REFERENCES public.records_person(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_vendorrequest ADD CONSTRAINT records_vendorrequest_item_id_d326b7e7_fk_records_reviewitem_id FOREIGN KEY (item_id) REFERENCES public.records_reviewitem(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_vendorrequest ADD CONSTRAINT records_vendorrequest_vendor_id_ca19de52_fk_records_vendor_id FOREIGN KEY (vendor_id) REFERENCES public.records_vendor(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.records_work ADD CONSTRAINT records_work_platform_id_3aa74585_fk_records_platform_id FOREIGN KEY (platform_id) REFERENCES public.records_platform(id) DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE public.django_migrations (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
INSERT INTO public.django_migrations (app, name, applied) VALUES
    ('records', '0001_initial', now()),
    ('records', '0002_evidence_record', now()),
    ('records', '0003_people', now()),
    ('records', '0004_reviews', now()),
    ('records', '0005_changes', now()),
    ('records', '0006_messages', now()),
    ('records', '0007_counts', now()),
    ('records', '0009_work', now()),
    ('records', '0010_forms', now()),
    ('records', '0011_many_findings', now()),
    ('records', '0012_answered_calls', now()),
    ('records', '0013_authors_of_changes', now()),
    ('records', '0014_kept_whole', now()),
    ('records', '0015_control_due', now()),
    ('records', '0016_tickets', now()),
    ('records', '0017_record', now()),
    ('records', '0018_when_carried_out', now());
