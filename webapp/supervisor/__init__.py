"""`laurel up`: starts every process of one Laurel, keeps them running, and ends them in order."""
