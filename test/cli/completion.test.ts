import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';

const MAIN = path.resolve(import.meta.dirname, '../../cli/main.ts');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sessionscope-completion-'));
  writeFileSync(path.join(folder, 'cookie.txt'), '');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, ...words], (error, out, err) => {
      done({ status: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

const lines = (program: string, ...words: string[]) =>
  execFileSync(program, words, { cwd: folder, encoding: 'utf8' }).split('\n').filter(Boolean);

/** Writes the script of a shell and gives how to complete words with it. */
async function completer(shell: 'bash' | 'zsh' | 'fish'): Promise<(...words: string[]) => string[]> {
  const script = path.join(folder, `completion.${shell}`);
  writeFileSync(script, (await run('completion', shell)).out);
  const list = (words: string[]) => words.map((word) => `'${word}'`).join(' ');
  const programs = {
    bash: (words: string[]) =>
      `source "$1"; COMP_WORDS=(sessionscope ${list(words)}); COMP_CWORD=${words.length}; _sessionscope; printf '%s\\n' "\${COMPREPLY[@]}"`,
    // What zsh's completion gives a function, and its own helpers as far as they are called.
    zsh: (words: string[]) =>
      `_describe() { print -rl -- \${(P)2} }; _files() { print -rl -- * }; words=(sessionscope ${list(words)}); CURRENT=${words.length + 1}; source "$1"; ls / >/dev/null`,
    fish: (words: string[]) => `source $argv[1]; complete -C 'sessionscope ${words.join(' ')}'`,
  };
  return (...words) => {
    if (shell === 'bash') return lines('bash', '-c', programs.bash(words), 'bash', script);
    if (shell === 'zsh') return lines('zsh', '-f', '-c', programs.zsh(words), 'zsh', script);
    return lines('fish', '--no-config', '-c', programs.fish(words), script);
  };
}

/** The words that are offered, without what is said of them. */
const offered = (found: readonly string[]) => found.map((line) => line.split(/[:\t]/, 1)[0] ?? '').sort();

describe('in bash', () => {
  it('completes commands, their commands, options and files', async () => {
    const complete = await completer('bash');
    expect(complete('de')).toEqual(['decode']);
    expect(complete('sessions', '')).toEqual(['ls', 'show', 'set', 'age', 'rm', '--help']);
    expect(complete('sessions', 'set', '--d')).toEqual(['--dry-run', '--data']);
    expect(complete('decode', 'cook')).toEqual(['cookie.txt']);
    expect(complete('lab', 'r')).toContain('run');
  });
});

needs('zsh')('in zsh', () => {
  it('offers what can follow, and leaves the variables of the shell alone', async () => {
    const complete = await completer('zsh');
    expect(offered(complete('sessions', ''))).toEqual(['--help', 'age', 'ls', 'rm', 'set', 'show']);
    expect(offered(complete('sessions', 'set', '--d'))).toEqual(expect.arrayContaining(['--dry-run', '--data']));
    expect(offered(complete(''))).toEqual(expect.arrayContaining(['decode', 'doctor', 'sessions']));
  });
});

needs('fish')('in fish', () => {
  it('offers what can follow, each once, and files only where one can stand', async () => {
    const complete = await completer('fish');
    expect(offered(complete('sessions', ''))).toEqual(['age', 'ls', 'rm', 'set', 'show']);
    expect(offered(complete('sessions', 'set', '--d'))).toEqual(['--data', '--dry-run']);
    expect(offered(complete('dec'))).toEqual(['decode']);
    expect(offered(complete('decode', 'cook'))).toEqual(['cookie.txt']);
  });
});

it('refuses other shells', async () => {
  const wrong = await run('completion', 'cmd');
  expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining('bash, zsh, fish')]);
});
