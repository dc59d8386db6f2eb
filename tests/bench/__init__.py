"""The promises of speed, measured: each figure beside its baseline, in the same run."""
