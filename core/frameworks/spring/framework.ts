import type { Framework } from '../framework.ts';
import { springAttributes } from './attributes.ts';
import { springKeys, springTable } from './layouts.ts';

export const spring: Framework = {
  id: 'spring',
  title: 'Spring Session',
  cookieNames: [
    { pattern: /^session$/, text: 'SESSION', sharedBy: 'Flask, Starlette, cookie-session, Spring Session and others' },
  ],
  layers: [springAttributes],
  tables: [springTable],
  keys: [springKeys],
  payload: {
    own: [
      'creationTime',
      'lastAccessedTime',
      'maxInactiveInterval',
      'SPRING_SECURITY_LAST_EXCEPTION',
      'SPRING_SECURITY_SAVED_REQUEST',
    ],
    signs: [['lastAccessedTime', 'maxInactiveInterval', 'creationTime']],
  },
  ends: [
    {
      by: 'request',
      clock: 'lastUsed',
      setting: { name: 'spring.session.timeout', defaultSeconds: 1800 },
    },
    { by: 'cleanup', clock: 'expires', runs: 'once a minute, unless spring.session.jdbc.cleanup-cron says otherwise' },
  ],
  advice: {
    'refused-at-storing': {
      setting: 'server.servlet.session.cookie.secure, .domain, .same-site',
      file: 'application.properties',
    },
    'browser-restarted': { setting: 'server.servlet.session.cookie.max-age=30d', file: 'application.properties' },
    'other-application': { setting: 'server.servlet.session.cookie.name=SHOP_SESSION', file: 'application.properties' },
  },
};
