"""Salesforce: a folder of metadata as the vendor's tools retrieve it, or the REST API with read-only queries."""
