"""A promo channel that is a JSON file on disk."""

from promo_filechannel.connector import FileConnector

__all__ = ["FileConnector"]
