import type { Application } from './application.ts';

/**
 * Runs a program as web.py does with debug mode on under its built-in server: the module is loaded twice, the pages come
 * from the second load while the first one's session is loaded and saved (section 11). The answer is an application on
 * which sessions made at module level do not work, as it happens to people.
 */
export function debugProgram(program: () => Application): Application {
  const first = program();
  first.config.debug = true;
  first.takeHandlersOf(program());
  return first;
}
