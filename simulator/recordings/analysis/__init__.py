"""What a store of recordings says as a whole: how long answers took, and whether they still hold."""
