// A page of scripts and an API of JSON with express-session: node spa.cjs PORT
const express = require('express');
const session = require('express-session');
const app = express();
app.use(session({ secret: 'for the tests', resave: false, saveUninitialized: false, name: 'shop.sid' }));
app.use(express.json());
app.get('/', (_, res) => res.type('html').send('<div id="app"></div><script src="/app.js"></script>'));
app.get('/app.js', (_, res) => res.type('js').send('/* the application */'));
app.get('/api/me', (req, res) =>
  req.session.user ? res.json({ user: req.session.user }) : res.status(401).json({ error: 'log in first' }),
);
app.post('/api/login', (req, res) => {
  if (req.body.password !== 'correct horse') return res.status(403).json({ error: 'wrong password' });
  req.session.regenerate(() => {
    req.session.user = req.body.email;
    res.json({ ok: true });
  });
});
app.delete('/api/session', (req, res) => req.session.destroy(() => res.clearCookie('shop.sid').status(204).end()));
app.listen(Number(process.argv[2]), '127.0.0.1');
