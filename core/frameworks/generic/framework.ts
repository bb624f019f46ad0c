import type { Framework } from '../framework.ts';
import { idsInside, percentDecoded, UP_TO_NUL, unquote } from './ids.ts';

/** What fits no framework by itself: names that many share, and the usual ways of carrying an id. Last in the catalog. */
export const generic: Framework = {
  id: 'generic',
  title: 'An unknown framework',
  cookieNames: [
    { pattern: /^session$/, text: 'session', sharedBy: 'Flask, Starlette, cookie-session, Spring Session and others' },
    { pattern: /^__session$/, text: '__session', sharedBy: 'React Router, Remix, Clerk or Firebase' },
    { pattern: /^session_id$/, text: 'session_id', sharedBy: 'CherryPy, Odoo and others' },
  ],
  valueForms: [
    {
      pattern: /^GA1\.\d\.\d+\.\d+$|^GS[12]\.\d\.[\w.$]+$/,
      kind: 'analytics',
      text: 'a Google Analytics client id',
      holdsData: false,
      shared: true,
      rank: 2,
    },
    {
      pattern: /^fb\.\d\.\d{10,}\./,
      kind: 'analytics',
      text: 'a Meta browser id',
      holdsData: false,
      shared: true,
      rank: 2,
    },
  ],
  publicIds({ id, raw, decoded }) {
    const plain = unquote(percentDecoded(id));
    const signed = /^([0-9A-Za-z_-]{16,})\.[0-9A-Za-z_-]{20,}$/.exec(plain)?.[1];
    const cut = percentDecoded(raw).split('\0', 1)[0] ?? '';
    return [
      ...(signed === undefined ? [] : [{ id: signed, how: 'the id before the signature' }]),
      ...(cut === plain || cut === '' ? [] : [{ id: cut, how: UP_TO_NUL }]),
      ...idsInside(decoded ?? null).map((inner) => ({ id: inner, how: 'the id inside the decoded value' })),
    ];
  },
  payload: {
    user: [
      'user',
      'username',
      'user_name',
      'login',
      'email',
      'mail',
      'name',
      'user_id',
      'userid',
      'uid',
      'account',
      'customer',
      'sub',
    ],
    label: ['count'],
    own: ['csrf', 'csrf_token', '_csrf', '_token', 'flash', 'cookie'],
  },
};
