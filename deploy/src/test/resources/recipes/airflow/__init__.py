"""Stands in for Airflow in RecipesTest: as much of its interface as our DAG uses, and nothing else."""
