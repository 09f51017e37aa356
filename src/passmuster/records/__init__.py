"""Records: what has an identity, an owner and a life. The only ORM."""
