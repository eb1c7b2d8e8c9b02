"""What a world can be asked: tables for an audit, and where credits came from and went."""
