"""What scripts/kpis.py does: read a mapping, check its files, build and test with dbt, publish."""
