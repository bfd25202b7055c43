"""What strokes of a brush left for later is written before anybody else reads: outlines, bounds and counts of units."""

from govmap.project import Project

BEHIND = "behind/"  # begins the fact that names a plan whose units are still to be drawn


def catch_up(project: Project) -> None:
    """Write what is behind, after a desk that was cut off or before a file is left; a read-only copy stays as it is."""
    if project.store.read_only or not any(str(key).startswith(BEHIND) for key in project.read("project")["key"]):
        return
    from govmap.pipeline.drafting import settled

    settled(project)
