import { createAuthority } from '../../../core/proxy/certificates/authority.ts';
import { behaviourChecks, runBehaviour } from './behaviour.ts';
import { labWithProxy } from './lab.ts';
import { startRecording, themeRules } from './real-hooks.ts';

/** Bundled and run inside Electron: prints one line of JSON for each setting. */
async function main(): Promise<void> {
  for (const edits of [false, true]) {
    const recording = startRecording();
    const running = await labWithProxy([...recording.hooks, ...(edits ? [themeRules()] : [])]);
    running.lab.edits = edits;
    const { passed, failed } = await runBehaviour(running.lab);
    const { electron, node } = process.versions;
    await running.close();
    const flows = recording.flows.size;
    console.log(JSON.stringify({ edits, passed, of: behaviourChecks.length, failed, flows, electron, node }));
    await recording.close();
  }
  createAuthority(Date.now()); // BoringSSL signs too
  process.exit(0);
}

void main();
