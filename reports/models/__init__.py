"""Reports that were made and are kept, and how long an organization keeps them."""

from .report import Keeping, Report

__all__ = ["Keeping", "Report"]
