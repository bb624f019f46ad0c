import type { Carrier } from '../../core/model/session.ts';
import { visible } from '../../core/model/visible.ts';
import { webAddress } from '../../core/model/web-address.ts';
import type { Translate } from './i18n/index.ts';

/** A span of milliseconds as people say it: one unit, the largest that keeps its meaning. */
export function span(ms: number, t: Translate): string {
  const s = Math.abs(ms) / 1000;
  if (s > 0 && s < 1) return t('time.ms', { n: Math.round(s * 1000) });
  if (s < 60 || (s < 120 && s % 60 !== 0)) return t('time.s', { n: Math.floor(s) });
  if (s < 3600 || (s < 7200 && s % 3600 >= 60)) return t('time.min', { n: trim(s / 60) });
  if (s < 72 * 3600) return t('time.h', { n: trim(s / 3600) });
  return t('time.d', { n: trim(s / 86_400) });
}

/** Whole numbers stay whole; others get one digit. */
function trim(n: number): string {
  const rounded = Math.round(n * 10) / 10;
  return Number.isInteger(rounded) || rounded >= 10 ? String(Math.floor(n + 1e-9)) : rounded.toFixed(1);
}

/** The same without a fraction, for what ticks. */
function coarse(ms: number, t: Translate): string {
  const s = Math.abs(ms) / 1000;
  const unit = s < 60 ? 1 : s < 7200 ? 60 : s < 172_800 ? 3600 : 86_400;
  return span(Math.floor(s / unit) * unit * 1000, t);
}

export function ago(at: number, now: number, t: Translate): string {
  const ms = now - at;
  if (ms < 1000 && ms > -1000) return t('time.now');
  return ms > 0 ? t('time.ago', { span: coarse(ms, t) }) : t('time.in', { span: coarse(-ms, t) });
}

/** A number of seconds from what a user writes: `3600`, `90 min`, `25h`, `3 d`; null when it says nothing clear. */
export function parseSpan(text: string): number | null {
  const match =
    /^\s*(-?\d+(?:\.\d+)?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|秒|分|分钟|小时|时|天)?\s*$/i.exec(text);
  if (match === null) return null;
  const n = Number(match[1]);
  const unit = (match[2] ?? 's').toLowerCase();
  if (/^(m|min|minutes?|分|分钟)$/.test(unit)) return n * 60;
  if (/^(h|hours?|小时|时)$/.test(unit)) return n * 3600;
  if (/^(d|days?|天)$/.test(unit)) return n * 86_400;
  return n;
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  if (n < 1_000_000) return `${(n / 1000).toFixed(n < 10_000 ? 1 : 0)} kB`;
  return `${(n / 1_000_000).toFixed(n < 10_000_000 ? 1 : 0)} MB`;
}

export function clockTime(at: number): string {
  const d = new Date(at);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

export function dateTime(at: number): string {
  const d = new Date(at);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${clockTime(at)}`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

/** `3f2a…9c`: enough to tell ids apart at a glance; short ones stay whole. */
export function shortId(id: string): string {
  return visible(id.length <= 12 ? id : `${id.slice(0, 4)}…${id.slice(-2)}`);
}

export function carrierName(carrier: Carrier): string {
  if (carrier.kind !== 'cookie') return visible(carrier.kind === 'url' ? `?${carrier.parameter}` : carrier.name);
  // Cookies of one name at other paths and domains are other cookies.
  const { name, path, domain } = carrier;
  return visible(
    [name, ...(domain === undefined ? [] : [`.${domain}`]), ...(path === undefined ? [] : [path])].join(' '),
  );
}

/** Path and query of an address, for lists that show the host elsewhere. */
export function urlParts(url: string): { host: string; rest: string } {
  const { host, pathname, search } = webAddress(url);
  return host === '' ? { host, rest: visible(url) } : { host: visible(host), rest: visible(`${pathname}${search}`) };
}
