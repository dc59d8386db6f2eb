"""What people see: pure functions from facts to screens, in no language yet."""
