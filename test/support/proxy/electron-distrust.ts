import { execFile } from 'node:child_process';
import { createAuthority } from '../../../core/proxy/certificates/authority.ts';
import { startProxy } from '../../../core/proxy/proxy.ts';
import { distrustAlert } from '../../../core/proxy/tunnel/tls-alert.ts';

/** Bundled and run inside Electron: prints what the proxy understands when real curl does not trust it, by TLS version. */
async function main(): Promise<void> {
  for (const version of ['1.2', '1.3']) {
    let told: (alert: string | undefined) => void = () => {};
    const alert = new Promise<string | undefined>((resolve) => {
      told = resolve;
    });
    const hook = { name: 'alert', clientTlsError: (_: unknown, error: Error) => told(distrustAlert(error)) };
    const proxy = await startProxy({ authority: createAuthority(Date.now()), hooks: [hook] });
    const curl = ['-s', '--noproxy', '', '-x', `http://${proxy.address}`, '--tls-max', version, 'https://127.0.0.1:1/'];
    const exit = await new Promise((resolve) => execFile('curl', curl, (error) => resolve(error?.code)));
    console.log(JSON.stringify({ version, exit, alert: await alert }));
    await proxy.close();
  }
  process.exit(0);
}

void main();
