import { Random } from '../proxy/fuzz.ts';

/* Set-Cookie lines for comparing the judge with a real browser: attributes, odd and not, put together by a seed. */

const DAY = 86_400_000;

const NAMES = [
  'a',
  'sid',
  'A_b',
  '__Host-x',
  '__host-x',
  '__Secure-x',
  '__SECURE-x',
  '__Http-x',
  '__Host-Http-x',
  '',
  ' ',
  'a b',
  '"q"',
  'a[0]',
  '$Version',
  '__Host',
  '-',
  '%41',
];
const VALUES = [
  '1',
  '',
  '"1"',
  '"a b, c"',
  'a=b',
  ' 1 ',
  'a,b',
  "it's",
  '{"a":1}',
  'a\tb',
  '1 2',
  '%C3%A9',
  '__Host-y',
  '__Secure-y=1',
  '=',
  'caf\xc3\xa9',
  'caf\xe9',
];
const DOMAINS = [
  '',
  '.',
  '..',
  'shop.test',
  '.shop.test',
  'SHOP.TEST',
  'app.shop.test',
  '.app.shop.test',
  'x.app.shop.test',
  'other.test',
  'test',
  '.test',
  'co.uk',
  'localhost',
  '127.0.0.1',
  '.127.0.0.1',
  'shop.test.',
  'shop..test',
  ' shop.test ',
  '"shop.test"',
  'evilshop.test',
  '0.0.1',
];
const PATHS = [
  '/',
  '/set',
  '/set/',
  '/se',
  '/set/deeper',
  'nonsense',
  '',
  '"/"',
  '/a b',
  '//',
  '/%41',
  '/A',
  '/set?x',
  '/;x',
  '.',
  '*',
];
const AGES = [
  '60',
  '0',
  '-1',
  '+10',
  '-0',
  '1.5',
  '1e3',
  '',
  'x',
  '"60"',
  ' 60 ',
  '0060',
  '99999999999',
  '9223372036854775808',
  '--1',
  '60s',
  '34560000',
  '34560001',
  '+-1',
  '+',
];
const MONTH = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const BARE = [
  'Secure',
  'HttpOnly',
  'Partitioned',
  'secure=1',
  'SECURE',
  'httponly=false',
  'Secure ',
  'Unknown',
  'Unknown=1',
  '',
  ' ',
  '=',
  'Sec ure',
  'partitioned=0',
];
const SITES = ['Strict', 'Lax', 'None', 'none', 'STRICT', 'bogus', '', '"None"', ' None ', 'Default', 'Extended'];
const PRIORITIES = ['Low', 'High', 'medium', 'x', ''];

/** A date near now in one of the ways in which applications write it, or nearly. */
function date(random: Random, now: number): string {
  const time = new Date(now + (random.below(900) - 200) * DAY + random.below(80_000) * 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = time.getUTCDate();
  const month = MONTH[time.getUTCMonth()] as string;
  const year = time.getUTCFullYear();
  const clock = `${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())}`;
  const [h, m, s] = clock.split(':');
  return random.pick([
    `Wed, ${two(day)} ${month} ${year} ${clock} GMT`,
    `Wed, ${two(day)}-${month}-${year} ${clock} GMT`,
    `Wednesday, ${two(day)}-${month}-${String(year).slice(2)} ${clock} GMT`,
    `Wed ${month} ${day} ${clock} ${year}`,
    `${clock} ${day} ${month} ${year}`,
    `${day} ${month}uary ${year} ${clock}`,
    `${year} ${month} ${day} ${clock}`,
    `${day} ${month} ${year} ${clock} +0200`,
    `${day} ${month} ${year} ${clock}pm`,
    `${day} ${month} ${year} ${h}:${m}`,
    `${day} ${month} ${year} ${h}:${m}:${s}.500`,
    `${day} ${month} ${year} ${h}:${m}:${s}:00`,
    `${day} ${month} ${year} ${Number(h)}:${Number(m)}:${Number(s)}`,
    `${day} ${month} ${year} 24:00:00`,
    `${day} ${month} ${year} 23:60:00`,
    `${day} ${month} ${year} 023:10:00`,
    `${day} ${month} ${year} 0${h}:00${m}:000${s}`,
    `0${day} 0${year} ${month} ${clock}`,
    `${day}x ${month} ${year}y ${clock}`,
    `${day}x ${day} ${month} ${year}y ${year} ${clock}`,
    `1x ${day} ${month} ${year} ${clock}`,
    `${year} ${day} ${month} ${clock} ${clock}`,
    `${day} ${month} ${year} ${h}:${m}:${s}: 10:10:10`,
    `${day} ${month} ${year} :${h}:${m}:${s}`,
    `${day} ${month} ${year} ${h}:${m}:+5`,
    `${day}:${month}:${year} ${clock}`,
    `mon ${day} ma${month} ${month}${month} ${year} ${clock}`,
    `31 Feb ${year} ${clock}`,
    `0 ${month} ${year} ${clock}`,
    `${day} ${month} 1600 ${clock}`,
    `${day} ${month} 0001 ${clock}`,
    `${day} ${month} 30 ${clock}`,
    `${day} ${month} 69 ${clock}`,
    `${day} ${month} 70 ${clock}`,
    `${day} ${month} 101 ${clock}`,
    `${day} ${month} 9999 ${clock}`,
    `${day} ${month} 99999 ${clock}`,
    `${day} ${month} 123456 ${clock}`,
    `${day} Foo ${year} ${clock}`,
    `${day}th ${month} ${year} ${clock}`,
    `${day} ${month} ${year} ${year} ${clock}`,
    `${day} ${month} ${year} T${clock}Z`,
    time.toISOString(),
    String(time.getTime()),
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'Fri, 17 Mar 1995 13:47:59 GMT',
    'session',
    '0',
    '-1',
    '',
  ]);
}

/** So many lines, the same for the same seed. */
export function setCookieLines(seed: number, count: number, now: number): string[] {
  const random = new Random(seed);
  const lines: string[] = [];
  while (lines.length < count) {
    const odd = random.below(3) === 0;
    const name = odd ? random.pick(NAMES) : random.pick(['a', 'sid', '__Host-x', '__Secure-x']);
    const value = odd ? random.pick(VALUES) : '1';
    const pair = random.below(12) === 0 ? random.pick([...NAMES, ...VALUES]) : `${name}=${value}`;
    const parts = [pair];
    for (let n = random.below(5); n > 0; n--) {
      parts.push(
        random.pick([
          () => random.pick(['Secure', 'HttpOnly', 'Path=/']),
          () => random.pick(BARE),
          () => `Domain=${random.pick(DOMAINS)}`,
          () => `Path=${random.pick(PATHS)}`,
          () => `Max-Age=${random.pick(AGES)}`,
          () => `Expires=${date(random, now)}`,
          () => `SameSite=${random.pick(SITES)}`,
          () => `Secure; SameSite=${random.pick(SITES)}`,
          () => `${random.pick(['expires', 'EXPIRES', 'Expires '])}=${date(random, now)}`,
          () => `Priority=${random.pick(PRIORITIES)}`,
          () => `Path=/${'x'.repeat(random.pick([1000, 1022, 1023, 1024, 1100]))}`,
        ])(),
      );
    }
    if (random.below(25) === 0) parts[0] = `${pair}${'x'.repeat(random.pick([4090, 4094, 4095, 4096, 4097]))}`;
    lines.push(parts.join(random.pick(['; ', ';', ' ; ', ';  '])));
  }
  return lines;
}
