/**
 * What a program imports to use sessions as with web.py. The stores that a tutorial's program also needs are joined to
 * it in `core/frameworks/webpy/practice/web.ts`.
 */

export { PythonError } from '../../../python/python-error.ts';
export { Application, application, type Handlers, type Page, type Processor, type Urls } from './application.ts';
export { type Config, config, makeConfig } from './config.ts';
export { debugProgram } from './debug-program.ts';
export { HTTPError, internalerror, nomethod, notfound, SessionExpired } from './http-error.ts';
export { listener, type RunningServer, serve } from './http-server.ts';
export { defaultParameters, type SessionParameters } from './parameters.ts';
export { PROFILES, type Profile, type ProfileId } from './profiles.ts';
export { Session } from './session.ts';
export type { Store } from './store.ts';
export { cookies, ctx, header, input, redirect, seeother, setcookie } from './web-api.ts';
