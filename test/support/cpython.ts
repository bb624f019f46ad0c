import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

/** Debian's Python, the one that has web.py. */
export const PYTHON = '/usr/bin/python3';

/**
 * A Python program that answers one line of JSON with one line of JSON. Many questions may be on the way at once; the
 * answers come in order. What it prints on stderr is part of the error when it ends early.
 */
export class PythonJudge {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];
  #stderr = '';

  constructor(script: string, args: readonly string[] = []) {
    this.#child = spawn(PYTHON, ['-u', script, ...args], { env: { ...process.env, PYTHONHASHSEED: '0' } });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#child.stdin.on('error', () => {
      // The reason is on stderr; `exit` rejects what is waiting.
    });
    this.#lines = createInterface({ input: this.#child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
    this.#lines.on('line', (line) => this.#waiting.shift()?.resolve(JSON.parse(line)));
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`python ended (${code}): ${this.#stderr}`));
    });
  }

  /** One question, one answer. */
  ask<T>(question: unknown): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ resolve: resolve as (answer: unknown) => void, reject });
      this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    });
  }

  /** Ends the program and waits for it. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    await ended;
  }
}
