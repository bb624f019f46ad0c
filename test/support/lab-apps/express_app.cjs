// Express applications with known session policies: node express_app.cjs PORT '{...}'.
// kind: memory | file (folder) | cookie-session; regenerate; logout: destroy | cookie | forget; rolling; maxAge (ms)
// bound: the address; trustProxy
const [, , port, text] = process.argv;
const c = JSON.parse(text);
const express = require('express');
const app = express();
if (c.trustProxy) app.set('trust proxy', true);
app.use(express.urlencoded({ extended: false }));
if (c.kind === 'cookie-session') {
  app.use(
    require('cookie-session')({
      name: 'session',
      keys: ['for the tests of the policy lab'],
      maxAge: c.maxAge ?? 1_800_000,
    }),
  );
} else {
  const session = require('express-session');
  const store =
    c.kind === 'file'
      ? {
          store: new (require('session-file-store')(session))({
            path: c.folder,
            ttl: (c.maxAge ?? 1_800_000) / 1000,
            retries: 0,
            logFn() {},
          }),
        }
      : {};
  app.use(
    session({
      secret: 'for the tests of the policy lab',
      resave: false,
      saveUninitialized: c.saveUninitialized ?? false,
      rolling: c.rolling ?? false,
      cookie: { maxAge: c.maxAge ?? 1_800_000 },
      ...store,
    }),
  );
}
app.post('/login', (q, r, next) => {
  const go = () => {
    q.session.user = q.body.user;
    if (c.bound) q.session.from = q.ip;
    r.redirect(303, '/account');
  };
  if (c.regenerate) q.session.regenerate((e) => (e ? next(e) : go()));
  else go();
});
app.get('/account', (q, r) => {
  const known = q.session?.user && !(c.bound && q.session.from !== q.ip);
  if (known) r.send(`Account of ${q.session.user}`);
  else r.redirect(303, '/sign-in');
});
app.post('/logout', (q, r) => {
  if (c.kind === 'cookie-session') q.session = null;
  else if (c.logout === 'destroy') return q.session.destroy(() => r.redirect(303, '/'));
  else if (c.logout === 'forget') delete q.session.user;
  else r.clearCookie('connect.sid');
  r.redirect(303, '/');
});
app.listen(+port, '127.0.0.1');
