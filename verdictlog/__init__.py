"""The command line. It strings the rooms together and holds no logic of its own."""
