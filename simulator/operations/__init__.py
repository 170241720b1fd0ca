"""Operations: one thing that the API does, each a module or a folder of its own."""
