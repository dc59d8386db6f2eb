"""What participants write and the team's answers: kept, read, answered, and never lost from sight."""
