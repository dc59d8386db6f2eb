"""What staff need for their day and night: the rota, the digest, an overview, the telephone."""
