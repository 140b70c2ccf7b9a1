"""Pictures of attention: bertviz's two views as safe, self-contained pages, and Plotly heatmaps."""
