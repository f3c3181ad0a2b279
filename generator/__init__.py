"""How the portal is made: pipeline stages, page contexts, rendering, feeds, output, command line."""
