import { spawn } from 'node:child_process';

/** Vitest global set-up: a display of its own where there is none; none at all where Xvfb is missing. */
export default async function setup(): Promise<(() => void) | undefined> {
  if (process.platform !== 'linux' || process.env['DISPLAY'] !== undefined) return undefined;
  const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1440x960x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const display = await new Promise<string | undefined>((done) => {
    xvfb.once('error', () => done(undefined));
    xvfb.once('exit', () => done(undefined));
    xvfb.stdio[3]?.once('data', (chunk) => done(`:${String(chunk).trim()}`));
  });
  if (display === undefined) return undefined;
  process.env['DISPLAY'] = display;
  return () => void xvfb.kill();
}
