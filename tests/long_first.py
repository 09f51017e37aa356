"""Which files of tests take long, so that several processes begin with them and none waits for another at the end.

Where a whole file goes to one process (`--dist loadfile --no-loadscope-reorder`) the order of the files is that in
which processes take them. Left to itself the list begins with the files of many tests, and those of few but long ones,
the stories and the looking at every page, come last: one process tells them, the other is idle.
"""

from __future__ import annotations

# Longest first, a minute and more down to some ten seconds (`--durations` tells). Whatever is not named comes after.
LONGEST = (
    "browser/test_every_page",
    "stories/keeper/test_a_quarters_review",
    "stories/keeper/test_patches_that_go_wrong",
    "stories/keeper/test_an_exploited_vulnerability",
    "stories/keeper/test_an_exception",
    "application/test_reviewing",
    "stories/keeper/test_a_guest_who_tries_every_address",
    "worker/test_chaos",
    "packs/test_cases_bite",
    "stores/test_commands_with_a_bucket",
    "cli/test_db_commands",
    "cli/test_streams_and_signals",
    "cli/test_intel",
    "packs/test_scuba_partial_exports",
    "web/test_list_plans",
    "web/api/test_fuzz",
    "pipeline/test_moving",
    "web/test_access_walk",
    "pipeline/test_patching",
    "live/test_node_red_live",
    "web/test_single_sign_on",
    "application/test_run_base",
    "application/test_example",
    "browser/test_keeper_pages",
    "browser/test_report_page",
    "application/test_event_reviews",
    "application/test_looking",
    "application/test_bundling",
    "records/test_embedded",
    "web/test_sign_in_in_browser",
    "stories/test_wheel",
    "stories/test_odd_answers",
    "stores/test_files_in_a_bucket",
    "cli/test_people_command",
    "intel/test_store",
    "stories/test_collecting_keeps_no_secret",
    "worker/test_wiring",
    "records/test_migrations",
    "cli/test_plan_command",
    "cli/test_serve",
    "pipeline/test_kept_hits",
    "worker/test_working",
    "live/test_directus_live",
    "live/test_n8n_live",
)
_RANK = {f"tests/{name}.py": rank for rank, name in enumerate(LONGEST)}


def rank(nodeid: str) -> int:
    """How early a test is to be begun: lower is earlier."""
    return _RANK.get(nodeid.partition("::")[0], len(_RANK))
