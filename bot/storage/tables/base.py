"""What tables are made of: their names for constraints, and columns that come up again and again."""

from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, MetaData, Table, Text, text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def table(name: str, *parts: Any) -> Table:
    """Describe a STRICT table."""
    return Table(name, metadata, *parts, sqlite_strict=True)


def id_() -> Column[int]:
    """Describe the row's own id."""
    return Column("id", Integer, primary_key=True)


def ref(name: str, target: str, *, required: bool = True) -> Column[int]:
    """Describe a reference to a row of another table."""
    return Column(name, Integer, ForeignKey(f"{target}.id"), nullable=not required)


def must(name: str, kind: Any, **more: Any) -> Column[Any]:
    """Describe a column that is never empty."""
    return Column(name, kind, nullable=False, **more)


def one_of(column: str, *values: str) -> CheckConstraint:
    """Describe the only values that a column may have."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def person(*, required: bool = True) -> tuple[Any, ...]:
    """Describe a reference to a participant, a member of staff, or a caregiver."""
    return (
        Column("person_kind", Text, nullable=not required),
        Column("person_id", Integer, nullable=not required),
        one_of("person_kind", "participant", "staff", "caregiver"),
    )


def where(condition: str) -> dict[str, Any]:
    """Make an index partial, in both dialects."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
