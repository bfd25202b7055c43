"""The tables of `schema` as SQLAlchemy knows them: one definition for every engine."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from govmap.schema import TABLES, Table


class Geometry(sa.types.UserDefinedType[bytes]):
    """A geometry column; shapes pass as bytes, coded in bulk at the store's edge."""

    cache_ok = True

    def __init__(self, kind: str, srs_id: int) -> None:
        self.kind, self.srs_id = kind, srs_id


class Moment(sa.types.UserDefinedType[str]):
    """A time in UTC; text of millisecond precision in a GeoPackage."""

    cache_ok = True


class Double(sa.types.UserDefinedType[float]):
    """A float by the name that a GeoPackage knows."""

    cache_ok = True


@compiles(Geometry, "sqlite")
def _geometry_of_geopackage(column: Geometry, compiler: Any, **_: Any) -> str:  # noqa: ARG001 - SQLAlchemy's signature
    return column.kind


@compiles(Geometry, "postgresql")
def _geometry_of_postgis(column: Geometry, compiler: Any, **_: Any) -> str:  # noqa: ARG001 - SQLAlchemy's signature
    return f"geometry({column.kind},{column.srs_id})"


@compiles(Moment, "sqlite")
def _moment_of_geopackage(column: Moment, compiler: Any, **_: Any) -> str:  # noqa: ARG001 - SQLAlchemy's signature
    return "DATETIME"


@compiles(Moment, "postgresql")
def _moment_of_postgis(column: Moment, compiler: Any, **_: Any) -> str:  # noqa: ARG001 - SQLAlchemy's signature
    return "timestamptz(3)"


@compiles(Double)
def _double(column: Double, compiler: Any, **_: Any) -> str:  # noqa: ARG001 - SQLAlchemy's signature
    return "DOUBLE" if compiler.dialect.name == "sqlite" else "double precision"


_TYPES: dict[str, Any] = {
    "str": sa.Text,
    "int": sa.BigInteger().with_variant(sa.Integer, "sqlite"),
    "float": Double,
    "bool": sa.Boolean,
    "json": sa.Text,
    "time": Moment,
    "date": sa.Date,
    "blob": sa.LargeBinary,
}


def tables(srs_id: int) -> sa.MetaData:
    """Define every table of the schema for a project whose shapes are in `srs_id`."""
    metadata = sa.MetaData()
    for table in TABLES.values():
        _define(table, metadata, srs_id)
    return metadata


def _define(table: Table, metadata: sa.MetaData, srs_id: int) -> sa.Table:
    columns: list[Any] = [sa.Column("fid", sa.Integer, primary_key=True, autoincrement=True)]
    columns += [sa.Column(column.name, _TYPES[column.type], nullable=not column.required) for column in table]
    if table.geometry:
        columns.append(sa.Column("geometry", Geometry(table.geometry, srs_id)))
    columns.append(sa.UniqueConstraint(*table.key))
    return sa.Table(table.name, metadata, *columns, sqlite_autoincrement=True)
