"""Every job that needs no database, one module a command; the only caller of the stages."""
