"""Before the first night: a configuration from a sample, deploy files, the health of an installation."""
