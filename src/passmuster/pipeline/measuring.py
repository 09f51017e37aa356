"""Figures over time, for those that keep records."""

from __future__ import annotations

from passmuster.measure.patch_times import PatchFigures, PatchRun, patch_figures

__all__ = ["PatchFigures", "PatchRun", "patch_figures"]
