"""Rows and arrays in, Plotly figures or escaped HTML out."""
