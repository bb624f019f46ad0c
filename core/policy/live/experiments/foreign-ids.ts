import type { ExperimentMeta } from '../../../model/lab.ts';
import { alike } from '../alike.ts';
import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, type Finding, holds } from '../experiment.ts';

/** Ids that the application never gave out. None of them can do harm: no quotes that would close, no foreign paths. */
function experiment(
  meta: Pick<ExperimentMeta, 'id' | 'title' | 'why' | 'wstg' | 'asvs'>,
  ids: (lab: LabContext) => readonly (readonly [what: string, raw: string])[],
  rule: { readonly errorsCount: boolean; readonly done: string },
): Experiment {
  return {
    meta: { ...meta, needs: ['request'], writes: true },
    run: async (lab) => ask(lab, ids(lab), rule),
  };
}

async function ask(
  lab: LabContext,
  ids: readonly (readonly [string, string])[],
  { errorsCount, done }: { errorsCount: boolean; done: string },
): Promise<Finding> {
  const failures: string[] = [];
  const unclear: string[] = [];
  for (const [what, raw] of ids) {
    const answer = await lab.ask({ title: what, cookie: raw });
    if (answer.outcome === 'accepted') return doesNotHold(`${what} is accepted as the session.`);
    if (await lab.recordUnder(raw)) return doesNotHold(`${what} is adopted: the application makes a session under it.`);
    if (answer.failed) failures.push(`${what} (${answer.observation.status})`);
    else if (answer.outcome === 'unclear') unclear.push(what);
  }
  if (failures.length > 0 && errorsCount) {
    return doesNotHold(`The application fails instead of refusing: ${failures.join(', ')}.`);
  }
  if (unclear.length > 0) return cannotTell(`The answer could not be judged: ${unclear.join(', ')}.`);
  return holds(failures.length > 0 ? `${done}, with a server error: ${failures.join(', ')}.` : `${done}.`);
}

export const unknownId = experiment(
  {
    id: 'unknown-id',
    title: 'An id that the application did not give out is not accepted and not adopted',
    why: 'An application that adopts foreign ids lets an attacker choose the id of the victim.',
    wstg: ['WSTG-SESS-03'],
    asvs: ['v5.0.0-7.2.1', 'v5.0.0-7.2.2'],
  },
  ({ raw, ports: { randomHex } }) => [
    ['An id of the same make', alike(raw, randomHex)],
    ['Another one', alike(raw, randomHex)],
  ],
  { errorsCount: false, done: 'Unknown ids are not accepted and not adopted' },
);

export const forgedId = experiment(
  {
    id: 'forged-id',
    title: 'A forged id is not accepted',
    why: 'Ids that are compared in part, or that can be guessed from one another, can be forged.',
    wstg: ['WSTG-SESS-01'],
    asvs: ['v5.0.0-7.2.1', 'v5.0.0-7.2.3'],
  },
  ({ raw }) => {
    const flip = (char: string) => (char === '0' ? '1' : '0');
    return [
      ['The id with another last character', raw.slice(0, -1) + flip(raw.at(-1) ?? '')],
      ['The id with another first character', flip(raw[0] ?? '') + raw.slice(1)],
      ['The id without its last character', raw.slice(0, -1)],
      ['The id with one more character', `${raw}0`],
    ];
  },
  { errorsCount: false, done: 'Forged ids are not accepted' },
);

export const malformedId = experiment(
  {
    id: 'malformed-id',
    title: 'A malformed id is refused without an error',
    why: 'What is not checked before it is used as a key or a name breaks something sooner or later.',
    wstg: ['WSTG-SESS-01', 'WSTG-INPV-05'],
    asvs: ['v5.0.0-7.2.1', 'v5.0.0-2.2.1'],
  },
  () => [
    ['An empty id', ''],
    ['Letters that are no hex digits', 'zz-not-an-id!'],
    ['A lone quote', "a'b"],
    ['Bytes that are no UTF-8', '%ff%fe%80'],
    ['A percent sign without digits', '100%'],
    ['A NUL byte', 'abc%00def'],
    ['Letters beyond ASCII', '%c3%a9%e4%bd%a0'],
  ],
  { errorsCount: true, done: 'Malformed ids are refused without an error' },
);

export const oversizedId = experiment(
  {
    id: 'oversized-id',
    title: 'An oversized id is refused without an error',
    why: 'Longer than a column or a file name may be, an id that was not checked ends in an error or a cut.',
    wstg: ['WSTG-SESS-01'],
    asvs: ['v5.0.0-7.2.1', 'v5.0.0-2.2.1'],
  },
  ({ ports: { randomHex } }) => [
    ['An id of 200 characters', randomHex(100)],
    ['An id of 1,000 characters', randomHex(500)],
    ['An id of 6,000 characters', randomHex(3_000)],
  ],
  { errorsCount: true, done: 'Oversized ids are refused without an error' },
);

export const pathLikeId = experiment(
  {
    id: 'path-like-id',
    title: 'An id that looks like a path does not lead to the session',
    why: 'An id used as a file name without a check reads and writes files anywhere.',
    wstg: ['WSTG-SESS-01', 'WSTG-ATHZ-01'],
    asvs: ['v5.0.0-5.3.2', 'v5.0.0-7.2.1'],
  },
  // Each of them names the session's own record where ids are used as paths: found out without touching another file.
  ({ raw }) => [
    ['The id behind ./', `./${raw}`],
    ['The id behind .%2F', `.%2F${raw}`],
    ['The id behind .//.//', `.//.//${raw}`],
    ['The id behind .\\', `.%5C${raw}`],
    ['The id with a NUL byte and an ending', `${raw}%00.txt`],
    ['The id behind a folder that is left again', `./x/../${raw}`],
  ],
  { errorsCount: true, done: 'Path-like ids are refused without an error' },
);
