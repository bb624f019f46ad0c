import { MODULES_2_TO_3, MODULES_3_TO_2, NAMES_2_TO_3, NAMES_3_TO_2 } from './name-tables.ts';

const names2 = pairs(NAMES_2_TO_3);
const modules2 = singles(MODULES_2_TO_3);
const names3 = pairs(NAMES_3_TO_2);
const modules3 = singles(MODULES_3_TO_2);

export type Name = readonly [module: string, name: string];

/** The Python 3 name of what a stream below protocol 3 calls `module.name` (CPython's `fix_imports` when reading). */
export function toPython3(module: string, name: string): Name {
  return names2.get(`${module}\n${name}`) ?? [modules2.get(module) ?? module, name];
}

/** The name that CPython 3 writes into a stream below protocol 3 for `module.name`. */
export function toPython2(module: string, name: string): Name {
  return names3.get(`${module}\n${name}`) ?? [modules3.get(module) ?? module, name];
}

/** Whether a module is one of Python 2 only, so that Python 3 cannot import it under this name. */
export function isPython2Module(module: string): boolean {
  return ONLY_2.has(module);
}

const ONLY_2 = new Set(
  ['exceptions', ...modules2.keys()].filter((name) => !/^_|^(dbm|functools|socket|pickle|collections|io)$/.test(name)),
);
ONLY_2.add('__builtin__');

function pairs(table: string): Map<string, Name> {
  const map = new Map<string, Name>();
  for (const entry of table.split('|')) {
    const [fromModule = '', fromName = '', module = '', name = ''] = entry.trim().split(/\s+/);
    map.set(`${fromModule}\n${fromName}`, [module, name]);
  }
  return map;
}

function singles(table: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const entry of table.split('|')) {
    const [from = '', to = ''] = entry.trim().split(/\s+/);
    map.set(from, to);
  }
  return map;
}
