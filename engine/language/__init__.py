"""The rule language: the safe profile of JsonLogic, checked, compiled, explained and put into words."""
