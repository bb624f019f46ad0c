import type { ExperimentEvidence } from '../../model/lab.ts';
import { escapeMarkup as e } from './markup.ts';

/** Each verdict has a sign and a word beside its colour. */
export const SIGNS = { holds: '✓', 'does-not-hold': '✗', 'cannot-tell': '?', 'not-applicable': '–' } as const;
export const WORDS = {
  holds: 'holds',
  'does-not-hold': 'does not hold',
  'cannot-tell': 'cannot tell',
  'not-applicable': 'not applicable',
} as const;

const STYLE = `
:root { color-scheme: light dark; --line: #8885; --good: #0072b2; --bad: #b3401f; --dim: #777; }
@media (prefers-color-scheme: dark) { :root { --good: #56b4e9; --bad: #f0986d; --dim: #aaa; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 0 0 .3rem; }
section { border-top: 1px solid var(--line); padding: 1rem 0; }
.verdict { font-weight: 600; } .holds { color: var(--good); } .does-not-hold { color: var(--bad); }
.cannot-tell, .not-applicable, .dim { color: var(--dim); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: 4px; padding: .5rem; font-size: .85rem; }
@media print { body { max-width: none; margin: 0; } section { break-inside: avoid; } pre { max-height: none; } a { color: inherit; } }
table { border-collapse: collapse; margin: 1rem 0; } td, th { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top; }
`;

/** One page without anything from elsewhere; readable with styles off, in print, and without colours. `body` is HTML. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${e(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** A table of names and values; both are text. */
export function factsTable(facts: readonly (readonly [name: string, value: string])[]): string {
  return `<table>${facts.map(([name, value]) => `<tr><th scope="row">${e(name)}</th><td>${e(value)}</td></tr>`).join('\n')}</table>`;
}

/** Evidence folded away behind its count. */
export function evidenceHtml(evidence: readonly ExperimentEvidence[]): string {
  return `<details><summary>Evidence (${evidence.length})</summary>${evidence.map(evidenceBlock).join('\n')}</details>`;
}

function evidenceBlock({ title, text, request, response, recordBefore, recordAfter }: ExperimentEvidence): string {
  const block = (content: string | undefined) => (content === undefined ? '' : `<pre>${e(content)}</pre>`);
  const record =
    recordBefore === undefined ? '' : `<p>Record before: ${e(recordBefore)}<br>after: ${e(recordAfter ?? '')}</p>`;
  return `<h3>${e(title)}</h3><p>${e(text)}</p>${block(request)}${block(response)}${record}`;
}
