"""A published run as its report, and the alarms that it raises."""
