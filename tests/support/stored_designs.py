"""Stores and deletes designs by their ids, whatever was there."""

from backend.store import designs
from backend.store.database import Transaction
from shared_py.design import ModelArchitecture
from shared_py.protocol import DesignMeta


def write_design(transaction: Transaction, design: ModelArchitecture) -> DesignMeta:
    """Store a version of a design."""
    return designs.write_design(transaction, design, designs.find_design(transaction, design.id))


def delete_design(transaction: Transaction, design_id: str) -> None:
    """Delete a stored design."""
    designs.delete_design(transaction, designs.get_design(transaction, design_id))
