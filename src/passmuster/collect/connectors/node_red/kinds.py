"""What node types do: the categories of steps, and which of them reach out to other systems."""

from __future__ import annotations

import re
from collections.abc import Mapping

from passmuster.collect.connectors.node_red.flows import Node, text_of

# The core palette and the modules most often added to it, by the type's own name.
_CATEGORIES: dict[str, frozenset[str]] = {
    "webhook": frozenset({"http in"}),
    "trigger": frozenset(
        {"inject", "cronplus", "schedex", "bigtimer", "mqtt in", "e-mail in", "amqp in", "kafka-consumer"}
    ),
    "http": frozenset({"http request", "www-request", "axios"}),
    "command": frozenset({"exec", "daemon", "bigexec", "bigssh", "ssh", "python3-shell", "powershell"}),
    "filesystem": frozenset({"file", "file in", "watch", "tail", "chunks-to-lines", "ftp in"}),
    "script": frozenset({"function", "python-function", "python3-function", "unsafe-function", "function-gpt"}),
    "sql": frozenset({"mysql", "postgresql", "postgres", "postgrestor", "sqlite", "MSSQL", "oracledb", "oracle-db"}),
    "connector": frozenset(
        {"mqtt out", "tcp out", "tcp request", "udp out", "e-mail", "ftp", "amqp out", "kafka-producer"}
    ),
}
_BY_TYPE = {name: category for category, names in _CATEGORIES.items() for name in names}
_AI = re.compile(
    r"openai|chatgpt|(?<![a-z])gpt|ollama|anthropic|claude|gemini|mistral|llm|langchain|hugging", re.IGNORECASE
)
_FILE_TYPES = re.compile(r"^fs[- ]|^fs-ops|^(?:s?ftp)\b", re.IGNORECASE)
# Modules of Node.js that let a script start programs, or reach files.
_COMMAND_MODULES = frozenset({"child_process", "cluster", "worker_threads"})
_FILE_MODULES = frozenset({"fs", "fs/promises", "fs-extra"})
_LISTENERS = ("websocket in", "tcp in", "udp in")
REACH_OUT = frozenset(
    {"http request", "mqtt-broker", "websocket-client", "tcp request", "tcp out", "udp out", "http proxy", "e-mail"}
)
_LITERAL_KEYS = ("query", "sql", "sqlQuery")


def category_of(node: Node, *, has_connection: bool) -> str:
    """The category of a step; a type we do not know is a connector where it uses a connection, else logic."""
    if node.type == "function":
        return _script_category(modules_of(node))
    if node.type in _LISTENERS:
        return "connector" if _is_client(node) else "trigger"
    known = _BY_TYPE.get(node.type)
    if known is not None:
        return known
    if _AI.search(node.type):
        return "ai"
    if _FILE_TYPES.search(node.type):
        return "filesystem"
    return "connector" if has_connection else "logic"


def modules_of(node: Node) -> list[str]:
    """The npm or Node.js modules a function node asks for, as written, without the prefix `node:`."""
    libs = node.raw.get("libs")
    names = [text_of(lib.get("module")) for lib in libs if isinstance(lib, Mapping)] if isinstance(libs, list) else []
    return [name.removeprefix("node:") for name in names if name]


def query_facts(node: Node) -> tuple[bool | None, bool | None]:
    """Of an SQL step: whether values are pasted into the query, and whether it binds parameters; None if unknown."""
    if node.type == "sqlite":
        mode = text_of(node.raw.get("sqlquery"))
        return (False, mode == "prepared") if mode in ("prepared", "fixed") else (None, None)
    query = next((text for key in _LITERAL_KEYS if (text := text_of(node.raw.get(key)))), "")
    if not query:
        return None, None  # the query comes with the message
    return "{{" in query, bool(re.search(r"\$\d|(?<![\w:]):[A-Za-z_]\w*|\?(?!\w)|@[A-Za-z_]\w*", query))


def _script_category(modules: list[str]) -> str:
    names = {re.sub(r"(?<=.)@.*", "", module) for module in modules}
    if names & _COMMAND_MODULES:
        return "command"
    return "filesystem" if names & _FILE_MODULES else "script"


def _is_client(node: Node) -> bool:
    if node.type == "websocket in":
        return bool(text_of(node.raw.get("client"))) and not text_of(node.raw.get("server"))
    return node.type == "tcp in" and text_of(node.raw.get("server")) == "client"
