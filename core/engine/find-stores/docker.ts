import path from 'node:path';
import { environment } from './linux.ts';
import type { RawProcess } from './process-source.ts';

/** What `docker inspect` says of a container, as far as it is read here. */
interface Inspected {
  readonly State?: { readonly Pid?: number };
  readonly Path?: string;
  readonly Args?: readonly string[];
  readonly Config?: { readonly Env?: readonly string[]; readonly WorkingDir?: string };
  readonly Mounts?: readonly { readonly Source?: string; readonly Destination?: string }[];
}

/**
 * The program of each container with its settings. Its files are looked at where they are mounted from this computer;
 * others cannot be reached. What cannot be read gives none.
 */
export function parseDockerInspect(text: string): RawProcess[] {
  let containers: readonly Inspected[];
  try {
    const parsed: unknown = JSON.parse(text);
    containers = Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
  return containers.flatMap((one) => {
    const { State, Path, Args, Config, Mounts } = one ?? {};
    if (!State?.Pid) return [];
    return {
      pid: State.Pid,
      cwd: Config?.WorkingDir || '/',
      argv: [Path ?? '', ...(Args ?? [])],
      env: environment(Config?.Env ?? []),
      openFiles: (Mounts ?? []).flatMap(({ Destination }) => Destination ?? []),
      connections: [],
      outside: (inside: string) => outside(inside, Mounts ?? []),
    };
  });
}

/** Where a path of the container lies on this computer: the innermost mount counts. */
function outside(inside: string, mounts: NonNullable<Inspected['Mounts']>): string | undefined {
  const wanted = path.posix.normalize(inside);
  const holds = mounts
    .filter(({ Destination = '' }) => wanted === Destination || wanted.startsWith(`${Destination.replace(/\/$/, '')}/`))
    .sort((a, b) => (b.Destination?.length ?? 0) - (a.Destination?.length ?? 0))[0];
  if (holds?.Source === undefined || holds.Destination === undefined) return undefined;
  return path.posix.join(holds.Source, path.posix.relative(holds.Destination, wanted));
}
