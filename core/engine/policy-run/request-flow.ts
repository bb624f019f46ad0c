import type { BodyStore } from '../../capture/body-store.ts';
import type { BodyInfo, Flow } from '../../model/flow.ts';
import { resolveAddress, webAddress } from '../../model/web-address.ts';
import type { PolicyRequest, PolicyTarget } from '../../policy/file/policy.ts';

/** The absolute URL of a request of the policy. */
export function urlOf({ origin }: Pick<PolicyTarget, 'origin'>, { url }: Pick<PolicyRequest, 'url'>): string {
  const { url: whole, hash } = resolveAddress(url, origin) ?? webAddress(url);
  return hash === '' ? whole : whole.slice(0, -hash.length);
}

/**
 * A request of the policy as the flow that a browser would have made of it, ready to be sent by the replay engine.
 * `fields` are added to its form.
 */
export function requestFlow(
  target: Pick<PolicyTarget, 'origin' | 'headers'>,
  request: PolicyRequest,
  cookies: readonly (readonly [name: string, raw: string])[],
  {
    bodies,
    fields = {},
  }: { readonly bodies: Pick<BodyStore, 'open'>; readonly fields?: Readonly<Record<string, string>> },
): Flow {
  const url = urlOf(target, request);
  const { type, bytes } = bodyOf(request, fields);
  const headers = new Map<string, [name: string, value: string]>();
  const set = (name: string, value: string) => headers.set(name.toLowerCase(), [name, value]);
  set('Host', webAddress(url).host);
  set('User-Agent', 'Sessionscope');
  set('Accept', '*/*');
  if (type !== undefined) set('Content-Type', type);
  // Some applications look at where a form comes from (CSRF).
  if (bytes !== undefined) set('Origin', webAddress(url).origin);
  for (const [name, value] of Object.entries({ ...target.headers, ...request.headers })) set(name, value);
  if (cookies.length > 0) set('Cookie', cookies.map(([name, raw]) => `${name}=${raw}`).join('; '));
  return {
    id: 'policy',
    startedAt: 0,
    client: { address: '127.0.0.1', port: 0 },
    request: {
      method: request.method,
      url,
      httpVersion: '1.1',
      rawHeaders: [...headers.values()].flat(),
      body: kept(bytes, bodies),
    },
    kind: 'http',
  };
}

function bodyOf(
  { form, json, body }: PolicyRequest,
  fields: Readonly<Record<string, string>>,
): { readonly type?: string; readonly bytes?: Uint8Array } {
  if (json !== undefined) return { type: 'application/json', bytes: Buffer.from(JSON.stringify(json)) };
  if (body !== undefined) return { bytes: Buffer.from(body) };
  if (form === undefined && Object.keys(fields).length === 0) return {};
  const encoded = new URLSearchParams({ ...fields, ...form }).toString();
  return { type: 'application/x-www-form-urlencoded', bytes: Buffer.from(encoded) };
}

function kept(bytes: Uint8Array | undefined, bodies: Pick<BodyStore, 'open'>): BodyInfo {
  const writer = bodies.open();
  if (bytes !== undefined) writer.append(bytes);
  return writer.close();
}
