"""Coupons: stock, uploads, providers, claims, redemption."""
