"""An example organisation, made by running the real use cases at past dates. For the demo and its tests."""
