"""Rows and arrays in, Plotly figures out."""
