"""Where service is missing, where trouble clusters, how heavy a unit's work is: tables in, tables out."""
