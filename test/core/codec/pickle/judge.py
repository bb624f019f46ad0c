"""CPython as judge: answers one line of JSON with one line of JSON (see cpython.test.ts).

make   {"op": "make", "seed": n, "count": n}            -> {"pickles": [base64, ...]}
edit   {"op": "edit", "cases": [{before, after, edit}]} -> {"wrong": [[index, why], ...]}
value  {"op": "value", "cases": [{typed, pickle}]}      -> {"wrong": [[index, why], ...]}
loads  {"op": "loads", "cases": [base64]}               -> {"answers": ["value TYPE" or exception name]}
"""
import base64, builtins, collections, datetime, decimal, enum, fractions, io, json, math, pickle, pickletools
import random, resource, struct, sys, types, uuid, zoneinfo

import web

module = types.ModuleType("judge_models")
sys.modules["judge_models"] = module


class User:
    pass


class Cart(dict):
    pass


Point = collections.namedtuple("Point", "x y")
for cls in (User, Cart, Point):
    cls.__module__, cls.__qualname__ = "judge_models", cls.__name__
    setattr(module, cls.__name__, cls)

Storage = web.utils.Storage
TRACKED = (list, dict, set, bytearray, collections.deque, User)


def tracked(o):
    return isinstance(o, TRACKED) or (isinstance(o, (tuple, frozenset)) and len(o) > 0)


# ---------------------------------------------------------------- random values
def text(r):
    k = r.random()
    if k < 0.6:
        return "".join(r.choice("abcdefghij_") for _ in range(r.randrange(1, 9)))
    if k < 0.75:
        return "".join(chr(r.choice((0x4F60, 0x597D, 0xE9, 0x1F600, 0x20AC))) for _ in range(r.randrange(4)))
    if k < 0.85:
        return "".join(chr(r.randrange(256)) for _ in range(r.randrange(12)))
    if k < 0.9:
        return "".join(chr(r.choice((0xD83D, 0xDE00, 0xDC80, 0x61))) for _ in range(3))
    return "x" * r.choice((0, 255, 256, 300))


def scalar(r):
    k = r.randrange(12)
    if k < 3:
        return text(r)
    if k < 5:
        return r.choice((0, 1, -1, 255, 256, 65535, 65536, -129, 2**31 - 1, 2**31, -(2**31), 2**63, -(2**64), 10**30, r.randrange(10**6)))
    if k == 5:
        return r.choice((0.0, -0.0, 1.5, math.inf, -math.inf, math.nan, 1e300, 5e-324, r.random()))
    if k == 6:
        return r.choice((True, False, None))
    if k == 7:
        return bytes(r.randrange(256) for _ in range(r.choice((0, 1, 5, 260))))
    if k == 8:
        tz = r.choice((None, datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=-3), "BRT"), zoneinfo.ZoneInfo("Asia/Shanghai")))
        return r.choice((datetime.datetime(2012, 7, 1, 23, 59, 59, r.randrange(10**6), tz), datetime.date(1999, 12, 31), datetime.time(1, 2, 3, tzinfo=tz), datetime.timedelta(r.randrange(-9, 9), 5, 6)))
    if k == 9:
        return r.choice((decimal.Decimal("19.90"), decimal.Decimal("-1E+50"), fractions.Fraction(1, r.randrange(1, 9)), uuid.UUID(int=r.getrandbits(128)), complex(1, -0.5), range(1, 10, 3)))
    return text(r)


def key(r):
    k = r.randrange(10)
    if k < 7:
        return text(r)
    return r.choice((r.randrange(300), (1, text(r)), b"k", None, 2.5, frozenset([1, "a"])))


def value(r, depth, pool):
    if depth <= 0 or r.random() < 0.35:
        return scalar(r)
    if pool and r.random() < 0.2:
        return r.choice(pool)
    n = r.choice((0, 1, 2, 2, 3, 4))
    kind = r.randrange(14)
    if kind < 4:
        o = [value(r, depth - 1, pool) for _ in range(n)]
        if r.random() < 0.04:
            o.append(o)
    elif kind < 8:
        o = {key(r): value(r, depth - 1, pool) for _ in range(n)}
        if r.random() < 0.04:
            o["self"] = o
    elif kind == 8:
        o = tuple(value(r, depth - 1, pool) for _ in range(n))
    elif kind == 9:
        o = r.choice((set, frozenset))(text(r) for _ in range(n))
    elif kind == 10:
        o = r.choice((
            lambda: collections.OrderedDict((text(r), scalar(r)) for _ in range(n)),
            lambda: collections.Counter(text(r) for _ in range(n)),
            lambda: collections.defaultdict(list, {text(r): [1] for _ in range(n)}),
            lambda: collections.deque([scalar(r) for _ in range(n)], r.choice((None, 9))),
        ))()
    elif kind == 11:
        o = Storage({text(r): value(r, depth - 1, pool) for _ in range(n)})
    elif kind == 12:
        o = User()
        for _ in range(n):
            setattr(o, text(r) or "a", value(r, depth - 1, pool))
    else:
        o = r.choice((lambda: Point(scalar(r), value(r, depth - 1, pool)), lambda: bytearray(b"ab\xff"), lambda: Cart({text(r): scalar(r)})))()
    if tracked(o):
        pool.append(o)
    return o


def make(q):
    out = []
    for i in range(q["count"]):
        r = random.Random(q["seed"] * 1000003 + i)
        pool = []
        session = {"session_id": "ab" * 20, "ip": "127.0.0.1"} if r.random() < 0.5 else {}
        for _ in range(r.randrange(1, 5)):
            session[key(r)] = value(r, 3, pool)
        o = session if r.random() < 0.85 else value(r, 3, pool)
        out.append(base64.b64encode(pickle.dumps(o, i % 6)).decode())
    return {"pickles": out}


# ---------------------------------------------------------------- typed JSON -> value
def build(node):
    made = {}

    def keep(n, o):
        if n.get("id") is not None:
            made[n["id"]] = o
        return o

    def num(n):
        return struct.unpack(">d", bytes.fromhex(n["hex"]))[0]

    def tz(n):
        return None if n["t"] == "none" else b(n)

    def fill(n, o):
        for k, v in n["v"]:
            dict.__setitem__(o, b(k), b(v))
        return o

    def b(n):
        t = n["t"]
        if t == "none":
            return None
        if t == "bool":
            return n["v"]
        if t == "int":
            return int(n["v"])
        if t == "float":
            return num(n)
        if t == "str":
            return "".join(map(chr, n["cp"])) if "cp" in n else n["v"]
        if t == "bytes":
            return base64.b64decode(n["b64"])
        if t == "bytearray":
            return keep(n, bytearray(base64.b64decode(n["b64"])))
        if t == "ref":
            return made[n["id"]]
        if t == "list":
            o = keep(n, [])
            o.extend(b(x) for x in n["v"])
            return o
        if t in ("tuple", "frozenset", "set"):
            return keep(n, {"tuple": tuple, "frozenset": frozenset, "set": set}[t]([b(x) for x in n["v"]]))
        if t == "deque":
            o = keep(n, collections.deque([], int(n["maxlen"]["v"]) if "maxlen" in n else None))
            o.extend(b(x) for x in n["v"])
            return o
        if t == "dict":
            return fill(n, keep(n, {}))
        if t == "storage":
            return fill(n, keep(n, Storage()))
        if t == "ordereddict":
            o = keep(n, collections.OrderedDict())
            for k, v in n["v"]:
                o[b(k)] = b(v)
            return o
        if t == "counter":
            return fill(n, keep(n, collections.Counter()))
        if t == "defaultdict":
            return fill(n, keep(n, collections.defaultdict(b(n["factory"]))))
        if t == "global":
            return {"builtins.list": list, "builtins.int": int}[n["name"]]
        if t in ("datetime", "time"):
            c = datetime.datetime if t == "datetime" else datetime.time
            return c.fromisoformat(n["v"]).replace(fold=n["fold"], tzinfo=tz(n["tz"]))
        if t == "date":
            return datetime.date.fromisoformat(n["v"])
        if t == "timedelta":
            return datetime.timedelta(n["days"], n["seconds"], n["microseconds"])
        if t == "timezone":
            off = datetime.timedelta(microseconds=n["offset_us"])
            return datetime.timezone(off, n["name"]) if "name" in n else datetime.timezone(off)
        if t == "zoneinfo":
            return zoneinfo.ZoneInfo(n["key"])
        if t == "decimal":
            return decimal.Decimal(n["v"])
        if t == "fraction":
            return fractions.Fraction(int(n["num"]), int(n["den"]))
        if t == "uuid":
            return uuid.UUID(n["v"])
        if t == "complex":
            return complex(num(n["re"]), num(n["im"]))
        if t == "range":
            return range(int(n["start"]), int(n["stop"]), int(n["step"]))
        if t == "object" and n["class"] == "judge_models.User":
            o = keep(n, User())
            if n["state"] is not None:
                o.__dict__.update(b(n["state"]))
            return o
        if t == "object" and n["class"] == "judge_models.Point":
            return keep(n, Point(*[b(x) for x in n["items"]]))
        if t == "object" and n["class"] == "judge_models.Cart":
            o = keep(n, Cart())
            for k, v in n["entries"]:
                o[b(k)] = b(v)
            if n["state"] is not None:
                o.__dict__.update(b(n["state"]))
            return o
        raise ValueError("no value for " + t)

    return b(node)


# ---------------------------------------------------------------- comparison
def atom(o):
    if isinstance(o, float):
        return struct.pack(">d", o) if not math.isnan(o) else b"nan"
    if isinstance(o, complex):
        return (atom(o.real), atom(o.imag))
    if isinstance(o, (datetime.datetime, datetime.time)):
        return (o.replace(tzinfo=None), o.fold, repr(o.tzinfo))
    return o


def same(a, b):
    """Equal types, contents, order of mappings, and the same sharing."""
    left, right = {}, {}
    todo = [(a, b, "root")]
    while todo:
        x, y, at = todo.pop()
        if type(x) is not type(y):
            return "%s: %s is not %s" % (at, type(x).__name__, type(y).__name__)
        if tracked(x):
            if left.get(id(x), id(y)) != id(y) or right.get(id(y), id(x)) != id(x):
                return "%s: shared differently" % at
            if id(x) in left:
                continue
            left[id(x)], right[id(y)] = id(y), id(x)
        if isinstance(x, dict):
            if len(x) != len(y) or getattr(x, "default_factory", None) is not getattr(y, "default_factory", None):
                return "%s: %d and %d entries" % (at, len(x), len(y))
            for (k, v), (l, w) in zip(dict.items(x), dict.items(y)):
                todo.append((k, l, at + " key %r" % (k,)))
                todo.append((v, w, "%s[%r]" % (at, k)))
        elif isinstance(x, (list, tuple, collections.deque)):
            if len(x) != len(y) or getattr(x, "maxlen", None) != getattr(y, "maxlen", None):
                return "%s: %d and %d items" % (at, len(x), len(y))
            todo.extend((v, w, "%s[%d]" % (at, i)) for i, (v, w) in enumerate(zip(x, y)))
        elif isinstance(x, (set, frozenset)):
            if x != y or sorted(map(repr, x)) != sorted(map(repr, y)):
                return "%s: %r and %r" % (at, x, y)
        elif not isinstance(x, User) and atom(x) != atom(y):
            return "%s: %r and %r" % (at, x, y)
        if hasattr(x, "__dict__") and not isinstance(x, (type, enum.Enum, fractions.Fraction, uuid.UUID)):
            if isinstance(x, (User, Cart)):
                if list(x.__dict__) != list(y.__dict__):
                    return "%s: attributes" % at
                todo.extend((v, y.__dict__[k], "%s.%s" % (at, k)) for k, v in x.__dict__.items())
    return None


# ---------------------------------------------------------------- edits, done by Python itself
def find(o, path):
    for step in path:
        o = child(o, step)
    return o


def child(o, step):
    if "member" in step:
        return build(step["member"])
    if "state" in step:
        return ("state of", o)
    if type(o) is tuple and len(o) == 2 and o[0] == "state of":
        return o[1].__dict__[build(step["key"])]
    return o[build(step["key"])] if "key" in step else o[step["index"]]


def apply(root, e):
    """A copy of the whole value with one change; sharing and recursion are kept."""
    op, path = e["op"], e["path"]
    fresh = build(e["value"]) if "value" in e else None
    if not path:
        return fresh
    holder, last = find(root, path[:-1]), path[-1]
    attributes = type(holder) is tuple and len(holder) == 2 and holder[0] == "state of"
    if attributes:
        holder = holder[1]
    everywhere = None
    if op == "set" and e.get("occurrences") == "all":
        old = find(root, path)
        if tracked(old):
            everywhere = id(old)
    memo = {}

    def change_pairs(pairs):
        if "member" in last:
            raise ValueError
        k = build(last["key"])
        at = next((i for i, p in enumerate(pairs) if p[0] == k and type(p[0]) is type(k)), None)
        if op == "insert":
            return pairs + [(k, fresh)]
        if op == "delete":
            return pairs[:at] + pairs[at + 1:]
        if op == "rename":
            return pairs[:at] + [(build(e["key"]), pairs[at][1])] + pairs[at + 1:]
        if op == "move":
            rest = pairs[:at] + pairs[at + 1:]
            return rest[:e["to"]] + [pairs[at]] + rest[e["to"]:]
        return pairs[:at] + [(k, fresh)] + pairs[at + 1:]

    def change_items(items):
        i = last["index"]
        if op == "insert":
            return items[:i] + [fresh] + items[i:]
        if op == "delete":
            return items[:i] + items[i + 1:]
        if op == "move":
            rest = items[:i] + items[i + 1:]
            return rest[:e["to"]] + [items[i]] + rest[e["to"]:]
        return items[:i] + [fresh] + items[i + 1:]

    def change_set(members):
        if op == "insert":
            return members + [fresh]
        gone = build(last["member"])
        left = [m for m in members if m != gone]
        return left + [fresh] if op == "set" else left

    def copy(o):
        if o is fresh and fresh is not None:
            return o
        if everywhere is not None and id(o) == everywhere:
            return fresh
        if not tracked(o):
            return o
        if id(o) in memo:
            return memo[id(o)][0]
        here = o is holder and everywhere is None
        if isinstance(o, User) or isinstance(o, Cart):
            n = type(o).__new__(type(o))
            memo[id(o)] = (n, o)
            pairs = list(o.__dict__.items())
            for k, v in change_pairs(pairs) if here and attributes else pairs:
                n.__dict__[k] = copy(v)
            if isinstance(o, Cart):
                entries = list(o.items())
                for k, v in change_pairs(entries) if here and not attributes else entries:
                    n[copy(k)] = copy(v)
            return n
        if isinstance(o, dict):
            n = collections.defaultdict(o.default_factory) if isinstance(o, collections.defaultdict) else type(o)()
            memo[id(o)] = (n, o)
            pairs = list(dict.items(o))
            for k, v in change_pairs(pairs) if here else pairs:
                if isinstance(o, collections.OrderedDict):
                    n[copy(k)] = copy(v)
                else:
                    dict.__setitem__(n, copy(k), copy(v))
            return n
        if isinstance(o, (list, collections.deque)):
            n = [] if isinstance(o, list) else collections.deque([], o.maxlen)
            memo[id(o)] = (n, o)
            items = list(o)
            n.extend([copy(x) for x in (change_items(items) if here else items)])
            return n
        if isinstance(o, tuple):
            items = [copy(x) for x in (change_items(list(o)) if here else o)]
            n = type(o)(*items) if isinstance(o, Point) else tuple(items)
        elif isinstance(o, (set, frozenset)):
            n = type(o)(change_set(list(o)) if here else o)
        else:
            n = bytearray(o)
        memo[id(o)] = (n, o)
        return n

    return copy(root)


def checked(case, expected):
    raw = base64.b64decode(case)
    try:
        got = pickle.loads(raw)
    except Exception as e:
        return "loads: %s: %s" % (type(e).__name__, e)
    try:
        pickletools.dis(raw, io.StringIO())
    except Exception as e:
        return "dis: %s: %s" % (type(e).__name__, e)
    return same(got, expected)


def judge(cases, expect, field):
    wrong = []
    for i, case in enumerate(cases):
        try:
            wanted = expect(case)
        except Exception as e:
            wrong.append([i, "the judge cannot do it: %s: %s" % (type(e).__name__, e)])
            continue
        why = checked(case[field], wanted)
        if why is not None:
            wrong.append([i, why])
    return {"wrong": wrong}


def forbidden(name, *rest):
    raise ModuleNotFoundError(name)


def loads(q):
    """The C unpickler, with no module to be found: nothing of a hostile stream can run."""
    answers = []
    real = builtins.__import__
    for case in q["cases"]:
        raw = base64.b64decode(case)
        builtins.__import__ = forbidden
        try:
            answer = "value " + type(pickle.loads(raw)).__name__
        except BaseException as e:
            answer = type(e).__name__
        finally:
            builtins.__import__ = real
        answers.append(answer)
    return {"answers": answers}


sys.setrecursionlimit(10000)
resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))
for line in sys.stdin:
    q = json.loads(line)
    if q["op"] == "make":
        answer = make(q)
    elif q["op"] == "edit":
        answer = judge(q["cases"], lambda c: apply(pickle.loads(base64.b64decode(c["before"])), c["edit"]), "after")
    elif q["op"] == "loads":
        answer = loads(q)
    else:
        answer = judge(q["cases"], lambda c: build(c["typed"]), "pickle")
    sys.stdout.write(json.dumps(answer) + "\n")
