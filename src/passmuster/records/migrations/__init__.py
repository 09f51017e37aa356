"""The steps that make the database; those up to 0004 were written anew before 0.1.0, each table at once in its last form.

`replaces` names the steps there were before, so that a database made by them goes on without a change. Every older step
belongs to one step alone: a run that ended between two of today's finds its place again. And `0002_tables` stands for
the first and the last of the older ones: a database that stopped on the way between those is recognised
(`application/readiness.py`), as some of that step is done in it and some is not.
"""
