import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol } from 'electron';
import { CONTENT_SECURITY_POLICY } from '../../core/bridge/content-security-policy.ts';
import { percentDecoded, webAddress } from '../../core/model/web-address.ts';

/** Origin of the window's own files. A scheme of its own has no `file:` privileges and takes response headers. */
export const BUNDLE_ORIGIN = 'app://bundle';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** Must run before the app is ready. */
export function declareBundleScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the folder of the built window, and nothing outside of it. */
export function serveBundle(folder: string): void {
  protocol.handle('app', async (request) => {
    const url = webAddress(request.url);
    const asked = percentDecoded(url.pathname === '/' ? '/index.html' : url.pathname);
    if (asked === undefined || asked.includes('\0')) return notFound();
    const file = path.normalize(path.join(folder, asked));
    if (url.host !== 'bundle' || !file.startsWith(folder + path.sep)) return notFound();
    const body = await readFile(file).catch(() => undefined);
    if (body === undefined) return notFound();
    return new Response(new Uint8Array(body), {
      headers: {
        'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream',
        'Content-Security-Policy': CONTENT_SECURITY_POLICY,
        'X-Content-Type-Options': 'nosniff',
      },
    });
  });
}

function notFound(): Response {
  return new Response('not found', { status: 404 });
}
