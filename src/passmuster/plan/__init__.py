"""Stage: patches into maintenance windows, with a proof of how good the plan is."""
