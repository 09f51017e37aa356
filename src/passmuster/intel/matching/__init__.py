"""Whether an advisory concerns a component: names, then versions, then who runs it."""
