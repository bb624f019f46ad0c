import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { OPERATIONS_OF } from '../cli/operations.ts';
import { TOOLS } from '../core/agents/tools.ts';
import { type Method, operations } from '../core/bridge/contract.ts';
import { changes, type Marks, needsConsent, type TakenBack } from '../core/bridge/operation.ts';

/* Writes docs/operations.md from the operation table: node scripts/operations-page.ts. A test compares. */

const HEAD = `# Operations

Everything that the debugger can be requested to do. The window, web mode, the commands and the tools of
[agents](agents.md) are made of these; \`core/bridge/operations/\` holds the table, from which this page is written.

* **effect**: *reads* changes nothing, *writes* changes something, *destroys* takes something away.
* **consent**: whoever is not the user at the window or the command line needs the user's consent (for agents: \`--allow-writes\`).
* **secrets**: the reply may hold what identifies a user. Everything that goes to an agent is masked, unless it was started with
  \`--secrets\`.
* **traffic**: sends requests to applications, or changes what passes the proxy.
* Each operation that changes something leaves a line in \`audit.jsonl\` in the data folder: when, who, what, and how it ended.
`;

/** The whole page. */
export function operationsPage(): string {
  const parts = [HEAD];
  const all = Object.keys(operations) as Method[];
  for (const feature of new Set(all.map(featureOf))) {
    const methods = all.filter((method) => featureOf(method) === feature);
    parts.push(`## ${feature}\n`);
    parts.push('| operation | what it does | effect | how it is taken back | also as |');
    parts.push('| --- | --- | --- | --- | --- |');
    for (const method of methods) parts.push(line(method));
    parts.push('');
  }
  return `${parts.join('\n').trimEnd()}\n`;
}

function featureOf(method: Method): string {
  return method.split('.')[0] ?? method;
}

function line(method: Method): string {
  const operation = operations[method];
  const marks: Marks = operation.marks;
  const [effect, ...traits] = marks;
  const shown = [
    effect,
    ...(needsConsent(marks) ? ['consent'] : []),
    ...traits.filter(
      (trait) => trait === 'secrets' || trait === 'traffic' || (trait === 'idempotent' && changes(marks)),
    ),
  ];
  const also = [...commandsOf(method), ...toolsOf(method)].join(', ');
  return `| \`${method}\` | ${operation.sentence} | ${shown.join(', ')} | ${takenBack(operation)} | ${also} |`;
}

function takenBack({ marks, undo }: { readonly marks: readonly string[]; readonly undo?: TakenBack }): string {
  if (marks.includes('undoable')) return '`edit.undo`';
  if (undo === undefined) return '';
  return 'by' in undo ? `\`${undo.by}\`` : `not: ${undo.never}`;
}

function commandsOf(method: Method): string[] {
  return Object.entries(OPERATIONS_OF)
    .filter(([, methods]) => typeof methods !== 'string' && methods.includes(method))
    .map(([command]) => `\`sessionscope ${command}\``);
}

function toolsOf(method: Method): string[] {
  return TOOLS.filter((tool) => tool.operations.includes(method)).map(({ name }) => `tool \`${name}\``);
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(path.resolve(import.meta.dirname, '../docs/operations.md'), operationsPage());
}
