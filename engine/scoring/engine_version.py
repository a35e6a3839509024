"""The version of all that decides outcomes; it changes only where the same log would come to something else."""

ENGINE_VERSION = "2"
