"""Campaigns: launch, seeds, simulation, close, audit."""
