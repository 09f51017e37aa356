"""All mandatory tests, in the order of the standard (section 6.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from passmuster.intel.feeds.csaf import checks_2_1 as more
from passmuster.intel.feeds.csaf import checks_dates as dates
from passmuster.intel.feeds.csaf import checks_extensions as extensions
from passmuster.intel.feeds.csaf import checks_involvement as involvement
from passmuster.intel.feeds.csaf import checks_license as license_
from passmuster.intel.feeds.csaf import checks_products as products
from passmuster.intel.feeds.csaf import checks_profiles as profiles
from passmuster.intel.feeds.csaf import checks_profiles_2_1 as profiles_2_1
from passmuster.intel.feeds.csaf import checks_scores as scores
from passmuster.intel.feeds.csaf import checks_sharing as sharing
from passmuster.intel.feeds.csaf import checks_ssvc as ssvc
from passmuster.intel.feeds.csaf import checks_tracking as tracking
from passmuster.intel.feeds.csaf import checks_vulnerabilities as vulnerabilities
from passmuster.intel.feeds.csaf.walk import Complaint, Csaf

Check = Callable[[Csaf], Iterator[Complaint]]

CHECKS: dict[str, Check] = {
    "6.1.1": products.undefined_products,
    "6.1.2": products.products_defined_twice,
    "6.1.3": products.circular_products,
    "6.1.4": products.undefined_groups,
    "6.1.5": products.groups_defined_twice,
    "6.1.6": vulnerabilities.contradicting_statuses,
    "6.1.7": scores.repeated_scores,
    "6.1.8": scores.invalid_scores,
    "6.1.9": scores.wrong_computations,
    "6.1.10": scores.inconsistent_metrics,
    "6.1.11": vulnerabilities.wrong_weaknesses,
    "6.1.12": profiles.unknown_languages,
    "6.1.13": products.invalid_purls,
    "6.1.14": tracking.unsorted_history,
    "6.1.15": profiles.translator_without_source,
    "6.1.16": tracking.stale_version,
    "6.1.17": tracking.draft_status,
    "6.1.18": tracking.released_history,
    "6.1.19": tracking.prerelease_history,
    "6.1.20": tracking.prerelease_version,
    "6.1.21": tracking.missing_revisions,
    "6.1.22": tracking.repeated_revisions,
    "6.1.23": vulnerabilities.repeated_cves,
    "6.1.24": vulnerabilities.repeated_involvements,
    "6.1.25": products.repeated_hash_algorithms,
    "6.1.26": profiles.prohibited_category,
    "6.1.27": profiles.profile_rules,
    "6.1.28": profiles.same_languages,
    "6.1.29": vulnerabilities.homeless_remediations,
    "6.1.30": tracking.mixed_numbering,
    "6.1.31": products.ranges_as_versions,
    "6.1.32": vulnerabilities.homeless_flags,
    "6.1.33": vulnerabilities.several_flags,
}
"""The tests of 2.0, by their number there; 2.1 keeps them all."""

CHECKS_2_1: dict[str, Check] = {
    "6.1.8": more.unknown_score_keys,
    "6.1.11": more.wrong_weaknesses_at_version,
    "6.1.13": more.odd_purls,
    "6.1.24, 6.1.64.2": involvement.repeated_actions,
    "6.1.27": profiles_2_1.profile_rules_2_1,
    "6.1.34": products.deep_branches,
    "6.1.35": more.contradicting_remediations,
    "6.1.36": more.unfitting_remediations,
    "6.1.37": dates.odd_times,
    "6.1.38, 6.1.39, 6.1.40, 6.1.41": sharing.sharing_group,
    "6.1.42": products.purl_families,
    "6.1.43, 6.1.44, 6.1.61": products.stars,
    "6.1.45, 6.1.49, 6.1.51, 6.1.52, 6.1.62": dates.later_than_document,
    "6.1.46": ssvc.odd_selections,
    "6.1.47": ssvc.strange_targets,
    "6.1.48": ssvc.unknown_points,
    "6.1.50, 6.1.59": more.odd_ranges,
    "6.1.53": dates.exploited_after_record,
    "6.1.54": license_.odd_license,
    "6.1.55": license_.missing_license_text,
    "6.1.56": more.doubled_ratings,
    "6.1.57": more.stacked_branches,
    "6.1.58": more.mixed_versions,
    "6.1.60.1, 6.1.60.2": extensions.odd_extensions,
    "6.1.60.3": extensions.unfitting_extensions,
    "6.1.62": dates.discovered_after_disclosure,
    "6.1.63": more.wrong_hash_lengths,
    "6.1.64.1, 6.1.64.3, 6.1.64.4": involvement.recipients,
    "6.1.64.5, 6.1.64.7, 6.1.64.9, 6.1.65.1": involvement.undefined_names,
    "6.1.64.6, 6.1.64.8, 6.1.64.10, 6.1.65.2": involvement.names_defined_twice,
    "6.1.64.11": involvement.circular_actions,
    "6.1.64.12, 6.1.64.13": involvement.unasked_answers,
    "6.1.66": dates.wrong_first_release,
}
"""What 2.1 adds or makes stricter."""


def complaints_of_tests(csaf: Csaf) -> list[tuple[str, Complaint]]:
    """Everything the mandatory tests find, with the test's number."""
    checks = [*CHECKS.items(), *(CHECKS_2_1.items() if csaf.version == "2.1" else ())]
    return [(number, complaint) for number, check in checks for complaint in check(csaf)]
