// A shop on the real express-session, with its sessions in files (SESSIONS) or in memory. SECURE=1: a Secure cookie.
import { randomBytes } from 'node:crypto';
import express from 'express';
import session from 'express-session';
import fileStore from 'session-file-store';

const folder = process.env.SESSIONS;
const app = express();
app.use(express.urlencoded({ extended: false }));
app.use(
  session({
    name: 'shop.sid',
    secret: process.env.SECRET ?? 'a secret',
    resave: false,
    saveUninitialized: false,
    cookie: { secure: process.env.SECURE === '1' },
    ...(folder === undefined
      ? {}
      : { store: new (fileStore(session))({ path: folder, retries: 0, reapInterval: -1, logFn: () => {} }) }),
  }),
);
const page = (text) => `<!doctype html><title>Shop</title><h1>${text}</h1><p>Orders, addresses, invoices.</p>`;
app.get('/visit', (_request, response) => {
  response.cookie('visited', randomBytes(16).toString('hex')).send(page('Welcome'));
});
app.get('/login', (_request, response) => {
  response.send(
    '<form method="post"><input name="user"><input type="password" name="password"><button>Log in</button></form>',
  );
});
app.post('/login', (request, response) => {
  request.session.user = 'alice';
  request.session.save(() => response.redirect('/account'));
});
app.get('/account', (request, response) => {
  if (request.session.user === undefined) response.redirect('/login');
  else response.send(page('Account of alice'));
});
const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(server.address().port);
});
