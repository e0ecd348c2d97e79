"""What tests share: designs, runs, servers, trainers and browsers to test with, and Hypothesis strategies."""
