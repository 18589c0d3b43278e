"""JSON Schemas of the workspace's files, for editors: completion and help as you type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from promo_scheduler.source.calendars_schema import CalendarsFile
from promo_scheduler.source.config_schema import ChannelsFile, RegionsFile, SettingsFile
from promo_scheduler.source.schema import CampaignFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MODELS: dict[str, type[BaseModel]] = {
    "campaign.schema.json": CampaignFile,
    "regions.schema.json": RegionsFile,
    "channels.schema.json": ChannelsFile,
    "calendars.schema.json": CalendarsFile,
    "settings.schema.json": SettingsFile,
}


def write_schemas(folder: Path) -> list[Path]:
    """Write one JSON Schema (draft 2020-12) for each kind of file; the paths that were written."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder / name, schema_of(model)) for name, model in _MODELS.items()]


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of one kind of file."""
    schema = model.model_json_schema(schema_generator=_ForEditors)
    return {"$schema": DIALECT, **schema}


def _write(path: Path, schema: dict[str, Any]) -> Path:
    path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


class _ForEditors(GenerateJsonSchema):
    """A key that may be left out may still not be empty, and no other key is let in."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        default = schema.get("default")
        return {**inner, "default": default} if isinstance(default, str | bool | int) else inner

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        return {**made, "additionalProperties": False} if "patternProperties" in made else made

    def field_title_should_be_set(self, schema: CoreSchema | Any) -> bool:
        return False
