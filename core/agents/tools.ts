import type { Tool } from './tool.ts';
import { checkUp } from './tools/check-up.ts';
import { replay } from './tools/replay.ts';
import { oneSession, sessions, why } from './tools/sessions.ts';
import { stores } from './tools/stores.ts';
import { decode, judge } from './tools/values.ts';
import { age, kill, set, undo } from './tools/writes.ts';

/** Every tool, in the order in which they are listed. */
export const TOOLS: readonly Tool[] = [
  sessions,
  oneSession,
  why,
  decode,
  judge,
  stores,
  replay,
  checkUp,
  set,
  age,
  kill,
  undo,
];
