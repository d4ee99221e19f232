import { describe, expect, it } from 'vitest';
import { defaultConfig, loadConfig } from '../../src/config/load.ts';

const load = (text: string, flags?: Record<string, string>) => loadConfig({ name: 'phiz.ini', text }, flags);

describe('the configuration file', () => {
  it('has a default for everything', () => {
    expect(defaultConfig()).toEqual({
      listen: { host: '127.0.0.1', port: 18666 },
      allow_cors: false,
      quality_estimator: false,
      model_instances: 0,
      log_level: 'info',
      max_dimension: 16384,
      max_pixels: 100_000_000,
      exif_orientation: true,
      partial_images: true,
      fetch: { enabled: true, size_limit: 10485760, timeout: 10_000, allow_private_networks: false },
      nnd: { aliases: [], min_face_size: 30, max_face_size: Number.POSITIVE_INFINITY },
      models: {
        detector: 'default',
        legacy_detector: 'default',
        facen: 'default',
        gender: 'default',
        age: 'default',
        emotions: 'default',
        headpose: 'default',
        quality: 'default',
      },
      faces_order: 'confidence',
      facen_scale: 'findface',
      ticker_interval: 5000,
      limits: { body_size: 67108864, json_size: 1048576, requests: 256, queue: 64, timeout: 30_000 },
      auth: { keys: [], open: [] },
      allowed_hosts: [],
    });
  });

  it("reads the seed's file", () => {
    const { config, warnings } = load(`
license_ntls_server: 192.168.113.2:3133
fetch:
  enabled: true
  size_limit: 10485760
nnd:
  min_face_size: 30
  max_face_size: .inf
model_instances: 2
quality_estimator: true
`);
    expect(warnings).toEqual(['phiz.ini: not needed here: license_ntls_server']);
    expect(config).toMatchObject({ model_instances: 2, quality_estimator: true });
    expect(config.nnd).toMatchObject({ min_face_size: 30, max_face_size: Number.POSITIVE_INFINITY });
  });

  it('takes the options of nnd in each of their places', () => {
    const { config } = load(
      'nnd:\n  quality_estimator: true\n  options:\n    min_face_size: 50\n    max_face_size: 400',
    );
    expect(config.quality_estimator).toBe(true);
    expect(config.nnd).toMatchObject({ min_face_size: 50, max_face_size: 400 });
  });

  it.each([
    ['listen: "[::1]:80"', { host: '::1', port: 80 }],
    ['listen: :8080', { host: '0.0.0.0', port: 8080 }],
    ['listen: localhost:0', { host: 'localhost', port: 0 }],
    ["listen: '*:8080'", { host: '0.0.0.0', port: 8080 }],
    ['listen: unix:/run/phiz.sock', { path: '/run/phiz.sock' }],
  ])('listens as %s says', (text, listen) => {
    expect(load(text).config.listen).toEqual(listen);
  });

  it.each([
    ['500ms', 500],
    ['1.5s', 1500],
    ['1m30s', 90_000],
  ])('takes %s for a duration', (text, time) => {
    expect(load(`limits: { timeout: ${text} }`).config.limits.timeout).toBe(time);
  });

  it('takes a network for the emotions, or several', () => {
    const emotions = (value: string) => load(`models: { emotions: ${value} }`).config.models.emotions;
    expect(emotions('emotion')).toBe('emotion');
    expect(emotions('[emotion, ./mine]')).toEqual(['emotion', './mine']);
  });

  it('keeps the default of a key without a value', () => {
    const { config, warnings } = load('fetch:\nnnd:\n  min_face_size:\n');
    expect(config).toEqual(defaultConfig());
    expect(warnings).toEqual([]);
  });

  it.each([
    [
      '',
      'listen: 80',
      'phiz.ini:1: listen: expected an address such as 127.0.0.1:18666, [::1]:18666 or :18666',
    ],
    [
      '',
      'listen: a:99999',
      'phiz.ini:1: listen: expected an address such as 127.0.0.1:18666, [::1]:18666 or :18666',
    ],
    [
      'fetch:\n',
      '  timeout: 10',
      'phiz.ini:2: fetch.timeout: expected a duration from 1ms to 24h, such as 500ms, 10s or 1m30s',
    ],
    [
      'fetch:\n',
      '  timeout: 0s',
      'phiz.ini:2: fetch.timeout: expected a duration from 1ms to 24h, such as 500ms, 10s or 1m30s',
    ],
    ['\n\n', 'fetch: yes please', 'phiz.ini:3: fetch: expected keys and values'],
    ['fetch:\n', '  - enabled: false', 'phiz.ini:2: fetch: expected keys and values'],
    ['', 'limits: []', 'phiz.ini:1: limits: expected keys and values'],
    ['', 'nnd: [{min_face_size: 9}]', 'phiz.ini:1: nnd: expected keys and values'],
    ['', 'models: [a]', 'phiz.ini:1: models: expected keys and values'],
    ['', 'auth: [{keys: [a]}]', 'phiz.ini:1: auth: expected keys and values'],
    ['', 'model_instances: -1', 'phiz.ini:1: model_instances: expected a whole number from 0 to 1024'],
    ['', 'model_instances: 1.5', 'phiz.ini:1: model_instances: expected a whole number from 0 to 1024'],
    ['', 'allow_cors: "true"', 'phiz.ini:1: allow_cors: expected true or false'],
    [
      'models:\n',
      '  age: [a, b]',
      "phiz.ini:2: models.age: expected the id of a network, the path of a manifest, or '' for none",
    ],
    [
      'models:\n',
      '  emotions: []',
      "phiz.ini:2: models.emotions: expected the id of a network, the path of a manifest, '' for none, or a list",
    ],
    [
      'models:\n',
      "  emotions: [emotion, '']",
      "phiz.ini:2: models.emotions: expected the id of a network, the path of a manifest, '' for none, or a list",
    ],
    ['auth:\n  keys:\n  - good\n', '  - 12', 'phiz.ini:4: auth.keys.1: expected a key'],
    ['auth:\n', '  keys: [good, schlüssel]', 'phiz.ini:2: auth.keys.1: expected a key of ASCII letters'],
    ['auth:\n', '  keys: ["a b"]', 'phiz.ini:2: auth.keys.0: expected a key of ASCII letters'],
    ['auth:\n', '  keys: ["a\\x7f"]', 'phiz.ini:2: auth.keys.0: expected a key of ASCII letters'],
    [
      'auth:\n',
      '  keys: [""]',
      'phiz.ini:2: auth.keys.0: expected a key, got an empty text: one that begins',
    ],
    ['auth:\n  keys:\n', '  - #secret', 'phiz.ini:3: auth.keys.0: expected a key that is a text'],
    ...[
      'http://example.com:80',
      'example.org:8080',
      'example.org/docs',
      '.example.de',
      'example..de',
      '*.example.fr',
      'bücher.de',
      ' spaced.com ',
      '',
    ].map((host) => [
      'allowed_hosts:\n- faces.example\n',
      `- '${host}'`,
      'phiz.ini:3: allowed_hosts.1: expected the name of a host in ASCII (xn--… for others), without scheme,',
    ]),
    ['nnd:\n', '  min_face_size: small', 'phiz.ini:2: nnd.min_face_size: expected a number of pixels'],
    [
      '',
      'nnd: {min_face_size: 9, max_face_size: 8}',
      'phiz.ini:1: nnd.min_face_size: expected at most nnd.max_face_size',
    ],
    ['a: 1\n', 'b: &', 'phiz.ini:2: b: expected YAML: '],
    ['a: 1\n', 'a: 1', 'phiz.ini:2: a: expected YAML: Map keys must be unique'],
    [
      'auth:\n',
      '  keys: [*secret]',
      'phiz.ini:2: auth.keys: expected a value, got *secret, an alias of nothing',
    ],
    [
      '',
      'listen: *:80',
      'phiz.ini:1: listen: expected a value, got *:80, an alias of nothing: a text that begins with *',
    ],
    [
      '',
      'listen: [::1]:80',
      'phiz.ini:1: listen: expected YAML: Unexpected scalar at node end; a text that begins so is',
    ],
    ['fetch:\n', '  <<: *nope', 'phiz.ini:2: fetch.<<: expected a value, got *nope'],
    ['', 'a: &a [*a]', 'phiz.ini:1: a: expected a value, got *a, which it is a part of'],
    [
      'auth:\n',
      '  keys: [!abcdef ghijkl]',
      'phiz.ini:2: auth.keys: expected a value, got the tag !abcdef: a text',
    ],
    ['', 'listen: !foo 127.0.0.1:1', 'phiz.ini:1: listen: expected a value, got the tag !foo: a text'],
    ['', 'fetch: !!set {enabled}', 'phiz.ini:1: fetch: expected a value, got the tag !!set: a text'],
    ['\n', '? [a, b]\n: 1', 'phiz.ini:2: expected a name for a key, got a list, or keys and values'],
    ['fetch:\n', '  ? {a: b}\n  : 1', 'phiz.ini:2: fetch: expected a name for a key, got a list'],
    ['a: &a [1]\n', '*a : 3', 'phiz.ini:2: expected a name for a key, got a list'],
    ['a: 1\n', '---\nb: 2', 'phiz.ini:2: expected one document'],
    ['\n', 'extractors: 5', 'phiz.ini:2: extractors: expected keys and values'],
    ['nnd: {', 'min_face_size: 3', 'phiz.ini:2: nnd: expected YAML: Flow map'],
    ['', 'just text', 'phiz.ini:1: expected keys and values, e.g. "allow_cors: true"'],
  ])('stops at %j%j with one line', (before, text, message) => {
    const mistake = () => load(`${before}${text}\n`);
    expect(mistake).toThrow(message);
    expect(mistake).toThrow(/^[^\n]*$/);
  });

  it('warns of unknown keys and names the nearest known one', () => {
    const { warnings } = load(
      'nnd:\n  min_face_sise: 3\nmin_face_size: 4\nallow_cross: true\nsomething: else\n',
    );
    expect(warnings).toEqual([
      'phiz.ini:2: nnd.min_face_sise: unknown key, ignored; did you mean nnd.min_face_size?',
      'phiz.ini:3: min_face_size: unknown key, ignored; did you mean nnd.min_face_size?',
      'phiz.ini:4: allow_cross: unknown key, ignored; did you mean allow_cors?',
      'phiz.ini:5: something: unknown key, ignored',
    ]);
  });

  it.each(['__proto__', '__proto__.x', 'fetch.__proto__.x', 'constructor.x', 'toString', 'a.__proto__.b'])(
    'warns of %s as of any unknown key',
    (key) => {
      const { config, warnings } = load('', { [key]: '1' });
      expect(warnings).toEqual([expect.stringMatching(/^--set \S+: unknown key, ignored$/)]);
      expect(config).toEqual(defaultConfig());
      const text = key.split('.').reduceRight((inner, name) => `{"${name}": ${inner}}`, '1');
      expect(load(text).warnings).toEqual([expect.stringMatching(/^phiz.ini:1: \S+: unknown key, ignored$/)]);
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  );

  it('lets flags win, and blames them', () => {
    const flags = { listen: '0.0.0.0:1', 'limits.timeout': '2s', allow_cors: 'true', 'models.age': "''" };
    const { config } = load('listen: 127.0.0.1:2\nlimits: { queue: 7 }', flags);
    expect(config.listen).toEqual({ host: '0.0.0.0', port: 1 });
    expect(config.limits).toMatchObject({ timeout: 2_000, queue: 7 });
    expect(config).toMatchObject({ allow_cors: true, models: { age: '', gender: 'default' } });
    expect(() => load('', { 'limits.queue': 'many' })).toThrow(
      '--set limits.queue: expected a whole number from 0 to 1000000',
    );
  });

  it('takes every sign of ASCII in a key', () => {
    const signs = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).join('');
    expect(load('', { 'auth.keys': JSON.stringify([signs]) }).config.auth.keys).toEqual([signs]);
  });

  it('takes names of hosts as they are written', () => {
    const hosts = [
      'EXAMPLE.net.',
      'faces.example',
      'xn--bcher-kva.de',
      'my_host',
      '192.168.1.5',
      '[::1]',
      '*',
    ];
    expect(load(`allowed_hosts: ${JSON.stringify(hosts)}`).config.allowed_hosts).toEqual(hosts);
  });

  it('takes the tags of YAML itself for what they mean', () => {
    const { config } = load('models: { facen: !!str 5, age: &age mine, gender: *age }', {
      'auth.keys': '[!!str 12345]',
    });
    expect(config.models).toMatchObject({ facen: '5', age: 'mine', gender: 'mine' });
    expect(config.auth.keys).toEqual(['12345']);
  });

  it('takes no other tag of a flag', () => {
    expect(() => load('', { 'auth.keys': '[!abcdef]' })).toThrow(
      '--set auth.keys: expected a value, got the tag !abcdef: a text that begins with ! is put in quotes',
    );
  });

  it('takes no list for a section, whatever a flag puts over it', () => {
    expect(() => load('', { fetch: '[a]' })).toThrow('--set fetch: expected keys and values');
    expect(() => load('fetch: [a]', { 'fetch.enabled': 'false' })).toThrow(
      'phiz.ini:1: fetch: expected keys and values',
    );
  });
});
