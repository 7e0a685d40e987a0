"""What the tests stand on: services, servers and factories."""
