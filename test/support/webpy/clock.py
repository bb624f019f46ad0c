now = 0.0
