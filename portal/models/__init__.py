from .view import SavedView

__all__ = ["SavedView"]
