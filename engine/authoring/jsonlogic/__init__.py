"""Conversion between condition trees and JsonLogic: lowering, lifting, and reading one row."""
