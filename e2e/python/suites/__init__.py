"""One folder a suite; they share nothing but the kind of world that each starts for itself."""
