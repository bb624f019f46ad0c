// Express with a signed token (JWT, HS256) in a cookie: node express_tokens.cjs PORT '{...}'.
// verify: right (HS256 alone, and exp) | none (alg none is believed) | unsigned (the signature is not looked at); exp: false: never ends
const [, , port, text] = process.argv;
const c = JSON.parse(text);
const { createHmac } = require('node:crypto');
const express = require('express');
const app = express();
app.use(express.urlencoded({ extended: false }));
const KEY = 'a key for the tests of the policy lab, long enough';
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const mac = (head) => createHmac('sha256', KEY).update(head).digest('base64url');
const read = (one) => JSON.parse(Buffer.from(one, 'base64url').toString());
const who = (q) => {
  try {
    const token = /(?:^|; )token=([^;]*)/.exec(q.get('cookie') ?? '')[1];
    const [head, claims, signature] = token.split('.');
    const { alg } = read(head);
    const believed =
      c.verify === 'unsigned' ||
      (c.verify === 'none' && /^none$/i.test(alg)) ||
      (alg === 'HS256' && mac(`${head}.${claims}`) === signature);
    const { sub, exp } = read(claims);
    return believed && (exp === undefined || exp > Date.now() / 1000) ? sub : undefined;
  } catch {
    return undefined;
  }
};
app.post('/login', (q, r) => {
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: q.body.user, iat: now, ...(c.exp === false ? {} : { exp: now + 1800 }) };
  const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  r.set('Set-Cookie', `token=${head}.${mac(head)}; Path=/; HttpOnly; SameSite=Lax`).redirect(303, '/account');
});
app.get('/account', (q, r) => {
  const name = who(q);
  if (name === undefined) r.status(401).json({ error: 'no token' });
  else r.json({ user: name });
});
app.post('/logout', (_, r) => r.set('Set-Cookie', 'token=; Path=/; Max-Age=0').redirect(303, '/'));
app.listen(+port, '127.0.0.1');
