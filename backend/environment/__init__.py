"""The game of 2048 for training: a table-driven core and the Gymnasium environments over it; no torch here."""
