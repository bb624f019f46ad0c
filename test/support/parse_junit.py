"""Reads JUnit XML on standard input the way CI systems do, and prints what it says as JSON."""
import json
import sys
import xml.etree.ElementTree as ET

root = ET.fromstring(sys.stdin.buffer.read())


def counts(element):
    # Jenkins' junit-10.xsd has no number of skipped cases at the root.
    skipped = element.get("skipped") or sum(int(suite.get("skipped")) for suite in element.findall("testsuite"))
    return {"skipped": int(skipped), **{name: int(element.get(name)) for name in ("tests", "failures", "errors")}}


print(json.dumps({
    "root": root.tag,
    **counts(root),
    "suites": [{
        "name": suite.get("name"),
        **counts(suite),
        "cases": [{
            "name": case.get("name"),
            "classname": case.get("classname"),
            "seconds": float(case.get("time")),
            "parts": [{"kind": part.tag, "type": part.get("type"), "message": part.get("message"), "text": part.text or ""}
                      for part in case],
        } for case in suite.findall("testcase")],
    } for suite in root.findall("testsuite")],
}))
