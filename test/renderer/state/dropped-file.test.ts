import { expect, test } from 'vitest';
import { kindOfFile } from '../../../renderer/src/state/dropped-file.ts';

test('a dropped file is known by its beginning, whatever its name is', () => {
  expect(kindOfFile('a.txt', '# Netscape HTTP Cookie File\n')).toBe('cookies');
  expect(kindOfFile('cookies', 'shop.test\tFALSE\t/\tTRUE\t0\tsid\tabc\n')).toBe('cookies');
  expect(kindOfFile('x', '# comment\n#HttpOnly_shop.test\tFALSE\t/\tTRUE\t0\tsid\tabc\n')).toBe('cookies');
  expect(kindOfFile('state.json', '\uFEFF{\n  "cookies": [')).toBe('cookies');
  expect(kindOfFile('state.json', '{"origins":[],"cookies":[]}')).toBe('cookies');
  expect(kindOfFile('traffic.json', '{"log": {"version":"1.2"')).toBe('har');
  expect(kindOfFile('traffic.har', '{ "comment": "", "log":')).toBe('har');
  expect(kindOfFile('app.db', 'SQLite format 3\0')).toBe('other');
  expect(kindOfFile('traffic.har', '')).toBe('other');
});
