"""What may leave the building: small numbers of people are withheld where results are shared, and nowhere else."""
