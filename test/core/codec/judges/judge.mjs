// The npm packages as judges. The protocol is that of judge.py; `companions` are the cookies that belong to a value.
import { createSecretKey } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import * as authjs from '@auth/core/jwt';
import secureSession from '@fastify/secure-session';
import clientSessions from 'client-sessions';
import cookieSession from 'cookie-session';
import cookieSignature from 'cookie-signature';
import fastify from 'fastify';
import { sealData, unsealData } from 'iron-session';
import * as jose from 'jose';
import Koa from 'koa';
import * as koaSession from 'koa-session';

const KEY = 'judge-key-0123456789abcdef0123456789abcdef';
const secret = new TextEncoder().encode(KEY);
const sealKey = secret.subarray(0, 32);

/** A server whose session is set to a sent value, and that answers with the session it was given. */
async function overHttp(name, listener) {
  const server = createServer(listener);
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${server.address().port}/`;
  return {
    close: () => server.close(),
    async write(value) {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(value) });
      await response.text();
      const pairs = response.headers.getSetCookie().map((line) => line.split(';', 1)[0].split(/=(.*)/s).slice(0, 2));
      const { [name]: raw, ...companions } = Object.fromEntries(pairs);
      return { raw, companions };
    },
    async read({ raw, companions }) {
      const cookie = Object.entries({ [name]: raw, ...companions })
        .map((pair) => pair.join('='))
        .join('; ');
      return (await fetch(url, { headers: { cookie } })).json();
    },
  };
}

const signed = cookieSession({ name: 'session', keys: [KEY, 'an older key'] });
const express = await overHttp('session', async (request, response) => {
  const body = await text(request);
  signed(request, response, () => {
    if (request.method === 'POST') request.session = JSON.parse(body);
    response.end(JSON.stringify(request.session));
  });
});

const koa = new Koa();
koa.keys = [KEY, 'an older key'];
koa.use((koaSession.createSession ?? koaSession.default)({ key: 'koa.sess' }, koa));
koa.use(async (context) => {
  const body = await text(context.req);
  if (context.method === 'POST') context.session = JSON.parse(body);
  context.body = JSON.stringify(context.session);
});
const koaServer = await overHttp('koa.sess', koa.callback());

const secure = fastify();
await secure.register(secureSession, { key: Buffer.from(sealKey), cookieName: 'session' });
await secure.ready();

const iron = { password: KEY, ttl: 0 };
const salt = 'authjs.session-token';
const clientOptions = { cookieName: 'cs', secret: KEY, duration: 86_400_000 };
const without = ({ iat, exp, jti, __ts, _expire, _maxAge, ...rest }) => rest;

const FORMATS = {
  'cookie-session': [express.write, express.read],
  'koa-session': [koaServer.write, koaServer.read],
  'iron-session': [(v) => sealData(v, iron), ({ raw }) => unsealData(raw, iron)],
  'fastify-secure-session': [
    (v) => secure.encodeSecureSession(secure.createSecureSession(v)),
    ({ raw }) => without(secure.decodeSecureSession(raw).data()),
  ],
  authjs: [
    (token) => authjs.encode({ token, secret: KEY, salt }),
    async ({ raw }) => without(await authjs.decode({ token: raw, secret: KEY, salt })),
  ],
  'jose-HS256': [
    (v) => new jose.SignJWT(v).setProtectedHeader({ alg: 'HS256' }).sign(secret),
    async ({ raw }) => (await jose.jwtVerify(raw, secret)).payload,
  ],
  'jose-dir-A256GCM': [
    (v) => new jose.EncryptJWT(v).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(createSecretKey(sealKey)),
    async ({ raw }) => (await jose.jwtDecrypt(raw, createSecretKey(sealKey))).payload,
  ],
  'client-sessions': [
    (v) => clientSessions.util.encode(clientOptions, v),
    ({ raw }) => clientSessions.util.decode(clientOptions, raw).content,
  ],
  'express-signed-json': [
    (v) => `s:${cookieSignature.sign(`j:${JSON.stringify(v)}`, KEY)}`,
    ({ raw }) => JSON.parse(cookieSignature.unsign(raw.slice(2), KEY).slice(2)),
  ],
};

const asked = JSON.parse(await text(process.stdin));
const answer = {};
for (const [name, [write, read]] of Object.entries(FORMATS)) {
  answer[name] = [];
  for (const value of asked.write ?? []) {
    const made = await write(structuredClone(value));
    if (typeof made !== 'string' && made.raw === undefined)
      throw new Error(`${name}: ${JSON.stringify({ value, made })}`);
    const { raw, ...rest } = typeof made === 'string' ? { raw: made } : made;
    answer[name].push({ raw: Buffer.from(raw).toString('base64'), ...rest });
  }
  for (const one of asked.read?.[name] ?? []) {
    try {
      answer[name].push({ value: await read({ ...one, raw: Buffer.from(one.raw, 'base64').toString() }) });
    } catch (error) {
      answer[name].push({ error: String(error) });
    }
  }
}
process.stdout.write(JSON.stringify(answer));
express.close();
koaServer.close();
await secure.close();
