"""Reading the trail back: whoever is in force sees what PostgreSQL lets them see."""
