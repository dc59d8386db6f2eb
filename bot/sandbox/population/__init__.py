"""People with bodies, habits and illnesses of their own: what is true of them, and what they do."""
