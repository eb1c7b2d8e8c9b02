"""What a world keeps: what it knows of its entries, its folder, and how it is opened."""
