#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# schema.py NAME FILE - hold a document against uapi/tapcompat-NAME.schema.json
import json
import pathlib
import sys

import jsonschema

try:
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012
except ImportError:  # before jsonschema 4.18
    Registry = None


def no_network(uri):
    raise LookupError(f"{uri} is no $id of a schema")


def validator(schemas, schema):
    """One schema; the others may be referred to by their $id."""
    if Registry is None:
        known = {"resolver": jsonschema.RefResolver.from_schema(
            schema, store=schemas, handlers={"https": no_network})}
    else:
        files = [(name, DRAFT202012.create_resource(s)) for name, s in schemas.items()]
        known = {"registry": Registry().with_resources(files)}
    return jsonschema.Draft202012Validator(schema, **known)


uapi = pathlib.Path(__file__).resolve().parents[2] / "uapi"
files = {p.name: json.loads(p.read_text()) for p in uapi.glob("*.schema.json")}
checker = validator({s["$id"]: s for s in files.values()},
                    files[f"tapcompat-{sys.argv[1]}.schema.json"])
checker.check_schema(checker.schema)
errors = list(checker.iter_errors(json.loads(pathlib.Path(sys.argv[2]).read_text())))
for error in errors:
    print("/".join(map(str, error.absolute_path)), error.message[:200])
sys.exit(bool(errors))
