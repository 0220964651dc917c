"""The findings of a checked file as text, HTML, JSON, JUnit and SARIF."""
