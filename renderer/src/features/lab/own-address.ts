import type { SessionDetail } from '../../../../core/model/app.ts';

/** The address in the session's record, as web.py keeps it under `ip`; 127.0.0.1 when there is none. */
export function ownAddress({ record }: SessionDetail): string {
  const value = record?.value;
  if (value?.t !== 'dict') return '127.0.0.1';
  const ip = value.v.find(([key]) => key.t === 'str' && key.v === 'ip')?.[1];
  return ip?.t === 'str' && /^[0-9a-fA-F.:]+$/.test(ip.v) ? ip.v : '127.0.0.1';
}
