import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { World } from './world.ts';

/** Starts `express-shop.mjs` in a process of its own; it ends with the world, or earlier by `stop`. */
export async function startExpressShop(
  world: World,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'express-shop.mjs')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  world.after(stop);
  const port = await new Promise<number>((done) =>
    createInterface({ input: child.stdout }).once('line', (line) => done(Number(line))),
  );
  return { port, stop };
}
