"""Face: the command line. Translates in, calls one job of the pipeline, translates out."""
