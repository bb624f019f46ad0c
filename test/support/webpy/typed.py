"""Typed JSON to Python values, for the kinds that random session data is made of."""
import base64
import collections
import datetime
import decimal
import fractions
import struct
import uuid
import zoneinfo

import web


def build(node):
    known = {}

    def keep(n, value):
        if "id" in n:
            known[n["id"]] = value
        return value

    def fill(n, target):
        for k, v in n["v"]:
            target[b(k)] = b(v)
        return target

    def length(n):
        return b(n) if isinstance(n, dict) else n

    def b(n):
        t = n["t"]
        if t == "none":
            return None
        if t == "bool":
            return n["v"]
        if t == "int":
            return int(n["v"])
        if t == "float":
            return struct.unpack(">d", bytes.fromhex(n["hex"]))[0]
        if t == "complex":
            return complex(b(n["re"]), b(n["im"]))
        if t == "str":
            return "".join(map(chr, n["cp"])) if "cp" in n else n["v"]
        if t == "bytes":
            return base64.b64decode(n["b64"])
        if t == "bytearray":
            return keep(n, bytearray(base64.b64decode(n["b64"])))
        if t == "list":
            value = keep(n, [])
            value.extend(b(x) for x in n["v"])
            return value
        if t == "tuple":
            return keep(n, tuple(b(x) for x in n["v"]))
        if t == "deque":
            value = keep(n, collections.deque(maxlen=length(n.get("maxlen"))))
            value.extend(b(x) for x in n["v"])
            return value
        if t == "set":
            value = keep(n, set())
            value.update(b(x) for x in n["v"])
            return value
        if t == "frozenset":
            return keep(n, frozenset(b(x) for x in n["v"]))
        if t == "dict":
            return fill(n, keep(n, {}))
        if t == "storage":
            return fill(n, keep(n, web.utils.Storage()))
        if t == "ordereddict":
            return fill(n, keep(n, collections.OrderedDict()))
        if t == "counter":
            return fill(n, keep(n, collections.Counter()))
        if t == "defaultdict":
            return fill(n, keep(n, collections.defaultdict({"builtins.list": list, "builtins.int": int}.get(n["factory"].get("name")))))
        if t == "ref":
            return known[n["id"]]
        if t == "datetime":
            return datetime.datetime.fromisoformat(n["v"]).replace(tzinfo=b(n["tz"]), fold=n["fold"])
        if t == "time":
            return datetime.time.fromisoformat(n["v"]).replace(tzinfo=b(n["tz"]), fold=n["fold"])
        if t == "date":
            return datetime.date.fromisoformat(n["v"])
        if t == "timedelta":
            return datetime.timedelta(n["days"], n["seconds"], n["microseconds"])
        if t == "timezone":
            offset = datetime.timedelta(microseconds=n["offset_us"])
            if offset == datetime.timedelta(0) and n.get("name") is None:
                return datetime.timezone.utc
            return datetime.timezone(offset, n["name"]) if n.get("name") is not None else datetime.timezone(offset)
        if t == "zoneinfo":
            return zoneinfo.ZoneInfo(n["key"])
        if t == "decimal":
            return decimal.Decimal(n["v"])
        if t == "fraction":
            return fractions.Fraction(int(n["num"]), int(n["den"]))
        if t == "uuid":
            return uuid.UUID(n["v"])
        if t == "range":
            return range(int(n["start"]), int(n["stop"]), int(n["step"]))
        raise ValueError("cannot build " + t)

    return b(node)
