"""Exports of Microsoft Purview's audit log: who changed what on Power Platform."""
