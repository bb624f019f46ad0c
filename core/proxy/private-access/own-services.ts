import { isLoopback } from '../own-addresses.ts';

/** Ports of this computer on which the debugger itself serves its window. */
const ports = new Set<number>();

/** Declares a port as the debugger's own, so that no page of another origin reaches it through the proxy. @returns how to end that */
export function declareOwnService(port: number): () => void {
  ports.add(port);
  return () => void ports.delete(port);
}

/** Whether a host and port lead to the debugger's own window. */
export function isOwnService(host: string, port: number): boolean {
  return ports.has(port) && (isLoopback(host) || host.endsWith('.localhost') || host === '0.0.0.0' || host === '::');
}
