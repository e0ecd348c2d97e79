"""Designs made up by Hypothesis: valid ones over the whole vocabulary, and ones with anything wrong."""

from .broken import drawings, nested_soundly
from .configs import configs
from .valid import valid_designs

__all__ = ["configs", "drawings", "nested_soundly", "valid_designs"]
