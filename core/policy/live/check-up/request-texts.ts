import type { Flow } from '../../../model/flow.ts';
import type { LabContext } from '../context.ts';

/** Shorter values stand in many a page by chance. */
const SHORTEST = 4;

/** Values that a request gives in its form or JSON body, as a page may show them. */
export async function textsOfRequest(lab: LabContext, request: Flow): Promise<readonly string[]> {
  const body = Buffer.from((await lab.ports.readRequestBody?.(request)) ?? []).toString('utf8');
  return textsOfBody(body).filter((text) => text.length >= SHORTEST);
}

/** Values of a form body, or the texts and numbers within JSON. */
function textsOfBody(body: string): readonly string[] {
  const trimmed = body.trim();
  if (!/^[[{"]/.test(trimmed)) return [...new URLSearchParams(trimmed).values()];
  try {
    return leaves(JSON.parse(trimmed));
  } catch {
    return [];
  }
}

function leaves(value: unknown): readonly string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
}
