"""The format of control packs: schemas, loading with all complaints at once, where packs lie."""
