import type { Handlers } from '../../../core/bridge/contract.ts';
import type { Peel, PeelStep } from '../../../core/model/peel.ts';
import { problem } from '../../../core/model/problem.ts';
import type { RecordView } from '../../../core/model/session.ts';
import type { TypedNode } from '../../../core/model/typed.ts';
import { applyEdits } from './fake-edits.ts';

type CodecMethods =
  | 'record.peel'
  | 'record.span'
  | 'record.layers'
  | 'layers.list'
  | 'value.decode'
  | 'value.findings'
  | 'value.edit';

const TITLES: Readonly<Record<string, string>> = { base64: 'Base64', pickle: 'Python pickle', json: 'JSON' };

function step(id: string, bytes: string, facts: PeelStep['facts'], reasons: string[]): PeelStep {
  const length = bytes.length;
  return {
    id,
    title: TITLES[id] ?? id,
    reasons,
    facts,
    lossless: true,
    bytes: length,
    base64: btoa(bytes),
    kept: length,
    warnings: [],
  };
}

/** Values that are base64 of JSON or JSON itself: enough to try the editor of a cookie's value. */
function opened(text: string): { layers: string[]; json: string } | null {
  for (const layers of [['json'], ['base64', 'json']]) {
    try {
      const json = layers.length === 1 ? text : atob(text);
      const value: unknown = JSON.parse(json);
      if (typeof value === 'object' && value !== null) return { layers, json };
    } catch {
      // Not this one.
    }
  }
  return null;
}

function typed(value: unknown): TypedNode {
  if (value === null || value === undefined) return { t: 'none' };
  if (typeof value === 'boolean') return { t: 'bool', v: value };
  if (typeof value === 'number') return { t: 'int', v: String(value) };
  if (typeof value === 'string') return { t: 'str', v: value };
  if (Array.isArray(value)) return { t: 'list', v: value.map(typed) };
  return { t: 'dict', v: Object.entries(value).map(([key, one]) => [{ t: 'str', v: key }, typed(one)]) };
}

function plain(node: TypedNode): unknown {
  if (node.t === 'dict') return Object.fromEntries(node.v.map(([key, one]) => [String(plain(key)), plain(one)]));
  if (node.t === 'list') return node.v.map(plain);
  if (node.t === 'int') return Number(node.v);
  return node.t === 'str' || node.t === 'bool' ? node.v : null;
}

/** The codec of the fake: one peel path for records, JSON for values. */
export function fakeCodec(view: (storeId: string, id: string) => RecordView | null): Pick<Handlers, CodecMethods> {
  const must = (storeId: string, id: string): RecordView => {
    const found = view(storeId, id);
    if (found === null) throw problem('record-gone', 'The record is not in the store any more');
    return found;
  };
  const textOf = (of: { text: string } | { base64: string }) => ('text' in of ? of.text : atob(of.base64));
  return {
    'record.peel': async ({ storeId, id, as }) => {
      const { rawBase64, value, revision, warnings } = must(storeId, id);
      const layers = as ?? ['base64', 'pickle'];
      const stored = atob(rawBase64);
      const steps = [
        step('base64', stored, { lines: '76 \\n' }, ['Only the base64 alphabet, in lines of 76']),
        { ...step('pickle', atob(stored.replace(/\s+/g, '')), { protocol: 4 }, ['Ends with STOP']), warnings },
      ];
      return { steps: steps.slice(0, layers.length), layers, value, lossless: true, revision };
    },
    'record.span': async ({ storeId, id, path }) => {
      const { revision } = must(storeId, id);
      const start = 16 * path.length;
      return { revision, inner: { start, end: start + 9 }, outer: { start: start * 2, end: start * 2 + 12 } };
    },
    'record.layers': async () => ({}),
    'layers.list': async () => ({
      layers: [
        { id: 'base64', title: 'Base64', kind: 'bytes' },
        { id: 'json', title: 'JSON', kind: 'value' },
        { id: 'pickle', title: 'Python pickle', kind: 'value' },
      ],
    }),
    'value.decode': async ({ of }): Promise<Peel> => {
      const text = textOf(of);
      const found = opened(text);
      if (found === null) {
        return { steps: [step('text', text, {}, [])], layers: ['text'], value: { t: 'str', v: text }, lossless: true };
      }
      const { layers, json } = found;
      return {
        steps: layers.map((id) => step(id, id === 'json' ? json : text, {}, [])),
        layers,
        value: typed(JSON.parse(json)),
        lossless: true,
      };
    },
    'value.findings': async () => ({ findings: [] }),
    'value.edit': async ({ of, edits }) => {
      const found = opened(textOf(of));
      if (found === null) throw problem('not-decodable', 'There is nothing inside this value');
      const json = JSON.stringify(plain(applyEdits(typed(JSON.parse(found.json)), edits)));
      const text = found.layers[0] === 'base64' ? btoa(json) : json;
      return { text, base64: btoa(text), companions: {} };
    },
  };
}
