import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';

/* `lab run` in CI: starts the application itself, and what it writes for GitHub, Jenkins and a pull request. */

const root = path.resolve(import.meta.dirname, '../..');
const app = path.join(root, 'test/support/lab-apps/express_app.cjs');

interface Sarif {
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region: { readonly startLine: number };
        };
      }[];
      readonly partialFingerprints: Readonly<Record<string, string>>;
    }[];
  }[];
}

needs('python', 'xmllint')('what a run in CI writes', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'sessionscope-outputs-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (more: readonly string[] = []) => {
    const port = await freePort();
    const config = JSON.stringify({ kind: 'memory', regenerate: true, logout: 'cookie' });
    const policy = `version: 1
title: Shop
start: '"${process.execPath}" "${app}" ${port} ''${config}'''
target:
  origin: http://127.0.0.1:${port}
  cookie: connect.sid
  verification: /account
  login: { method: POST, url: /login, form: { user: alice } }
  logout: POST /logout
live:
  idle: 30m
  experiments:
    cookie-alone: holds
    logout: holds
    forwarding-headers: holds
    second-login: not-applicable
confirm: true
`;
    writeFileSync(path.join(folder, 'policy.yaml'), policy);
    const files = ['junit', 'sarif', 'markdown', 'report'];
    let status = 0;
    try {
      execFileSync(
        process.execPath,
        [
          path.join(root, 'cli/main.ts'),
          ...['lab', 'run', 'policy.yaml', '--data', path.join(folder, 'data')],
          ...files.flatMap((name) => [`--${name}`, path.join(folder, name)]),
          ...more,
        ],
        { cwd: folder, stdio: 'pipe' },
      );
    } catch (error) {
      status = (error as { status: number }).status;
    }
    const listening = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => socket.end(() => resolve(true)));
      socket.on('error', () => resolve(false));
    });
    const text = Object.fromEntries(files.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));
    return { status, listening, policy, text, sarif: JSON.parse(text['sarif'] ?? '{}') as Sarif };
  };

  it('starts and stops the application; each SARIF result points at its line, by stable fingerprints', async () => {
    const first = await run();
    expect(first.status).toBe(1);
    expect(first.listening).toBe(false);
    const [analysis] = first.sarif.runs;
    expect(first.sarif.version).toBe('2.1.0');
    expect(analysis?.results.map(({ ruleId }) => ruleId)).toEqual(['logout']);
    for (const one of analysis?.results ?? []) {
      // GitHub refuses the whole file when one result has no place in the repository.
      const [location] = one.locations;
      expect(location?.physicalLocation.artifactLocation.uri).toBe('policy.yaml');
      expect(first.policy.split('\n')[(location?.physicalLocation.region.startLine ?? 0) - 1]).toContain(one.ruleId);
      expect(analysis?.tool.driver.rules[one.ruleIndex]?.id).toBe(one.ruleId);
      expect(one.message.text).toContain('still accepted');
      expect(Object.values(one.partialFingerprints)).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
    }
    expect(first.text['markdown']).toContain('❌');
    expect(first.text['markdown']).toContain('Not covered');
    expect(first.text['report']).toContain('Not covered');
    const again = await run();
    const prints = ({ sarif }: typeof first) => sarif.runs[0]?.results.map((one) => one.partialFingerprints);
    expect(prints(again)).toEqual(prints(first));
  });

  it('JUnit: what cannot be told is skipped with its reason, and a failure with --strict', async () => {
    const lax = await run();
    expect(lax.text['junit']).toMatch(/forwarding-headers[^>]*>\s*<skipped message="The session is accepted/);
    isValid(lax.text['junit'] ?? '');
    // Jenkins' junit-10.xsd: the whole has no number of skipped cases.
    expect(/<testsuites [^>]*>/.exec(lax.text['junit'] ?? '')?.[0]).not.toContain('skipped');
    const strict = await run(['--strict']);
    isValid(strict.text['junit'] ?? '');
    expect(strict.text['junit']).toMatch(/forwarding-headers[^>]*>\s*<failure type="cannot-tell"/);
    expect(strict.sarif.runs[0]?.results.map(({ ruleId }) => ruleId)).toContain('forwarding-headers');
  });
});

/** @throws Error with xmllint's words where Jenkins would not read it */
function isValid(junit: string): void {
  const schema = path.join(root, 'test/fixtures/schemas/junit-10.xsd');
  execFileSync('xmllint', ['--noout', '--nonet', '--schema', schema, '-'], {
    input: junit,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
