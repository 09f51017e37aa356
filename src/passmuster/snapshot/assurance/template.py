"""The file a vendor's assurance begins with: every sort of document named, nothing claimed. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_BEFORE = """\
# What {vendor} gave us about its own security. One file a vendor; hand the folder over with --registers.
# What is left blank is not known. An empty list, [], says that there is known to be none.
# `passmuster assurance check` shows the gaps.
schema: passmuster/assurance@1
vendor: {vendor_text}
tier: high              # how much rests on this vendor: low, medium, high, critical
contact:
  security:             # where the vendor is told of an incident
  tested_on:            # when somebody last tried it
platforms:              # ours that rest on this vendor, by the id in the snapshot's manifest
"""
_PLATFORM = """\
  - id: {id}
    services: {services}   # the vendor's names of the services we use; a report's scope is held against them
    regions: {regions}      # where our data lies; left blank, regions are not asked
"""
_DOCUMENTS = """\
documents:
  # status: pending (nobody has asked), requested, received, refused. Only what was received counts.
  - id: soc2
    kind: soc2          # soc1 and soc3 are written the same way
    status: pending
    type:               # 1: how controls are designed; 2: that they worked over a period
    issuer:
    period: {from: , to: }
    issued_on:
    opinion:            # unqualified, qualified, adverse, disclaimer
    scope: {services: , regions: }   # lists of names, or: all
    exceptions:         # [] for none, or - {id: CC6.1, text: ..., answer: what it means for us}
    user_controls:      # what the report leaves to us: - {id: CUEC-1, text: ..., answer: how we do it}
    read_by:
    read_on:
    sha256:             # of the file, as evidence
  - id: soc2-bridge
    kind: bridge_letter
    status: pending
    of: soc2
    period: {from: , to: }
    issued_on:
  - id: iso27001
    kind: certificate
    standard: ISO/IEC 27001   # 27017 and 27018 are documents of their own
    status: pending
    issuer:
    issued_on:
    expires_on:
    scope: {services: , regions: }   # as the statement of applicability says
    exceptions:         # nonconformities, and controls the statement of applicability leaves out
    read_by:
    read_on:
  - id: csa-star
    kind: attestation
    standard: CSA STAR  # or FedRAMP, C5, ISMAP, IRAP, PCI DSS, ...
    by: vendor          # auditor, or vendor where it is the vendor's own word
    status: pending
    expires_on:
    scope: {services: , regions: }
    exceptions:
    user_controls:
    read_on:
  - id: penetration-test
    kind: penetration_test
    status: pending
    issuer:
    dated_on:           # the day the test ended
    scope: {services: , regions: }
    open_findings:      # how many the vendor has not mended
    read_on:
  - id: subprocessors
    kind: subprocessors
    status: pending
    dated_on:           # when we last looked at the list
    subprocessors:      # - {name: ..., service: ..., country: ..., since_on: }
    changes:            # [] for none, or - {id: ..., text: ..., effective_on: , answer: ...}
  - id: bill-of-materials
    kind: bill_of_materials
    status: pending
    dated_on:
  - id: responsibilities
    kind: responsibility_split
    status: pending
    dated_on:           # when both sides last agreed on it
  - id: incident-exercise
    kind: incident_exercise
    status: pending
    dated_on:
  - id: contract
    kind: contract
    status: pending
    issued_on:
    expires_on:         # 9999-12-31 where it runs on until somebody ends it
    terms:              # a number in the unit of the name, or true; false where the contract is known to lack it
      incident_notice_hours:
      critical_fix_days:
      evidence_access:
      audit_right:
      subprocessor_notice_days:
      processing_agreement:
      data_return:
      data_deletion_days:
      exit_support:
      availability_percent:
"""


def template_of(vendor: str, platform_id: str, services: Sequence[str], regions: Sequence[str] = ()) -> str:
    """The YAML text of a vendor's file in which every document is pending."""
    head = _BEFORE.format(vendor=" ".join(vendor.split()), vendor_text=_quoted(vendor))
    platform = _PLATFORM.format(
        id=_quoted(platform_id), services=_list(services), regions=_list(regions) if regions else ""
    )
    return head + platform + _DOCUMENTS


def file_name_of(vendor: str) -> str:
    """A file name made of the vendor's name, in letters and digits that every file system takes."""
    return (re.sub(r"[^a-z0-9]+", "-", vendor.lower()).strip("-")[:60] or "vendor") + ".yaml"


def _quoted(text: str) -> str:
    # JSON's strings are YAML's double-quoted ones.
    return json.dumps(text)


def _list(texts: Sequence[str]) -> str:
    return "[" + ", ".join(map(_quoted, texts)) + "]"
