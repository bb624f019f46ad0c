import type { ExperimentMeta } from '../../../model/lab.ts';
import { alike } from '../alike.ts';
import type { LabContext } from '../context.ts';
import { cannotTell, doesNotHold, type Experiment, type Finding, holds } from '../experiment.ts';
import { forgeries } from '../forgeries.ts';
import type { Answer } from '../ports.ts';
import { adoptionAtLogin } from './adoption.ts';

type Ids = readonly (readonly [what: string, raw: string])[];

/** Ids that the application never gave out. None of them can do harm: no quotes that would close, no foreign paths. */
function experiment(
  meta: Pick<ExperimentMeta, 'id' | 'title' | 'why' | 'cause' | 'wstg' | 'asvs' | 'severity' | 'mend'>,
  ids: (lab: LabContext) => Ids,
  rule: { readonly errorsCount: boolean; readonly done: string },
): Experiment {
  return {
    meta: {
      ...meta,
      act: 'The verification request.',
      control: 'The same request with the id of the session; and a visitor without any cookie.',
      needs: ['request'],
      writes: true,
    },
    run: async (lab) => ask(lab, ids(lab), rule),
  };
}

async function ask(
  lab: LabContext,
  ids: Ids,
  { errorsCount, done }: { errorsCount: boolean; done: string },
): Promise<Finding> {
  const control = await lab.control('Control: the id of the session');
  const failures: { what: string; answer: Answer }[] = [];
  const unclear: string[] = [];
  let refused: Answer | undefined;
  for (const [what, raw] of ids) {
    const answer = await lab.ask({ title: what, cookie: raw });
    if (answer.outcome === 'accepted') {
      return doesNotHold(lab.contrast(answer, await lab.visitor()), `${what} is accepted as the session.`);
    }
    if (await lab.recordUnder(raw)) {
      return doesNotHold(
        lab.contrast(
          { title: `A record under the id, after the request with it`, value: 'there' },
          { title: 'A record under the id, before it', value: 'none' },
        ),
        `${what} is adopted: the application makes a session under it.`,
      );
    }
    if (answer.failed) failures.push({ what: `${what} (${answer.observation.status})`, answer });
    else if (answer.outcome !== 'refused') unclear.push(`${what}: ${answer.judgement.because}`);
    else refused ??= answer;
  }
  const failed = failures.map(({ what }) => what).join(', ');
  const [failure] = failures;
  if (failure !== undefined && errorsCount) {
    return doesNotHold(lab.contrast(failure.answer, control), `The application fails instead of refusing: ${failed}.`);
  }
  if (unclear.length > 0) return cannotTell(`The response could not be judged: ${unclear.join('; ')}.`);
  const seen = refused ?? failure?.answer;
  if (seen === undefined) return cannotTell('There is no id of this kind to send.');
  return holds(
    lab.contrast(seen, control),
    failure === undefined ? `${done}.` : `${done}, with a server error: ${failed}.`,
  );
}

export const unknownId: Experiment = {
  meta: {
    id: 'unknown-id',
    severity: 'high',
    mend: 'Give out a new id at login, and refuse ids that the application did not make.',
    title: 'An id that the application did not give out is not accepted and not adopted',
    why: 'An application that adopts foreign ids lets an attacker choose the id of the victim.',
    cause: 'The cookie holds an id of the same make that the application never gave out.',
    act: 'The verification request; and a login of a browser that has this cookie.',
    control: 'The same request with the id of the session; and a login without any cookie.',
    needs: ['request'],
    writes: true,
    wstg: ['WSTG-v42-SESS-03'],
    asvs: ['v5.0.0-7.2.1', 'v5.0.0-7.2.4'],
  },
  async run(lab) {
    const ids: Ids = [
      ['An id of the same make', alike(lab.raw, lab.ports.randomHex)],
      ['Another one', alike(lab.raw, lab.ports.randomHex)],
    ];
    const asked = await ask(lab, ids, { errorsCount: false, done: 'Unknown ids are not accepted' });
    if (asked.verdict !== 'holds') return asked;
    const adopted = await adoptionAtLogin(lab, 'An id that was made up', alike(lab.raw, lab.ports.randomHex));
    if (adopted.finding !== undefined) return adopted.finding;
    return { ...asked, sentence: `${asked.sentence} ${adopted.sentence}` };
  },
};

export const forgedId = experiment(
  {
    id: 'forged-id',
    severity: 'high',
    mend: 'Compare ids as a whole, and verify the signature of signed ones.',
    title: 'A forged id is not accepted',
    why: 'Ids that are compared in part, or that can be guessed from one another, can be forged.',
    cause: 'The cookie holds the id with one character changed, missing or added, so that its decoded bytes differ.',
    wstg: ['WSTG-v42-SESS-01'],
    asvs: ['v5.0.0-7.2.1'],
  },
  ({ raw }) => forgeries(raw),
  { errorsCount: false, done: 'Forged ids are not accepted' },
);

export const malformedId = experiment(
  {
    id: 'malformed-id',
    severity: 'low',
    mend: 'Check the form of an id before it is used as a key or a name.',
    title: 'A malformed id is refused without an error',
    why: 'What is not checked before it is used as a key or a name breaks something sooner or later.',
    cause: 'The cookie holds what cannot be an id.',
    wstg: ['WSTG-v42-SESS-01', 'WSTG-v42-INPV-05'],
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
    severity: 'low',
    mend: 'Check the length of an id before it is used as a key or a name.',
    title: 'An oversized id is refused without an error',
    why: 'Longer than a column or a file name may be, an id that was not checked ends in an error or a cut.',
    cause: 'The cookie holds far more characters than an id has.',
    wstg: ['WSTG-v42-SESS-01'],
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
    severity: 'high',
    mend: 'Check the form of an id before it is used as a file name.',
    title: 'An id that looks like a path does not lead to the session',
    why: 'An id used as a file name without a check reads and writes files anywhere.',
    cause: "The cookie holds a path that leads to the session's own record where ids are used as paths.",
    wstg: ['WSTG-v42-SESS-01', 'WSTG-v42-ATHZ-01'],
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
