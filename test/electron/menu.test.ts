import type { MenuItemConstructorOptions } from 'electron';
import { expect, test } from 'vitest';
import { menuTemplate } from '../../electron/main/menu-template.ts';
import { placeOf } from '../../electron/main/window-state.ts';

const all = (items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? all(item.submenu) : [])]);

test('the menu has every act with a name, in both languages and on each system', () => {
  for (const mac of [true, false]) {
    const [en, zh] = (['en', 'zh-CN'] as const).map((language) => all(menuTemplate({ mac, language, act: () => {} })));
    const named = (items: typeof en) => (items ?? []).filter(({ type }) => type !== 'separator');
    expect(named(en).map(({ id, role }) => id ?? role)).toEqual(named(zh).map(({ id, role }) => id ?? role));
    for (const item of [...named(en), ...named(zh)]) expect(item.label, JSON.stringify(item)).toBeTruthy();
    // No name is left in English, but for the program's own.
    const left = named(zh).filter(({ label }) => !/[一-鿿]/.test(label ?? '') && label !== 'Sessionscope');
    expect(left).toEqual([]);
    const keys = named(en).flatMap(({ accelerator }) => accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
    const acts = named(en).flatMap(({ id }) => id ?? []);
    expect(acts).toEqual(expect.arrayContaining(['stores', 'import-har', 'export-har', 'settings', 'help', 'palette']));
    expect(named(en).some(({ role }) => role === 'about')).toBe(true);
  }
});

test('choosing sends the act; keys that the window handles are not taken from it', () => {
  const sent: string[] = [];
  const items = all(menuTemplate({ mac: false, language: 'en', act: (act) => sent.push(act) }));
  const item = (id: string) => items.find((one) => one.id === id);
  (item('settings')?.click as (() => void) | undefined)?.();
  expect(sent).toEqual(['settings']);
  for (const id of ['undo', 'redo', 'filter', 'palette'])
    expect(item(id)).toMatchObject({ registerAccelerator: false });
  const mac = all(menuTemplate({ mac: true, language: 'en', act: () => {} }));
  expect(mac.find(({ id }) => id === 'undo')?.accelerator).toBeUndefined();
});

test('a window comes back where it was, unless nobody could get hold of it there', () => {
  const screens = [
    { x: 0, y: 0, width: 1920, height: 1080 },
    { x: 1920, y: 0, width: 1280, height: 1024 },
  ];
  const saved = (x: number, y: number, more = {}) =>
    placeOf(JSON.stringify({ bounds: { x, y, width: 1360, height: 860 }, maximized: false, ...more }), screens);
  expect(saved(100, 50)).toEqual({ bounds: { x: 100, y: 50, width: 1360, height: 860 }, maximized: false });
  expect(saved(2_000, 50, { maximized: true })?.maximized).toBe(true);
  // The second screen was unplugged, or the title bar would be out of sight.
  expect(saved(4_000, 50)).toBeUndefined();
  expect(saved(-1_340, 50)).toBeUndefined();
  expect(saved(100, -20)).toBeUndefined();
  for (const bad of ['', '{', 'null', '{"bounds":{"x":"1"}}', '{"bounds":{"x":1.5,"y":0,"width":1,"height":1}}'])
    expect(placeOf(bad, screens), bad).toBeUndefined();
});
