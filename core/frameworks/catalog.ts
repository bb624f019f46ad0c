import { authJs } from './authjs/framework.ts';
import { beaker } from './beaker/framework.ts';
import { bottle } from './bottle/framework.ts';
import { BY_NAME } from './by-name.ts';
import { cherrypy } from './cherrypy/framework.ts';
import { clientSessions } from './client-sessions/framework.ts';
import { django } from './django/framework.ts';
import { expressSession } from './express-session/framework.ts';
import { secureSession } from './fastify/framework.ts';
import { flask } from './flask/framework.ts';
import { flaskSession } from './flask-session/framework.ts';
import type { Framework } from './framework.ts';
import { generic } from './generic/framework.ts';
import { ironSession } from './iron-session/framework.ts';
import { laravel } from './laravel/framework.ts';
import { php } from './php/framework.ts';
import { pyramid } from './pyramid/framework.ts';
import { rack } from './rack/framework.ts';
import { rails } from './rails/framework.ts';
import { spring } from './spring/framework.ts';
import { symfony } from './symfony/framework.ts';
import { tornado } from './tornado/framework.ts';
import { webpy } from './webpy/framework.ts';

/**
 * Every framework that is known, with the layers that only it writes. A new one is a folder and a line here. Where two fit equally well the earlier one is
 * meant; `generic` comes last.
 */
export const FRAMEWORKS: readonly Framework[] = [
  webpy,
  django,
  flaskSession,
  expressSession,
  php,
  symfony,
  laravel,
  rack,
  beaker,
  cherrypy,
  tornado,
  bottle,
  pyramid,
  flask,
  rails,
  ironSession,
  secureSession,
  clientSessions,
  authJs,
  spring,
  ...BY_NAME,
  generic,
];
