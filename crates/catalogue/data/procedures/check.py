#!/usr/bin/env python3
"""Are the guided procedures complete, well formed and true to the standard's tables?

Checks every clause-*.toml beside this file against the fact sheets of both
editions of TS 103 701. It does not judge whether a procedure is good advice.

    python3 check.py [FOLDER WITH ts103701-v2.1.1.toml AND ts103701-v1.1.1.toml]

Without an argument the fact sheets are looked for among the catalogue's data.
Prints each fault on a line of its own; ends with PASS and status 0, or FAIL and 1.
"""

import pathlib
import re
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
SHEETS = {"3.1.3": "ts103701-v2.1.1.toml", "2.1.1": "ts103701-v1.1.1.toml"}
KEYS = {"unit", "editions", "prepare", "steps", "record", "decide", "artefacts"}
OPTIONAL = {"timers"}
LISTS = {"prepare": (1, 3), "steps": (2, 6), "record": (1, 3)}
ARTEFACTS = {"photo", "screenshot", "log", "capture", "document", "value", "report", "sample"}
MOST_WORDS = 40
FEWEST_WORDS = {"prepare": 2, "steps": 4, "record": 4, "decide": 10}
TABLE = re.compile(r"(?<![\w.-])(\d{1,2}-[A-Z][A-Za-z]+)")
QUOTED = re.compile(r"(?<!\w)'([^']+)'(?!\w)")
NAMED_UNIT = re.compile(r"\b[Uu]nits? (\d[\w.-]*\d[a-z])(?: and (\d[\w.-]*\d[a-z]))?")
NAMED_CASE = re.compile(r"\b[Cc]ases? (\d[\w.-]*\d)(?: and (\d[\w.-]*\d))?(?![\w-])")


def sheets_folder(argv):
    if len(argv) > 1:
        return pathlib.Path(argv[1])
    for found in sorted(HERE.parent.rglob(SHEETS["3.1.3"])):
        return found.parent
    sys.exit("FAIL: the fact sheets of TS 103 701 were not found; name their folder as argument")


class Edition:
    """What the fact sheet of one edition knows."""

    def __init__(self, path):
        sheet = tomllib.loads(path.read_text(encoding="utf-8"))
        self.kinds = {case["id"]: case["kind"] for case in sheet["case"]}
        self.units = {unit["id"]: unit for unit in sheet["unit"]}
        self.fields = {t["id"]: {f["name"].lower() for f in t["field"]} for t in sheet["ixit"]}

    def functional(self, unit_id):
        unit = self.units[unit_id]
        return unit.get("kind", self.kinds[unit["case"]]) == "functional"

    def read_tables(self, unit_id):
        return {field.split(".", 1)[0] for field in self.units[unit_id]["reads"]}

    def read_fields(self, unit_id):
        """Fields that the unit reads, without those that merely identify or describe an entry."""
        names = {field.split(".", 1)[1].lower() for field in self.units[unit_id]["reads"]}
        return names - {"id", "description"}


def clause_of(unit_id):
    return unit_id.split("-")[0]


def strings(procedure):
    for key in LISTS:
        yield from ((key, text) for text in procedure[key])
    yield "decide", procedure["decide"]


def says(text, unit_id, other):
    """Whether the text names a unit or case: in full, or as a letter beside its case."""
    case, letter = other[:-1], other[-1]
    if other in text:
        return True
    here = case in text or (unit_id.startswith(case) and "of this case" in text)
    return letter.isalpha() and here and re.search(rf"\b(?:[Uu]nits?|and) {letter}\b", text) is not None


def shape_faults(procedure):
    if set(procedure) - OPTIONAL != KEYS:
        yield f"keys are {sorted(procedure)}"
        return
    for timer in procedure.get("timers", []):
        if set(timer) - {"least"} != {"step", "what"} or not 1 <= timer["step"] <= len(procedure["steps"]):
            yield f"timer is {timer}"
    editions = procedure["editions"]
    if not editions or len(set(editions)) != len(editions) or not set(editions) <= set(SHEETS):
        yield f"editions are {editions}"
    for key, (least, most) in LISTS.items():
        if not isinstance(procedure[key], list) or not least <= len(procedure[key]) <= most:
            yield f"{key} holds {len(procedure[key])} items, wanted {least} to {most}"
    unknown = set(procedure["artefacts"]) - ARTEFACTS
    if unknown or len(set(procedure["artefacts"])) != len(procedure["artefacts"]):
        yield f"artefacts are {procedure['artefacts']}"
    for key, text in strings(procedure):
        words = len(text.split())
        if not FEWEST_WORDS[key] <= words <= MOST_WORDS:
            yield f"{key} has {words} words: {text}"
        if text != text.strip() or not text.endswith("."):
            yield f"{key} does not end as a sentence: {text}"
        if not text[0].isupper():
            yield f"{key} does not begin as a sentence: {text}"
    steps = [text.lower() for text in procedure["steps"]]
    if len(set(steps)) != len(steps):
        yield "a step is repeated"


def reference_faults(procedure, tag, edition):
    """Tables, fields, units and cases that are named have to exist in this edition."""
    unit_id = procedure["unit"]
    text = "\n".join(text for _, text in strings(procedure))
    named = set(TABLE.findall(text))
    for table in sorted(named - set(edition.fields)):
        yield f"names table {table}, unknown in {tag}"
    known = set().union(*(edition.fields.get(table, set()) for table in named)) if named else set()
    quoted = {field.lower() for field in QUOTED.findall(text)}
    for field in sorted(quoted - known):
        yield f"quotes field '{field}', which no table named here has in {tag}"
    for table in sorted(edition.read_tables(unit_id) - named):
        yield f"does not name {table}, which the unit reads in {tag}"
    for field in sorted(edition.read_fields(unit_id) - quoted):
        yield f"does not quote '{field}', which the unit reads in {tag}"
    for other in (x for hit in NAMED_UNIT.findall(text) for x in hit if x):
        if other not in edition.units:
            yield f"names unit {other}, unknown in {tag}"
    for other in (x for hit in NAMED_CASE.findall(text) for x in hit if x):
        if other not in edition.kinds:
            yield f"names case {other}, unknown in {tag}"
    if edition.units[unit_id]["verb"] == "apply":
        for other in edition.units[unit_id]["depends_on"]:
            if not says(text, unit_id, other):
                yield f"applies {other} in {tag} and does not say so"
    if edition.functional(unit_id) and not any(record.strip() for record in procedure["record"]):
        yield f"is functional in {tag} and records nothing"
    if edition.functional(unit_id) and not procedure["artefacts"]:
        yield f"is functional in {tag} and asks for no artefact"


def main(argv):
    folder = sheets_folder(argv)
    editions = {tag: Edition(folder / name) for tag, name in SHEETS.items()}
    faults, seen, entries = [], {}, 0
    for path in sorted(HERE.glob("clause-*.toml")):
        body = tomllib.loads(path.read_text(encoding="utf-8"))
        if set(body) != {"procedure"}:
            faults.append(f"{path.name}: holds {sorted(body)}")
            continue
        for procedure in body["procedure"]:
            entries += 1
            where = f"{path.name}: {procedure.get('unit')} {procedure.get('editions')}"
            wrong = list(shape_faults(procedure))
            faults += [f"{where}: {fault}" for fault in wrong]
            if set(procedure) - OPTIONAL != KEYS:
                continue
            unit_id = procedure["unit"]
            if path.name != f"clause-{clause_of(unit_id)}.toml":
                faults.append(f"{where}: lies in the wrong file")
            for tag in procedure["editions"]:
                if tag not in editions:
                    continue
                if unit_id not in editions[tag].units:
                    faults.append(f"{where}: no such unit in {tag}")
                    continue
                if (tag, unit_id) in seen:
                    faults.append(f"{where}: {tag} has it already in {seen[tag, unit_id]}")
                seen[tag, unit_id] = path.name
                faults += [f"{where}: {f}" for f in reference_faults(procedure, tag, editions[tag])]
    for tag, edition in editions.items():
        for unit_id in edition.units:
            if (tag, unit_id) not in seen:
                faults.append(f"{unit_id} of {tag} has no procedure")
    for fault in faults:
        print(fault)
    counts = ", ".join(f"{sum(t == tag for t, _ in seen)} units of {tag}" for tag in editions)
    print(f"{entries} procedures, {counts}, {len(faults)} faults")
    print("FAIL" if faults else "PASS")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
