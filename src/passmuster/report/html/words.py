"""Words of the model as people read them."""

from __future__ import annotations

OUTCOMES = {
    "pass": "Pass",
    "fail": "Fail",
    "unknown": "Unknown",
    "manual": "Needs a person",
    "not_applicable": "Does not apply",
    "error": "Error",
}
RESPONSIBLE = {"customer": "Customer", "vendor": "Vendor", "shared": "Shared"}
MENDED_BY = {
    "customer": "the customer mends it",
    "vendor": "the vendor mends it",
    "shared": "customer and vendor mend it together",
}
HOSTING = {
    "self": "run by its owner",
    "vendor": "run by the vendor",
    "hybrid": "run partly by the vendor",
}
PRODUCTS = {
    "power_platform": "Power Platform",
    "salesforce": "Salesforce",
    "servicenow": "ServiceNow",
    "n8n": "n8n",
    "directus": "Directus",
    "nocodb": "NocoDB",
    "node_red": "Node-RED",
    "other": "another platform",
}
SOURCES = {"api": "the platform's API", "export": "an export", "declared": "declared facts"}
FRAMEWORKS = {
    "nist_800_53_r5": "NIST SP 800-53 r5",
    "iso_27001_2022": "ISO/IEC 27001:2022",
    "soc2_tsc": "SOC 2 trust services criteria",
    "csa_ccm_v4": "CSA Cloud Controls Matrix v4",
    "csa_sscf": "CSA SaaS Security Capability Framework",
    "owasp_lcnc": "OWASP Low-Code/No-Code Top 10",
    "owasp_cd": "OWASP Citizen Development Top 10",
    "mitre_attack": "MITRE ATT&CK",
}
