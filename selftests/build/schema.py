#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# schema.py NAME FILE - hold a document against uapi/tapcompat-NAME.schema.json
import json
import pathlib
import sys

import jsonschema

uapi = pathlib.Path(__file__).resolve().parents[2] / "uapi"
schemas = {p.name: json.loads(p.read_text()) for p in uapi.glob("*.schema.json")}
schema = schemas[f"tapcompat-{sys.argv[1]}.schema.json"]
resolver = jsonschema.RefResolver("", schema, store=schemas)
checker = jsonschema.Draft202012Validator(schema, resolver=resolver)
checker.check_schema(schema)
errors = list(checker.iter_errors(json.load(open(sys.argv[2]))))
for error in errors:
    print("/".join(map(str, error.absolute_path)), error.message[:200])
sys.exit(bool(errors))
