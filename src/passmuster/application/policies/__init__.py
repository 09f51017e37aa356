"""Policies of the keeper that ship; a file of the same name in the keeper's folder `policies` replaces one."""
