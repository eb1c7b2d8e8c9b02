"""What can be done at a registry's desk, and by a host Party: the handles that scripts hold."""
