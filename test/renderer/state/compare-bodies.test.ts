import { expect, it } from 'vitest';
import type { BodyView } from '../../../core/model/app.ts';
import { compareBodies } from '../../../renderer/src/state/compare-bodies.ts';

const body = (text: string, contentType: string | null = 'text/html'): BodyView => ({
  size: text.length,
  kept: text.length,
  contentType,
  contentEncoding: null,
  text,
  truncated: false,
});

it('two counts differ in their body', () => {
  expect(compareBodies(body('312'), body('311'), '←')).toEqual([{ at: '← body', left: '312', right: '311' }]);
  expect(compareBodies(body('312'), body('312'), '←')).toEqual([]);
});

it('JSON is compared by its places and types', () => {
  const left = body('{"user":"alice","cart":[{"n":1}],"old":true}', 'application/json; charset=utf-8');
  const right = body('{"cart":[{"n":"1"}],"user":"alice","new":null}', 'application/problem+json');
  expect(compareBodies(left, right, '←')).toEqual([
    { at: '← body cart[0].n', left: '1', right: '"1"' },
    { at: '← body old', left: 'true' },
    { at: '← body new', right: 'null' },
  ]);
});

it('forms are compared by their fields, repeated ones too', () => {
  const form = (text: string) => body(text, 'application/x-www-form-urlencoded');
  const lines = compareBodies(form('user=alice&tag=a&tag=b'), form('user=bob&tag=a&tag=c'), '→');
  expect(lines.map(({ at }) => at)).toEqual(['→ body user', '→ body tag[1]']);
});

it('pages are compared line by line, what moved is not counted as changed', () => {
  const page = (count: number, more: string[] = []) =>
    body(['<html>', ...more, `count ${count}`, '</html>'].join('\n'));
  expect(compareBodies(page(1), page(2), '←')).toEqual([{ at: '← body line 2', left: 'count 1', right: 'count 2' }]);
  expect(compareBodies(page(1), page(1, ['<p>new</p>']), '←')).toEqual([{ at: '← body line 2', right: '<p>new</p>' }]);
});

it('what is no text, no JSON after all, or huge, is said as it is', () => {
  const binary: BodyView = { ...body(''), text: undefined as never, base64: 'AAEC', size: 3 };
  expect(compareBodies(binary, body('x'), '←')).toEqual([{ at: '← body', left: '3 B', right: 'x' }]);
  expect(compareBodies(body('{', 'application/json'), body('{}', 'application/json'), '←')).toHaveLength(1);
  const many = (n: number) => body(Array.from({ length: 3_000 }, (_, i) => `${i * n}`).join('\n'));
  expect(compareBodies(many(1), many(2), '←').length).toBeLessThanOrEqual(200);
});
