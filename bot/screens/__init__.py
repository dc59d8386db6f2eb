"""What a person sees, as pure data: phrases and buttons, rendered at the edge."""
