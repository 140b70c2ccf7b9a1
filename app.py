"""The entrance: navigation, theme, and the sidebar that picks model, data and device."""
