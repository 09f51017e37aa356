"""Looking at a platform: collect, judge, follow the findings, tell what changed."""
