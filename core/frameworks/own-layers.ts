import type { Layer } from '../codec/layer.ts';
import { authjs } from './authjs/session-token.ts';
import { beaker } from './beaker/signed.ts';
import { bottle } from './bottle/signed.ts';
import { clientSessions } from './client-sessions/sealed.ts';
import { djangoCache } from './django/cache-file.ts';
import { django, djangoLegacy } from './django/signed.ts';
import { secretbox } from './fastify/secretbox.ts';
import { taggedJson } from './flask/tagged-json.ts';
import { cachelib } from './flask-session/cachelib.ts';
import { iron } from './iron-session/iron.ts';
import { laravelCookieData } from './laravel/cookie-data.ts';
import { laravel, laravelPrefix } from './laravel/encrypted.ts';
import { pyramid } from './pyramid/signed.ts';
import { railsMessage } from './rails/message.ts';
import { tornado } from './tornado/signed.ts';

export const OWN_LAYERS: readonly Layer[] = [
  django,
  djangoLegacy,
  djangoCache,
  tornado,
  bottle,
  pyramid,
  beaker,
  cachelib,
  taggedJson,
  laravel,
  laravelPrefix,
  laravelCookieData,
  railsMessage,
  iron,
  secretbox,
  clientSessions,
  authjs,
];
