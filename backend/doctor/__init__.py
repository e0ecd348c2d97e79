"""`model-studio doctor`: checks what a server needs, and says what to do about what it lacks."""
