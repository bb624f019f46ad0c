import { CopyButton } from './parts.tsx';

/** Command lines for the user to copy, one below the other; each stays whole, however narrow the window. */
export function Commands({ lines, label }: { lines: readonly string[]; label: string }) {
  return (
    <div className="commands">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre className="code" tabIndex={0}>
        {lines.join('\n')}
      </pre>
      <CopyButton value={lines.join('\n')} label={label} />
    </div>
  );
}
