"""The web server for the chaos test: as `passmuster serve` runs it, on the port that is given."""

from __future__ import annotations

import sys

import django

django.setup()

from passmuster.web.serving import serve  # noqa: E402 - after the set-up

if __name__ == "__main__":
    serve("127.0.0.1", int(sys.argv[1]), 2)
