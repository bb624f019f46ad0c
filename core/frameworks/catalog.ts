import { BY_NAME } from './by-name.ts';
import type { Framework } from './framework.ts';
import { generic } from './generic/framework.ts';
import { php } from './php/framework.ts';
import { webpy } from './webpy/framework.ts';

/**
 * Every framework that is known. A new one is a folder and a line here. Where two fit equally well the earlier one is
 * meant; `generic` comes last.
 */
export const FRAMEWORKS: readonly Framework[] = [webpy, php, ...BY_NAME, generic];
