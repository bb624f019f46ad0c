// An Express application with an account page, for experiments that send requests of the policy: node express_acts.cjs PORT '{...}'.
// csrf: token (403 without it) | page (200 and a page that says so) | flash (redirects as after success, says so there) |
//       origin (Origin must be its own) | absent: nothing is looked at. sameSite: of the cookie
// reauth: status (403) | form (200 and a form with a password) | redirect (to such a form) | absent: changed at once
// privilege: renew | old (a new id, the old one stays) | wrong (a page that refuses) | absent: the id is kept
// everywhere, password, disable: ends (the other sessions) | nothing (is not done at all) | absent: done, they go on
// adverts: random lines in each page; tls: { key, cert } in PEM, secure: the cookie's attribute
const [, , port, text] = process.argv;
const c = JSON.parse(text);
const crypto = require('node:crypto');
const express = require('express');
const session = require('express-session');
const app = express();
app.use(express.urlencoded({ extended: false }));
app.use(
  session({
    secret: 'for the tests of the policy lab',
    resave: false,
    saveUninitialized: false,
    cookie: {
      maxAge: 1_800_000,
      ...(c.sameSite ? { sameSite: c.sameSite } : {}),
      ...(c.secure ? { secure: true } : {}),
    },
  }),
);
const users = { alice: { epoch: 0, email: 'alice@shop.test', nick: 'al', disabled: false } };
const ADS = ['Buy shoes', 'Visit Norway', 'Learn to sail', 'Cheap flights', 'New phones', 'Old books'];
const page = (r, body, status = 200) => {
  const ad = c.adverts ? `<aside>${ADS[Math.floor(Math.random() * ADS.length)]}</aside>\n` : '';
  r.status(status).send(
    `<!doctype html>\n<title>Shop</title>\n<nav>Home</nav>\n${ad}${body}\n<footer>Imprint</footer>\n`,
  );
};
const user = (q) => {
  const one = users[q.session.user];
  if (one === undefined || one.disabled === 'ends' || (q.session.epoch ?? 0) < one.epoch) return undefined;
  return one;
};
const own = (q, r, next) => (user(q) ? next() : r.redirect(303, '/sign-in'));

app.post('/login', (q, r, next) => {
  if (users[q.body.user]?.disabled) return page(r, '<p>This account is disabled</p>', 403);
  q.session.regenerate((e) => {
    if (e) return next(e);
    q.session.user = q.body.user;
    q.session.epoch = users[q.body.user]?.epoch ?? 0;
    q.session.token = crypto.randomBytes(16).toString('hex');
    r.redirect(303, '/account');
  });
});
app.get('/account', own, (q, r) => {
  const flash = q.session.flash ?? '';
  delete q.session.flash;
  page(
    r,
    `<h1>Account of ${q.session.user}</h1>\n<p>${flash}</p>\n<p>E-mail: ${user(q).email}</p>\n` +
      (q.session.admin ? '<a href="/admin">Administration</a>\n' : '') +
      `<form method="post" action="/nick"><input type="hidden" name="csrf_token" value="${q.session.token}"></form>`,
  );
});
app.post('/nick', own, (q, r) => {
  const port_ = q.get('host');
  const refused =
    c.csrf === 'origin'
      ? q.get('origin') !== undefined && new URL(q.get('origin')).host !== port_
      : c.csrf !== undefined && q.body.csrf_token !== q.session.token;
  if (refused && c.csrf === 'page') return page(r, '<p>The form is out of date, please send it again</p>');
  if (refused && c.csrf === 'flash') {
    q.session.flash = 'The form is out of date';
    return r.redirect(303, '/account');
  }
  if (refused) return page(r, '<p>Forbidden</p>', 403);
  user(q).nick = q.body.nick;
  if (c.csrf === 'page') return page(r, '<p>Saved your new name</p>');
  q.session.flash = 'Saved your new name';
  r.redirect(303, '/account');
});
app.post('/email', own, (q, r) => {
  const asks = '<form method="post"><input type="password" name="current"></form>';
  if (c.reauth === 'status') return page(r, '<p>Password?</p>', 403);
  if (c.reauth === 'form') return page(r, asks);
  if (c.reauth === 'redirect') return r.redirect(303, '/confirm');
  user(q).email = q.body.email;
  r.redirect(303, '/account');
});
app.get('/confirm', own, (_, r) => page(r, '<form method="post"><input name="current" type="password"></form>'));
app.post('/sudo', own, (q, r, next) => {
  if (c.privilege === 'wrong') return page(r, '<p>Wrong code</p>');
  const who = { user: q.session.user, epoch: q.session.epoch, token: q.session.token, admin: true };
  const go = () => {
    Object.assign(q.session, who);
    r.redirect(303, '/account');
  };
  if (c.privilege === 'renew') return q.session.regenerate((e) => (e ? next(e) : go()));
  if (c.privilege === 'old') {
    q.sessionStore.generate(q);
    return go();
  }
  go();
});
/** Ends the other sessions of the user: this one goes on in the new epoch. */
const endOthers = (q) => {
  user(q).epoch += 1;
  q.session.epoch = users[q.session.user].epoch;
};
app.post('/everywhere', (q, r) => {
  // "nothing": moved elsewhere, and whoever asks is sent to the front page.
  if (c.everywhere === 'nothing') return r.redirect(303, '/');
  if (!user(q)) return r.redirect(303, '/sign-in');
  if (c.everywhere === 'ends') endOthers(q);
  r.redirect(303, '/account');
});
app.post('/password', own, (q, r) => {
  if (c.password === 'ends') endOthers(q);
  r.redirect(303, '/account');
});
app.post('/disable', own, (q, r) => {
  if (c.disable !== 'nothing') users[q.session.user].disabled = c.disable ?? 'logins';
  r.redirect(303, '/bye');
});
app.use((_, r) => page(r, '<p>Front page</p>'));
if (c.tls) require('node:https').createServer(c.tls, app).listen(+port, '127.0.0.1');
else app.listen(+port, '127.0.0.1');
