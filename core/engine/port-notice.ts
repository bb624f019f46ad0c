import type { Notice } from '../model/app.ts';

/** The wanted port of the proxy was taken: clients that are set to it talk to another program. */
export function portTaken(wanted: number, { host, port }: { readonly host: string; readonly port: number }): Notice {
  return {
    level: 'warning',
    kind: 'port-taken',
    message: `Port ${wanted} is used by another program; the proxy listens on port ${port}`,
    remedy:
      `Clients that are set to port ${wanted} reach that program, not this proxy. Set them to ${host}:${port}, or end ` +
      'the other program and start Sessionscope again.',
    where: `${host}:${port}`,
  };
}
