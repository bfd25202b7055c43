from govmap.schema import TABLES

TYPES = {"str", "int", "float", "bool", "json", "time", "date", "blob"}


def test_every_column_has_a_type_that_the_store_knows() -> None:
    assert {column.type for table in TABLES.values() for column in table} <= TYPES


def test_every_table_has_a_key_of_its_own_columns() -> None:
    for table in TABLES.values():
        assert table.key, table.name
        assert set(table.key) <= {column.name for column in table}, table.name


def test_no_table_names_a_column_twice() -> None:
    for table in TABLES.values():
        assert len(set(table.names)) == len(table.names), table.name


def test_geometry_kinds_are_those_of_the_standard() -> None:
    kinds = {"POINT", "MULTIPOINT", "LINESTRING", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRY"}
    assert {table.geometry for table in TABLES.values() if table.geometry} <= kinds


def test_names_of_people_are_marked_personal() -> None:
    assert {"name", "office_phone"} <= TABLES["workers"].personal
    assert "responsible" in TABLES["incidents"].personal
    assert not TABLES["units"].personal


def test_residents_hold_counts_and_nobody_by_name() -> None:
    assert not {"name", "phone", "id_number", "birthday"} & set(TABLES["residents"].names)


def test_every_table_has_a_name_for_people() -> None:
    from govmap.messages import catalogue

    assert {f"table_{name}" for name in TABLES} <= set(catalogue("en"))
