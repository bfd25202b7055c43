"""One thin function a command."""

from pathlib import Path
from typing import Annotated, Any

from govmap.cli import (
    agree,
    assess,
    assign,
    exports,
    forms,
    imports,
    incidents,
    plans,
    printing,
    publishing,
    reports,
    serve,
)
from govmap.cli.edits import edit_app
from govmap.cli.face import HELP, Json, Lang, Output, ProjectPath, argument, face, option
from govmap.cli.program import Program

app = Program(name="govmap", help=HELP.say("cli_about"))
app.add_typer(edit_app, name="edit")


@app.callback()
def govmap(lang: Lang = None) -> None:
    """Take the language before the command too."""
    with face("govmap", lang, as_json=False):
        return


@app.command(help=HELP.say("cli_demo"))
def demo(folder: Annotated[Path, argument("folder")] = Path("demo"), lang: Lang = None, json: Json = False) -> None:
    """Go the whole way on the built-in sample community."""
    with face("demo", lang, json) as shown:
        from govmap import pipeline

        report = pipeline.demo(folder, voice=shown.voice, progress=shown.progress)
        with shown.opened(folder / pipeline.DEMO_PROJECT):
            shown.show(report)


@app.command(help=HELP.say("cli_fetch"))
def fetch(
    project: ProjectPath,
    osm: Annotated[Path | None, option("osm", "--osm")] = None,
    place: Annotated[str | None, option("place", "--place")] = None,
    bbox: Annotated[str | None, option("bbox", "--bbox", metavar="W,S,E,N")] = None,
    boundary: Annotated[str | None, option("boundary", "--boundary")] = None,
    whole: Annotated[bool, option("whole", "--whole")] = False,
    households: Annotated[int | None, option("households", "--households", min=0)] = None,
    profile: Annotated[str | None, option("profile", "--profile", metavar="cn|uk|us|generic")] = None,
    crs: Annotated[str | None, option("crs", "--crs")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Read OSM into a project."""
    with face("fetch", lang, json, project) as shown:
        from govmap import pipeline

        wanted = pipeline.Source(osm=osm, place=place, bbox=bbox, boundary=boundary, whole=whole, crs=crs)
        report = pipeline.fetch(
            project, wanted, households=households, profile=profile, config=shown.config, progress=shown.progress
        )
        shown.show(report)


@app.command(help=HELP.say("cli_cells"))
def cells(
    project: ProjectPath,
    split_buildings: Annotated[int | None, option("split", "--split-buildings", min=1)] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Divide the ground among the buildings."""
    with face("cells", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        shown.show(pipeline.cells(opened, split_above=split_buildings, config=shown.config, progress=shown.progress))


@app.command(help=HELP.say("cli_delineate"))
def delineate(
    project: ProjectPath,
    size: Annotated[str | None, option("size", "--size", metavar="300-500")] = None,
    units: Annotated[int | None, option("units", "--units", min=1)] = None,
    preset: Annotated[str | None, option("preset", "--preset", metavar="cn_grid+cn_microgrid")] = None,
    level: Annotated[list[str] | None, option("level", "--level", metavar="grid=300-500")] = None,
    by: Annotated[
        str | None, option("by", "--by", metavar="households|residents|dwellings|buildings|shops|area|load")
    ] = None,
    target: Annotated[int | None, option("target", "--target", min=1)] = None,
    equal: Annotated[bool, option("equal", "--equal")] = False,
    hard: Annotated[bool, option("hard", "--hard/--soft")] = True,
    prefer: Annotated[str | None, option("prefer", "--prefer", metavar="compact|barriers|blocks|balance")] = None,
    also: Annotated[list[str] | None, option("also", "--also", metavar="residents:0-1500")] = None,
    walk: Annotated[int | None, option("walk", "--walk", min=1)] = None,
    keep: Annotated[str | None, option("keep", "--keep", metavar="PLAN|active")] = None,
    lock: Annotated[list[str] | None, option("lock", "--lock", metavar="UNIT")] = None,
    exclusive: Annotated[list[str] | None, option("exclusive", "--exclusive", metavar="mall|campus|park|...")] = None,
    options: Annotated[int | None, option("options", "--options", min=2, max=5)] = None,
    name: Annotated[str | None, option("name", "--name")] = None,
    seed: Annotated[int | None, option("seed", "--seed", min=0)] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Divide the community into units."""
    with face("delineate", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        words = {"size": size, "units": units, "preset": preset, "levels": level or (), "by": by, "target": target}
        words |= {"equal": equal, "hard": hard, "prefer": prefer, "also": also or (), "walk_m": walk, "seed": seed}
        if options is not None:
            keep = keep or pipeline.active_or_none(opened)
        wanted = pipeline.criteria_for(opened, keep, exclusive=exclusive or (), **words)
        how: dict[str, Any] = {
            "keep": keep,
            "lock": lock or (),
            "name": name,
            "config": shown.config,
            "progress": shown.progress,
        }
        if options is None:
            shown.show(pipeline.delineate(opened, wanted, **how))
        else:
            shown.show(pipeline.options(opened, wanted, options, voice=shown.voice, **how))


@app.command(help=HELP.say("cli_attach"))
def attach(project: ProjectPath, lang: Lang = None, json: Json = False) -> None:
    """Attach residents, resources and incidents to units."""
    with face("attach", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        shown.show(pipeline.attach(opened, config=shown.config, progress=shown.progress))


@app.command("map", help=HELP.say("cli_map"))
def map_(
    project: ProjectPath,
    output: Output = Path("map.html"),
    audience: Annotated[str, option("for", "--for", metavar="public|official|planner|worker")] = "public",
    internal: Annotated[bool, option("internal", "--internal")] = False,
    online_base: Annotated[str | None, option("online_base", "--online-base", metavar="NAME")] = None,
    tile_key: Annotated[str | None, option("tile_key", "--tile-key", metavar="KEY")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Draw the interactive map."""
    with face("map", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        online = (online_base, tile_key) if online_base else None
        shown.show(
            pipeline.map_(
                opened, output, audience, internal=internal, online=online, voice=shown.voice, progress=shown.progress
            )
        )


@app.command(help=HELP.say("cli_check"))
def check(project: ProjectPath, lang: Lang = None, json: Json = False) -> None:
    """Try every rule on the project."""
    with face("check", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        shown.show(pipeline.check(opened, voice=shown.voice))


@app.command(help=HELP.say("cli_info"))
def info(project: ProjectPath, lang: Lang = None, json: Json = False) -> None:
    """Say what the project holds."""
    with face("info", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        shown.show(pipeline.info(opened))


@app.command(help=HELP.say("cli_backup"))
def backup(project: ProjectPath, output: Output, lang: Lang = None, json: Json = False) -> None:
    """Copy the project safely, also while others work in it."""
    with face("backup", lang, json, project) as shown, shown.opened(project) as opened:
        from govmap import pipeline

        shown.show(pipeline.backup(opened, output))


forms.register(app)
imports.register(app)
exports.register(app)
plans.register(app)
incidents.register(app)
assess.register(app)
reports.register(app)
printing.register(app)
publishing.register(app)
assign.register(app)
serve.register(app)
agree.register(app)
