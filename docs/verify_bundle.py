"""Verifies a bundle of assay without assay: python3 verify_bundle.py FILE [PUBLIC-KEY.pem], beside the openssl command.
docs/reference/bundle.md and ledger.md say what is checked. NOT done here: raw measurements are not read again, nothing is
judged again, and keys.json, reports and README.txt are not derived: beyond size and digest they are the signer's word.
Exit code 0: sound, 20: not sound, 1: could not be read."""
import base64, datetime, hashlib, json, mmap, os, pathlib, re, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor
def need(holds, item, why):
    if not holds: raise ValueError(f"{item}: {why}")
def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()
def text(digest): return "sha256:" + digest.hex()
def unbase64(text): return base64.b64decode(text, validate=True)
def read_json(raw, item):
    """JSON in its one canonical form (RFC 8785): what is there twice, spaced or escaped otherwise is refused."""
    def form(v):
        if isinstance(v, dict):
            return "{" + ",".join(form(k) + ":" + form(v[k]) for k in sorted(v, key=lambda k: k.encode("utf-16-be"))) + "}"
        return "[" + ",".join(map(form, v)) + "]" if isinstance(v, list) else json.dumps(v, ensure_ascii=False)
    value = json.loads(str(raw, "utf-8"))
    need(form(value).encode() == raw, item, "it is not in canonical form")
    return value
PART = re.compile(r"README\.txt|blobs/[0-9a-f]{64}(\.salt)?|checkpoint\.txt|dossier/.+|keys\.json|keys/[0-9a-f]{16}\.pem"
    r"|leaves/\d{8}\.jsonl|manifest(\.dsse)?\.json|reports/report\.(html|json|md)|timestamps/[^/]+|verdicts\.json", re.A)
BAD_PATH = re.compile(r"(^|/)\.{0,2}(/|$)|[\x00-\x1f\x7f-\x9f\\]")
def header(path, size):  # the one that a plain file of this path and size has in a bundle
    block = path.encode().ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + b"%011o\0" % size + b"0" * 11 + b"\0"
    block += b" " * 8 + b"0" + bytes(100) + b"ustar\00000" + bytes(64) + b"0000000\0" * 2 + bytes(167)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]
def container(data):
    files, at, last, folded = {}, 0, b"", set()
    while (block := data[at:at + 512]) != bytes(512):
        path, size = block[:100].split(b"\0")[0].decode(), int(block[124:135].decode("ascii") or "0", 8)
        need(size >= 0 and block == header(path, size), f"the header at byte {at}", "not that of a plain file in a bundle")
        need(PART.fullmatch(path) and not BAD_PATH.search(path), path, "it is no part of a bundle")
        need(path.encode() > last and path.lower() not in folded, path, "it is out of order, or there twice")
        begin, end, at = at + 512, at + 512 + size, at + 512 + size + -size % 512
        need(at <= len(data) and not any(data[end:at]), path, "it is cut off, or not filled up with zero bytes")
        files[path], last = memoryview(data)[begin:end], path.encode()
        folded.add(path.lower())
    need(data[at:at + 1025] == bytes(1024), "the end of the bundle", "two blocks of zero bytes do not end it")
    return files
def key_of(line):
    der, pem = unbase64(line), f"-----BEGIN PUBLIC KEY-----\n{line}\n-----END PUBLIC KEY-----\n"
    need(len(der) == 44 and der[:12].hex() == "302a300506032b6570032100", line, "it is no Ed25519 key")
    return {"raw": der[12:], "id": sha(der[12:])[:8].hex(), "pem": pem.encode(), "role": "log", "from": 0, "until": None}
def valid(key, index): return key["from"] <= index and (key["until"] is None or index < key["until"])
def made(key, message, signature, item):  # asks openssl whether the key made this signature over this message
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, name) for name in ("key", "message", "signature")]
        for name, content in zip(names, (key["pem"], message, signature)): pathlib.Path(name).write_bytes(content)
        command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", names[0], "-in", names[1], "-sigfile", names[2]]
        return subprocess.run(command, capture_output=True).returncode == 0
def envelope(raw, item):
    """A DSSE envelope around an in-toto statement: the statement, the signed bytes, the signatures with their key ids."""
    parts, kind = read_json(raw, item), "application/vnd.in-toto+json"
    payload, signatures = unbase64(parts["payload"]), [(s["keyid"], unbase64(s["sig"])) for s in parts["signatures"]]
    statement, form = read_json(payload, item), len(parts) == 3 and all(len(s) == 2 for s in parts["signatures"])
    need(form and signatures and parts["payloadType"] == kind, item, "it is no envelope")
    need(statement["_type"] == "https://in-toto.io/Statement/v1" and statement["subject"], item, "it is no statement")
    return statement, b"DSSEv1 28 %s %d %s" % (kind.encode(), len(payload), payload), signatures
def walk(leaves, trusted, checks):
    """Every record at its place, and the keys that records enter and end. What openssl has to check is listed."""
    keys, records, hashes, last = {trusted["id"]: trusted} if trusted else {}, [], [], None
    for index, raw in enumerate(leaves):
        item, (statement, message, signatures) = f"record {index}", envelope(raw, f"record {index}")
        place, record, kind = statement["predicate"]["ledger"], statement["predicate"]["record"], statement["predicateType"]
        change, by = record if kind == "urn:assay:key:v1" else {}, [name for name, _ in signatures]
        new = key_of(change["publicKey"]) if "publicKey" in change else None
        for name, signature in signatures:
            key = keys.get(name, new)
            need(key and key["id"] == name and (key is new or valid(key, index)), item, f"key {name} may not sign it")
            checks.append((key, message, signature, item))
        previous, time = text(hashes[-1]) if hashes else None, datetime.datetime.fromisoformat(place["recordedAt"])
        need((place["index"], place["previous"]) == (index, previous), item, "it does not follow the record before it")
        need(last is None or time >= last, item, "it was recorded before the record before it")
        by_log = index == 0 or any(keys[name]["role"] == "log" for name in by if name in keys)
        old = keys.get(change.get("replaces", change.get("key")))
        if change.get("action") == "enter":
            own = change["role"] != "log" or new["id"] in by if index else change["role"] == "log" and by == [new["id"]]
            need(by_log and own, item, "a key is entered by the log, and a key of the log by itself too")
            need(index or not trusted or trusted["id"] == new["id"], item, "the log does not begin with the given key")
            new |= {"role": change["role"], "from": index + 1 if index else 0}
        elif change:
            need(old and valid(old, index), item, "it ends a key that is not valid here")
            need({new["id"], old["id"]} <= set(by) if new else by_log or old["id"] in by, item, "who has to did not sign it")
            rest = [key for key in keys.values() if key is not old and key["role"] == "log" and valid(key, index)]
            need(new or rest or old["role"] != "log", item, "it ends the last key of the log")
            old["until"], new = index + 1, new and new | {"role": old["role"], "from": index + 1}
        need(not new or index == 0 or new["id"] not in keys, item, "its key was entered before")
        keys, last = keys | ({new["id"]: new} if new else {}), time
        records.append((kind, record)), hashes.append(sha(b"\0", raw))
    return keys, records, hashes
def root(hashes):
    if len(hashes) < 2: return hashes[0] if hashes else sha()
    half = 1 << (len(hashes) - 1).bit_length() - 1  # the largest power of two below
    return sha(b"\1", root(hashes[:half]), root(hashes[half:]))
def named(kind, record):  # the kept bytes that a record surely names: digest, whether a salt stands before them, their kind
    kind = kind.removeprefix("urn:assay:").removesuffix(":v1")
    files = record["artefacts"] if kind == "statement" else [record] if kind == "artefact" else []
    files = [record.get("firmware", {}).get("kept"), record.get("sbom")] if kind == "release" else files
    found = [(file["digest"], file.get("salted", False), file["kind"]) for file in files if file]
    found += [(digest, False, "dossier") for digest in record["files"].values()] if kind == "dossier-revision" else []
    own = [k for k in ("raw", "openings", "token") if k in record and kind in ("observation", "statement", "artefact", "timestamp")]
    return [(record[k], k == "openings" or record.get("salted", False), "time-stamp" if k == "token" else k) for k in own] + found
def verify(data, trusted):
    files, checks = container(data), []
    digest = {path: text(sha(content)) for path, content in files.items()}
    below = lambda folder: {path: digest[path] for path in files if path.startswith(folder)}
    manifest, seal = read_json(files["manifest.json"], "manifest.json"), "manifest.dsse.json"
    statement, message, ((signer, signature),) = envelope(files[seal], seal)
    about = [{"digest": {"sha256": digest["manifest.json"][7:]}, "name": "manifest.json"}], {k: manifest[k] for k in ("log", "redacted")}
    need((statement["subject"], statement["predicate"]) == about, seal, "it is not on this manifest")
    form = {manifest["format"], manifest["version"], statement["predicateType"]}
    need(form == {"assay-bundle", 1, "urn:assay:bundle:v1"}, "manifest.json", "its format is not known here")
    for path in sorted((files.keys() | manifest["files"].keys()) - {"manifest.json", seal}):
        there = path in files and {"size": len(files[path]), "digest": digest[path]}
        need(there == manifest["files"].get(path), path, "it is not as manifest.json lists it")
    keys, records, hashes = walk(b"".join(map(files.get, below("leaves/"))).split(b"\n")[:-1], trusted, checks)
    log, judged, size = manifest["log"], manifest["assessment"], len(hashes)
    note, line = str(files["checkpoint.txt"], "utf-8").split("\n\n")
    stamp, top = unbase64(line.removeprefix(f"— {log['origin']} ").rstrip("\n")), root(hashes)
    need(note.split("\n") == [log["origin"], str(size), base64.b64encode(top).decode()], "checkpoint.txt", "it is over other leaves")
    by = [k for k in keys.values() if sha(f"{log['origin']}\n\1".encode(), k["raw"])[:4] == stamp[:4] and k["role"] == "log"]
    need(by and valid(by[0], size) and valid(keys[signer], size), "checkpoint.txt", "the keys after the last record did not sign")
    checks += [(by[0], note.encode() + b"\n", stamp[4:], "checkpoint.txt"), (keys[signer], message, signature, seal)]
    for check, good in zip(checks, ThreadPoolExecutor(4).map(made, *zip(*checks))): need(good, check[3], "this is not what was signed")
    need(below("keys/") == {f"keys/{k['id']}.pem": text(sha(k["pem"])) for k in keys.values()}, "keys", "not those of the log")
    kind, record = records[judged]
    need(kind == "urn:assay:assessment:v1" and record["verdicts"] == digest["verdicts.json"], "verdicts.json", "not what was recorded")
    same = all(manifest[what] == record[what] for what in ("product", "release", "edition"))
    need(same and log == {"origin": log["origin"], "size": size, "root": text(top)}, "manifest.json", "not on this log and record")
    dossier = [record["files"] for kind, record in records[:judged] if kind == "urn:assay:dossier-revision:v1"][-1]
    need(below("dossier/") == {"dossier/" + path: each for path, each in dossier.items()}, "dossier", "not what was judged")
    withheld = {each["digest"]: (each["leaf"], each["kind"]) for each in manifest["withheld"]}
    first = {found[0]: (i, *found[1:]) for i in reversed(range(size)) for found in reversed(named(*records[i]))}
    for each, (index, salted, kind) in first.items():
        path, gone = "blobs/" + each[7:], withheld.get(each) == (index, kind) and manifest["redacted"]
        need(path in files or gone or each in dossier.values(), path, "it is missing, and not listed as withheld")
        need(path not in files or text(sha(files[path + ".salt"] if salted else b"", files[path])) == each, path, "not what was recorded")
    seen = set(re.findall("sha256:[0-9a-f]{64}", json.dumps(records)))
    need({"sha256:" + path[6:70] for path in below("blobs/")} | withheld.keys() <= seen, "blobs", "there is one that no record names")
    trust = "as given" if trusted else "taken from the bundle"
    return size, "records,", len(withheld), "pieces withheld: sound, NOT judged again; root key", *list(keys)[:1], trust
if __name__ == "__main__":
    try:
        with open(sys.argv[1], "rb") as file: data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        given = key_of("".join(pathlib.Path(sys.argv[2]).read_text().split("\n")[1:-2])) if sys.argv[2:] else None
    except (OSError, ValueError, IndexError) as error: sys.exit(print("could not be read:", error, file=sys.stderr) or 1)
    try: print(*verify(data, given))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        sys.exit(print(f"does not verify: {type(error).__name__}: {error}", file=sys.stderr) or 20)
