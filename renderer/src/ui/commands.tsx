import { CopyButton } from './parts.tsx';

/** Command lines for the person to copy, one below the other; each stays whole, however narrow the window. */
export function Commands({ lines, label }: { lines: readonly string[]; label: string }) {
  return (
    <div className="commands">
      <pre className="code">{lines.join('\n')}</pre>
      <CopyButton value={lines.join('\n')} label={label} />
    </div>
  );
}
