import type { Handlers } from '../bridge/contract.ts';
import { problem } from '../model/problem.ts';

/*
 * A secret by its name: `{{session:3.cookie}}` stands for the cookie value of session 3 in both directions. An agent can
 * use the value in that way without reading it.
 */
const REFERENCE = /\{\{session:([\w-]{1,40})\.(cookie)\}\}/g;

export function referenceTo(sessionKey: string): string {
  return `{{session:${sessionKey}.cookie}}`;
}

/**
 * The arguments of a call with every reference replaced by the value it stands for.
 * @throws ProblemError `not-found` for a session that is not in the workspace
 */
export async function resolveReferences(input: unknown, handlers: Handlers): Promise<unknown> {
  if (typeof input === 'string') {
    let text = input;
    for (const [whole, key = ''] of input.matchAll(REFERENCE)) {
      text = text.replaceAll(whole, await cookieOf(key, handlers));
    }
    return text;
  }
  if (Array.isArray(input)) return Promise.all(input.map((one) => resolveReferences(one, handlers)));
  if (typeof input !== 'object' || input === null) return input;
  const pairs = Object.entries(input).map(async ([name, value]) => [name, await resolveReferences(value, handlers)]);
  return Object.fromEntries((await Promise.all(pairs)) as [string, unknown][]);
}

/** The value as it stands in the Cookie header. */
export async function cookieOf(key: string, handlers: Handlers): Promise<string> {
  const { detail } = await handlers['session.detail']({ key });
  if (detail === null) {
    throw problem('not-found', `There is no session ${key}`, {
      remedy: 'The tool sessions lists those that there are.',
    });
  }
  return detail.cookie?.value ?? detail.summary.id;
}
