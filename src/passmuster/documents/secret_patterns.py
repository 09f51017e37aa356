"""What secrets look like in text, and what stands in their place without being one."""

from __future__ import annotations

import re

KEY_WORDS = "api|access|secret|private|signing|encryption|account|shared|master|hmac|subscription|auth|license|licence"
NAMES = (
    r"passwords?|passwd|passphrase|(?<![a-z])pwd|(?<![a-z])pass|secrets?|tokens?|connection[_-]?string"
    rf"|(?:{KEY_WORDS})[_ -]?keys?|(?<![a-z])sig(?:nature)?|(?<![a-z])sas|session[_-]?id|(?<![a-z])otp"
)
# A name, a possible closing quote or bracket, and what assigns: `=`, `:`, `=>`, `:=`, `==`.
ASSIGNMENT = re.compile(
    rf"(?P<query>[?&][\w.\-\[\]]{{0,64}}?)?(?:{NAMES})(?:[_-]?(?:value|hash|\d{{1,2}}))?"
    r"(?P<close>\\*[\"'`]?\]?)[ \t]{0,8}(?:=>|:=|={1,3}|:)[ \t]{0,8}",
    re.IGNORECASE,
)
QUERY_KEY = re.compile(r"[?&](?:key|auth|pass|sig|hash)=(?P<value>[^\s&#\"'<>]+)", re.IGNORECASE)
HEADER = re.compile(
    r"(?:proxy-)?authorization\\*[\"'`]?\]?[ \t]{0,8}(?:=>|[:=])[ \t]{0,8}\\*[\"'`]?(?P<value>[^\r\n\"'`\\]+)"
    r"|(?<![\w-])(?:set-)?cookie\\*[\"'`]?[ \t]{0,8}:[ \t]{0,8}\\*[\"'`]?(?P<cookie>[^\r\n\"'`\\]+)",
    re.IGNORECASE,
)
SCHEME = re.compile(r"\b(?P<scheme>bearer|basic)[ \t]{1,4}(?P<value>[A-Za-z0-9._~+/=-]{8,})", re.IGNORECASE)
# Outside the web a password may stand unescaped in a connection string, slash and all.
USERINFO = re.compile(
    r"\b(?:https?|wss?)://(?P<value>[^\s/?#\"'<>`]{1,1024})@"
    r"|\b(?!https?:|wss?:)[a-z][a-z0-9+.-]{0,20}://(?P<other>[^\s/:@\"'<>`]{0,256}(?::[^\s?\"'<>`]{0,512})?)@",
    re.IGNORECASE,
)
BESIDE = re.compile(rf"(?:{NAMES})[ \t]{{1,4}}(?:is|was)?[ \t]{{0,4}}(?P<value>[A-Za-z0-9+/_=-]{{20,}})", re.IGNORECASE)
PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----.*?"
    r"(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
# Formats that vendors publish for their own keys, so that scanners can tell them by sight.
KNOWN = re.compile(
    "|".join(
        (
            r"\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,3}",  # JWT, and with it the keys of n8n
            r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
            r"\bgh[pousr]_[A-Za-z0-9]{20,}",
            r"\bgithub_pat_[A-Za-z0-9_]{20,}",
            r"\bglpat-[A-Za-z0-9_-]{20,}",
            r"\bxox[abeprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}",
            r"\bxapp-\d-[A-Za-z0-9-]{10,}",
            r"(?<=hooks\.slack\.com/services/)[A-Za-z0-9/]{8,}",
            r"(?<=discord\.com/api/webhooks/)\d+/[\w-]{20,}",
            r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}",
            r"\bwhsec_[A-Za-z0-9+/=]{16,}",
            r"\bAIza[0-9A-Za-z_-]{35}",
            r"\bya29\.[0-9A-Za-z_-]{20,}",
            r"\bGOCSPX-[0-9A-Za-z_-]{20,}",
            r"\b[A-Za-z0-9_.~-]{3}[78]Q~[A-Za-z0-9_.~-]{31,34}",  # client secret of Entra ID
            r"\bsk-(?:proj-|ant-|or-)?[A-Za-z0-9_-]{20,}",
            r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
            r"\bnpm_[A-Za-z0-9]{36}",
            r"\bpypi-AgE[A-Za-z0-9_-]{20,}",
            r"\bn8n_api_[A-Za-z0-9]{16,}",
            r"\bdop_v1_[0-9a-f]{32,}",
            r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
            r"\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}",
            r"\bpat-(?:na|eu)\d-[0-9a-f]{8}-[0-9a-f-]{27}",
            r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{40,}",  # session of Salesforce
            r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}",  # bot of Telegram
        )
    )
)
# One of these is in every text that any pattern above or below fits; looking for them is a hundred times cheaper.
SIGNS = (
    *(
        "pass",
        "pwd",
        "secret",
        "token",
        "key",
        "connection",
        "sig",
        "sas",
        "session",
        "otp",
        "auth",
        "cookie",
        "bearer",
    ),
    *(
        "basic",
        "hash=",
        "://",
        "-----begin",
        "eyj",
        "akia",
        "asia",
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
    ),
    *(
        "glpat-",
        "xox",
        "xapp-",
        "hooks.slack",
        "discord",
        "sk_",
        "rk_",
        "whsec_",
        "aiza",
        "ya29.",
        "gocspx-",
        "7q~",
        "8q~",
    ),
    *("sk-", "sg.", "npm_", "pypi-", "n8n_api_", "dop_v1_", "shpat_", "shpca_", "shppa_", "shpss_", "pat", "!", ":aa"),
)
# What stands where a secret could stand without being one: an expression, a reference, a placeholder.
REFERENCE = re.compile(
    r"=?\s*\{\{|\$\{|\$\(|\$[A-Za-z_]\w*(?:\.|\[|$)|%[A-Za-z_]\w*%$|<[^<>]*>?$|\[redacted|\*{3,}|@Microsoft\.KeyVault|op://|vault:"
    r"|(?:process\.env|import\.meta\.env|os\.environ|os\.getenv|secrets?|vars?|env)[.\[(]|__n8n_BLANK_VALUE_|\.{3}|…"
    r"|(?:items?|this|json|msg|req|request|self|data|options|config)(?:\.[a-z_]|\[)",
    re.IGNORECASE,
)
NO_VALUES = frozenset({"", "true", "false", "null", "none", "undefined", "nil", "yes", "no", "string", "optional"})
ORDINARY = frozenset(
    {"required", "missing", "see", "the", "a", "an", "click", "not", "must", "should", "is", "are", "was", "it", "this"}
    | {"that", "your", "expired", "invalid", "set", "unset", "at", "least", "never", "enabled", "disabled", "on", "off"}
    | {"and", "or", "for", "with"}
)
# `apiKey:create` is the name of a permission, not a key that somebody called "create".
PERMISSION = re.compile(
    r"(?:\*|(?:create|delete|list|read|update|manage|write|rotate|use|admin|view|edit|get|share|unshare|move|revoke"
    r"|generate|export|import|connect|owner|user|any|all)[A-Za-z]*)$"
)
PLURAL = re.compile(r"(?:passwords|secrets|tokens|keys)$")
SENSITIVE_KEY = re.compile(
    r"(?:passwords?|passwd|passphrase|pwd|secrets?|tokens?|authorization|cookie|connectionstring|sessionid|rawapikey"
    rf"|(?:{KEY_WORDS}|ssh)keys?|recoverycodes?|privatekeypem|otp|bearer)(?:value|hash|\d{{1,2}})?$"
)
HARMLESS_KEY = re.compile(
    r"(?:next|page|continuation|sync|delta|sort)tokens?$|^(?:max|total|prompt|completion|num|n)\w*tokens$"
)
