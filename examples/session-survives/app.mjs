// A small shop: Express with its sessions in files. IDLE is the time (in seconds) after which an unused session ends.
import { mkdirSync } from 'node:fs';
import express from 'express';
import session from 'express-session';
import fileStore from 'session-file-store';

const folder = process.env.SESSIONS ?? 'sessions';
const idle = Number(process.env.IDLE ?? 30 * 86_400);
mkdirSync(folder, { recursive: true });

const app = express();
app.use(express.urlencoded({ extended: false }));
app.use(
  session({
    name: 'shop.sid',
    secret: 'a secret of this example',
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax' },
    store: new (fileStore(session))({ path: folder, ttl: idle, retries: 0, reapInterval: -1, logFn: () => {} }),
  }),
);

app.get('/login', (_request, response) => {
  response.send(
    '<form method="post"><input name="user"><input type="password" name="password"><button>Log in</button></form>',
  );
});
app.post('/login', (request, response) => {
  request.session.user = request.body.user;
  // Saved first: a browser may follow the redirect before the answer is complete.
  request.session.save(() => response.redirect('/account'));
});
app.get('/account', (request, response) => {
  if (request.session.user === undefined) response.redirect('/login');
  else response.send(`<h1>Account of ${request.session.user}</h1><p>Your orders, your addresses, your invoices.</p>`);
});

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
