"""The processes behind the requests: RQ workers, the beat and its chores."""
