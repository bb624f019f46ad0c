import { createAuthority } from '../../../core/proxy/certificates/authority.ts';
import { behaviourChecks, runBehaviour } from './behaviour.ts';
import { recorder, themeEditor } from './editing-hook.ts';
import { labWithProxy } from './lab.ts';

/** Bundled and run inside Electron: prints one line of JSON for each setting. */
async function main(): Promise<void> {
  for (const edits of [false, true]) {
    const running = await labWithProxy(edits ? [themeEditor, recorder()] : [recorder()]);
    running.lab.edits = edits;
    const { passed, failed } = await runBehaviour(running.lab);
    const { electron, node } = process.versions;
    console.log(JSON.stringify({ edits, passed, of: behaviourChecks.length, failed, electron, node }));
    await running.close();
  }
  createAuthority(Date.now()); // BoringSSL signs too
  process.exit(0);
}

void main();
