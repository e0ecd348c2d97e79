"""The leaderboard: the designs of this server by what their best run had learned within a budget of processor time."""
