/**
 * Typed JSON made comparable with the fixtures: they write `"name": null` for a zone without name, which our nodes leave
 * out, `maxlen` of a deque as a bare number, and have members of sets in another order.
 */
export function comparable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) => {
    if (inner === null) return undefined;
    if (key === 'maxlen' && typeof inner === 'number') return { t: 'int', v: String(inner) };
    if (!isSet(inner)) return inner;
    return { ...inner, v: inner.v.map((member) => JSON.stringify(member)).sort() };
  });
}

function isSet(value: unknown): value is { t: string; v: unknown[] } {
  return typeof value === 'object' && value !== null && 't' in value && (value.t === 'set' || value.t === 'frozenset');
}
