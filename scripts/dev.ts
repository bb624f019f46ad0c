import { spawn } from 'node:child_process';
import { createServer as createSocketServer } from 'node:net';
import path from 'node:path';
import { createServer } from 'vite';

/**
 * `npm run dev [-- options of serve]`: the window from Vite's server with hot reload, and web mode's engine behind it,
 * which is started again when one of its sources changes.
 */
const root = path.resolve(import.meta.dirname, '..');
const port = await freePort();
/** Of the engine that runs now: each start prints a new token. */
let token = '';

const server = await createServer({
  configFile: path.join(root, 'renderer/vite.config.ts'),
  define: { __WITH_FAKE_ENGINE__: 'true' },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': {
        target: `http://127.0.0.1:${port}`,
        changeOrigin: true,
        configure: (proxy) => {
          proxy.on('proxyReq', (request) => {
            // The engine answers its own page alone; here the page is Vite's.
            request.removeHeader('origin');
            request.setHeader('x-sessionscope-token', token);
          });
        },
      },
    },
  },
});
await server.listen();
const address = server.resolvedUrls?.local[0] ?? 'http://127.0.0.1:5173/';

const words = ['--watch', '--watch-preserve-output', path.join(root, 'cli/main.ts'), 'serve', '--port', String(port)];
const engine = spawn(process.execPath, [...words, ...process.argv.slice(2)], {
  stdio: ['inherit', 'pipe', 'inherit'],
});
engine.stdout.setEncoding('utf8').on('data', (text: string) => {
  const given = /#token=(\S+)/.exec(text)?.[1];
  if (given !== undefined) {
    token = given;
    // The page only has to have one; the proxy puts in the one of the engine that runs.
    console.log(`Window: ${address}#token=dev`);
  }
  process.stdout.write(text.replace(/^Sessionscope: .*\n/m, ''));
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => engine.kill(signal));
engine.once('exit', (status) => void server.close().then(() => process.exit(status ?? 0)));

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createSocketServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const found = probe.address();
      probe.close(() => resolve(typeof found === 'object' && found !== null ? found.port : 0));
    });
  });
}
