"""What every request and every answer share: request ids, problem+json, origins, conditions, the static app."""
