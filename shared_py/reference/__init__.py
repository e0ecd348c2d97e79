"""What is written for people and other programs from the definitions of the blocks; the phone does without it."""
