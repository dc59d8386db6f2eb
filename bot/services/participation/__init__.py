"""From the enrolment to the withdrawal: links, consents, caregivers, flags, stays in hospital."""
