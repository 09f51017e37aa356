"""Work in the background: asked for once, scheduled, taken up, tidied away."""
