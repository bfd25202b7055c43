"""What people look at: maps, sheets, reports. Takes only what `publish.release` gave."""
