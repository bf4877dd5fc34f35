from .criteria import Edition, RiskCriteria

__all__ = ["Edition", "RiskCriteria"]
