"""Templates, styles, scripts and translations; read as package data."""
