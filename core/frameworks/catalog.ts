import { beaker } from './beaker/framework.ts';
import { BY_NAME } from './by-name.ts';
import { django } from './django/framework.ts';
import { expressSession } from './express-session/framework.ts';
import { flaskSession } from './flask-session/framework.ts';
import type { Framework } from './framework.ts';
import { generic } from './generic/framework.ts';
import { laravel } from './laravel/framework.ts';
import { php } from './php/framework.ts';
import { rack } from './rack/framework.ts';
import { symfony } from './symfony/framework.ts';
import { webpy } from './webpy/framework.ts';

/**
 * Every framework that is known. A new one is a folder and a line here. Where two fit equally well the earlier one is
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
  ...BY_NAME,
  generic,
];
