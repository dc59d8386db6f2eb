"""Check-ins and what is said: asked, answered, judged, measured again, and missed."""
