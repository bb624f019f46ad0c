import { CHECK_SCRIPT } from './check-script.ts';
import type { CheckTexts } from './check-texts.ts';

export interface CheckPage {
  readonly texts: CheckTexts;
  readonly host: string;
  /** The proxy's address, for people on this computer. */
  readonly proxyAddress: string | undefined;
  /** Port of the echo on this computer; 0 where there is none, or where another computer asks. */
  readonly echoPort: number;
  /** SHA-256 of the certificate, hex. */
  readonly fingerprint: string;
  /** The browser asked the proxy directly, so nothing can be checked. */
  readonly direct: boolean;
  /** Fresh for each answer. */
  readonly nonce: string;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2330; --soft: #5b6475; --line: #d9dde5; --paper: #fff; --good: #14713d; --bad: #b3261e; --accent: #2457d6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf2; --soft: #a3acbd; --line: #353c4a; --paper: #171b23; --good: #5fd08d; --bad: #ff8a80; --accent: #8fb0ff; } }
body { margin: 0; font: 15px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 44rem; margin: 0 auto; padding: 2.5rem 1.5rem; }
h1 { font-size: 1.35rem; } h2 { font-size: 1rem; margin-top: 2rem; }
p, .note { color: var(--soft); } code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
ul { list-style: none; padding: 0; margin: 0; }
[data-check] { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: .6rem 0; border-bottom: 1px solid var(--line); }
.state::before { content: '○ '; } [data-state=good] .state::before { content: '✓ '; } [data-state=bad] .state::before { content: '✕ '; }
[data-state=good] .state { color: var(--good); } [data-state=bad] .state { color: var(--bad); }
.detail { font-family: ui-monospace, monospace; font-variant-numeric: tabular-nums; }
.note { grid-column: 1 / -1; } a { color: var(--accent); } #ready { color: var(--good); font-weight: 600; }
[hidden] { display: none !important; }
`;

/** The page as HTML, and the Content-Security-Policy that it is sent with. Nothing is loaded from elsewhere. */
export function checkPage(page: CheckPage): { html: string; policy: string } {
  const { texts, nonce } = page;
  const config = { texts, host: page.host, echoPort: page.echoPort };
  const check = (name: string, title: string) =>
    `<li data-check="${name}" data-state="working"><span>${text(title)} <span class="detail"></span></span>` +
    `<span class="state">${text(texts.working)}</span><span class="note" hidden></span></li>`;
  const checks = page.direct
    ? ''
    : `<h2>${text(texts.checks)}</h2><ul aria-live="polite">${check('http', texts.http)}${check('https', texts.https)}` +
      `${page.echoPort === 0 ? '' : check('localhost', texts.localhost) + check('seen', texts.seenAs)}` +
      `${check('recording', texts.recording)}</ul><p id="ready" role="status" hidden>${text(texts.ready)}</p>` +
      `<h2>${text(texts.next)}</h2><ul id="links"></ul><p id="none">${text(texts.none)}</p>`;
  const html = `<!doctype html>
<html lang="${texts.language}"><head><meta charset="utf-8"><title>${text(texts.title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style nonce="${nonce}">${STYLE}</style></head>
<body><main><h1>${text(texts.title)}</h1><p>${text(page.direct ? texts.direct : texts.lead)}</p>
${page.proxyAddress === undefined ? '' : `<p>${text(texts.address)}: <code>${text(page.proxyAddress)}</code></p>`}
${checks}
<h2>${text(texts.certificate)}</h2>
<ul><li><a href="/certificate.pem">${text(texts.certificatePem)}</a></li><li><a href="/certificate.cer">${text(texts.certificateDer)}</a></li></ul>
<p>${text(texts.certificateNote)} <code>${text(page.fingerprint)}</code></p>
</main>
${page.direct ? '' : `<script type="application/json" id="config">${json(config)}</script><script nonce="${nonce}">${CHECK_SCRIPT}</script>`}
</body></html>
`;
  const echo = page.echoPort === 0 ? '' : ` http://localhost:${page.echoPort}`;
  const policy =
    `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src data:; ` +
    `connect-src 'self' https://${page.host}${echo}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { html, policy };
}

function text(raw: string): string {
  return raw.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** JSON that cannot end the script element it stands in. */
function json(value: unknown): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}
