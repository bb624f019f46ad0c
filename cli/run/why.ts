import type { Engine } from '../../core/engine/engine.ts';
import type { Diagnosis } from '../../core/model/diagnosis.ts';
import type { Outlook, Trial } from '../../core/model/outlook.ts';
import { problem } from '../../core/model/problem.ts';
import type { SessionSummary } from '../../core/model/session.ts';
import { visible } from '../../core/model/visible.ts';
import { removeTemporary, temporaryFolder } from '../../core/stores/temporary-folder.ts';
import { print, printJson, printLines } from '../output.ts';
import { openRecording } from './recordings.ts';

export interface WhyOptions {
  readonly session?: string;
  readonly json?: boolean;
  readonly survive?: boolean;
}

/** Exit status: 0 every session that was asked about is explained, 1 none ended or one cannot be explained. */
export async function whyCommand(file: string, options: WhyOptions, version: string): Promise<0 | 1> {
  const folder = temporaryFolder('sessionscope-why-');
  try {
    const engine = await openRecording(file, folder, version);
    try {
      const { sessions } = await engine.handlers['sessions.list']({});
      const chosen =
        options.session === undefined ? sessions : sessions.filter((one) => isMeant(one, options.session ?? ''));
      if (chosen.length === 0) throw noSession(file, options.session, sessions);
      if (options.survive === true) return await printOutlooks(engine, chosen, options.json === true);
      const explained: { session: SessionSummary; diagnosis: Diagnosis }[] = [];
      for (const session of chosen) {
        const diagnosis = await engine.handlers['session.why']({ key: session.key });
        if (options.session !== undefined || diagnosis.loss !== null) explained.push({ session, diagnosis });
      }
      printAll(explained, options.json === true);
      return explained.length > 0 && explained.every(({ diagnosis }) => isExplained(diagnosis)) ? 0 : 1;
    } finally {
      await engine.close();
    }
  } finally {
    removeTemporary(folder);
  }
}

function isMeant({ id, key }: SessionSummary, wanted: string): boolean {
  return id.startsWith(wanted) || key === wanted;
}

function noSession(file: string, wanted: string | undefined, sessions: readonly SessionSummary[]) {
  const there = sessions.slice(0, 5).map(({ id, host }) => `${id.slice(0, 12)} (${host})`);
  return problem(
    'not-found',
    wanted === undefined ? `${file} holds no session` : `${file} holds no session ${wanted}`,
    {
      remedy:
        there.length === 0
          ? 'Record the login as well: a session is found by the cookie that it sets.'
          : `There: ${there.join(', ')}`,
      where: file,
    },
  );
}

function isExplained({ loss, causes }: Diagnosis): boolean {
  return loss === null || (causes[0] !== undefined && causes[0].certainty !== 'possible');
}

function printAll(explained: readonly { session: SessionSummary; diagnosis: Diagnosis }[], json: boolean): void {
  if (json) {
    const document = explained.map(({ session: { key, host, id }, diagnosis }) => ({ key, host, id, ...diagnosis }));
    printJson({ sessions: document });
    return;
  }
  if (explained.length === 0) {
    print('No session of this recording was seen to end.');
    return;
  }
  for (const { session, diagnosis } of explained) printLines(textOf(session, diagnosis));
}

function textOf({ host, id }: SessionSummary, { answer, causes }: Diagnosis): string {
  const [first, ...others] = causes;
  const lines = [`${visible(host)}  ${visible(id.slice(0, 16))}`, `  ${visible(answer)}`];
  for (const { at, text, line } of first?.evidence ?? []) {
    const when = at === undefined ? '' : `${new Date(at).toISOString()}  `;
    lines.push(`    ${when}${visible(text)}${line === undefined ? '' : `: ${visible(line)}`}`);
  }
  if (first !== undefined) lines.push(`  What to do: ${visible(first.remedy)}`);
  if (first?.mend !== undefined) lines.push(`    ${visible(first.mend)}`);
  if (others.length > 0)
    lines.push(`  Also fits: ${others.map(({ title, certainty }) => `${title} (${certainty})`).join('; ')}`);
  return `${lines.join('\n')}\n`;
}

const TRIAL: Readonly<Record<Trial, string>> = {
  'browser-restart': 'a restart of the browser',
  deploy: 'a deployment',
  night: 'a night',
  'login-redirect': 'a login redirect from another site',
  'embedded-frame': 'a frame on another site',
};

async function printOutlooks(engine: Engine, sessions: readonly SessionSummary[], json: boolean): Promise<0> {
  const all: { session: SessionSummary; answers: readonly Outlook[] }[] = [];
  for (const session of sessions) {
    const { answers } = await engine.handlers['session.outlook']({ key: session.key });
    all.push({ session, answers });
  }
  if (json) {
    printJson({ sessions: all.map(({ session: { key, host, id }, answers }) => ({ key, host, id, answers })) });
    return 0;
  }
  for (const { session, answers } of all) {
    const lines = answers.map(
      ({ trial, verdict, sentence }) => `  ${TRIAL[trial].padEnd(36)}${verdict.padEnd(13)}${visible(sentence)}`,
    );
    printLines(`${visible(session.host)}  ${visible(session.id.slice(0, 16))}\n${lines.join('\n')}\n`);
  }
  return 0;
}
