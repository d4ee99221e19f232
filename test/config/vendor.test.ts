import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';

const load = (text: string) => loadConfig({ name: 'vendor.ini', text });

// Files of three versions, of our own making: the first names networks in `models`, the second in
// `extractors`, the third has several detectors.

const firstKind = `
listen: 10.1.2.3:18700
license_ntls_server: 10.1.2.9:3133
dlib:
  model: /usr/share/findface-data/normalizer.dat
  options: { adjust_threshold: 0, upsample_times: 1 }
nnd:
  model: /usr/share/nnd/nnd.dat
  quality_estimator: true
  quality_estimator_model: /usr/share/nnd/quality_estimator.dat
  options: { min_face_size: 44, max_face_size: 900, scale_factor: 0.79, p_net_thresh: 0.6, r_net_thresh: 0.6 }
models:
  root: /usr/share/findface-data/models
  facen: cherry_480
  gender: gender.v2
  age: ''
  emotions: ''
  countries47: ''
  model_instances: 3
fetch: { enabled: false, size_limit: 1000000 }
max_dimension: 4000
ticker_interval: 0
`;

const secondKind = `
detector_instances: 2
extractors:
  instances: 5
  max_batch_size: 16
  models:
    face: face/grapefruit_480.gpu.fnk
    age: { model: '' }
    gender: { default: { model: faceattr/gender.v2.gpu.fnk } }
    emotions: { default: { model: '' } }
    beard: faceattr/beard.v0.gpu.fnk
    body_emben: ''
  models_root: /usr/share/findface-data/models
nnd: { quality_estimator: false, options: { min_face_size: 25, max_face_size: .inf, o_net_thresh: 0.9 } }
gpu_device: 1
`;

const thirdKind = `
detectors:
  instances: 1
  max_batch_size: 4
  quality_estimator: true
  models:
    jasmine: { aliases: [face, entrance], model: facedet/jasmine_fast.cpu.fnk, options: { min_object_size: 48, resolutions: [512x512] } }
    gustav: { aliases: [fisheye], model: facedet/gustav.cpu.fnk, options: { min_object_size: 36 } }
    old: { aliases: [before], model: '' }
    bodies: { aliases: [body], model: bodydet/glenn.cpu.fnk, options: { min_object_size: 20 } }
normalizers: { instances: 9, models: { crop2x: { model: facenorm/crop2x.v2.cpu.fnk } } }
extractors:
  instances: 1
  models:
    face_emben: face/nectarine_xl_320.cpu.fnk
    face_age: faceattr/age.v2.cpu.fnk
    face_gender: ''
    face_headpose: ''
    face_quality: ''
prometheus: { timing_buckets: [0.1, 1] }
debug: true
cache_dir: /var/cache/findface/models_cache
`;

describe("a file of the vendor's versions", () => {
  it('that names networks in models starts, with what it says', () => {
    const { config, warnings } = load(firstKind);
    expect(config).toMatchObject({
      listen: { host: '10.1.2.3', port: 18700 },
      quality_estimator: true,
      model_instances: 3,
      max_dimension: 4000,
      ticker_interval: 0,
      nnd: { min_face_size: 44, max_face_size: 900 },
      models: { facen: 'default', gender: 'default', age: '', emotions: '' },
      fetch: { enabled: false, size_limit: 1_000_000 },
    });
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('models.facen cherry_480 is models.facen: default');
    expect(warnings[0]).toContain('nnd.quality_estimator is quality_estimator');
    expect(warnings[1]).toMatch(
      /^vendor\.ini: not needed here: models\.countries47, license_ntls_server, dlib, /,
    );
  });

  it('that names them in extractors starts; what phiz has not is told', () => {
    const { config, warnings } = load(secondKind);
    expect(config).toMatchObject({
      quality_estimator: false,
      model_instances: 5,
      nnd: { min_face_size: 25, max_face_size: Number.POSITIVE_INFINITY },
      models: { facen: 'default', gender: 'default', age: '', emotions: '' },
    });
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toContain(
      'extractors.models.gender faceattr/gender.v2.gpu.fnk is models.gender: default',
    );
    expect(warnings[2]).toBe(
      'vendor.ini:11: extractors.models.beard: phiz has no network for it; who asks for it is told so',
    );
  });

  it('that has several detectors starts, with their aliases', () => {
    const { config, warnings } = load(thirdKind);
    expect(config).toMatchObject({
      quality_estimator: true,
      model_instances: 1,
      log_level: 'debug',
      nnd: { min_face_size: 36, aliases: ['entrance', 'gustav', 'fisheye'] },
      models: {
        detector: 'default',
        facen: 'default',
        age: 'default',
        gender: '',
        headpose: '',
        quality: '',
      },
    });
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toContain('detectors.models.jasmine (jasmine, face, entrance) is nnd');
    expect(warnings[1]).toContain('detectors.models.old');
    expect(warnings[2]).toContain('vendor.ini:10: detectors.models.bodies: phiz has no network for it');
  });

  it('has one without a detector of faces', () => {
    const { config } = load("detectors: { models: { nnd: { model: '' }, cheetah: '' } }");
    expect(config.models.detector).toBe('');
  });

  it.each([
    ['nnd: { quality_estimator: true }\nquality_estimator: false', { quality_estimator: false }],
    ['detector_instances: 0\nextractors: { instances: 1 }\nmodel_instances: 4', { model_instances: 4 }],
    ['nnd: { min_face_size: 50, options: { min_face_size: 20 } }', { nnd: { min_face_size: 50 } }],
    ['debug: true\nlog_level: warn', { log_level: 'warn' }],
  ])('takes our own word first in %j', (text, expected) => {
    expect(load(text).config).toMatchObject(expected);
  });

  it.each([
    ['models:\n  age: ', 'fairface'],
    ['models:\n  age: ', './mine/manifest.json'],
    ['models:\n  emotions: ', '[emotion, ./mine]'],
    ['models:\n  age: ', "''"],
  ])('is not what names a network of ours: %s%s', (key, value) => {
    expect(load(`${key}${value}`).warnings).toEqual([]);
  });

  it.each([
    ['extractors:\n  instances: many', '2: extractors.instances: expected a whole number from 0 to 1024'],
    ['extractors:\n  models:\n    age: 5', "3: extractors.models.age: expected the name of a network, '' or"],
    ['detectors:\n  quality_estimator: 1', '2: detectors.quality_estimator: expected true or false'],
    [
      'detectors:\n  models:\n    a:\n      aliases: b',
      '4: detectors.models.a.aliases: expected a list of names',
    ],
    [
      'detectors:\n  models:\n    a:\n      options:\n        min_object_size: x',
      '5: detectors.models.a.options.min_',
    ],
  ])('stops where it is wrong: %j', (text, message) => {
    expect(() => load(text)).toThrow(`vendor.ini:${message}`);
  });

  it('may have slips of the pen', () => {
    const { warnings } = load(
      'extractors:\n  instanses: 2\n  models: { agee: x }\nnnd: { options: { min_fase_size: 3 } }',
    );
    expect(warnings).toEqual([
      'vendor.ini:2: extractors.instanses: unknown key, ignored; did you mean extractors.instances?',
      'vendor.ini:3: extractors.models.agee: unknown key, ignored; did you mean extractors.models.age?',
      'vendor.ini:4: nnd.options.min_fase_size: unknown key, ignored; did you mean nnd.options.min_face_size?',
    ]);
  });
});

describe('the environment', () => {
  it('wins over the file, and flags over it, in the words of every version', () => {
    const file = { name: 'a.ini', text: 'listen: :1\nmodel_instances: 7\nnnd: { min_face_size: 50 }' };
    const environment = { listen: ':2', 'extractors.instances': '3', 'nnd.options.min_face_size': '60' };
    const { config } = loadConfig(file, { listen: '[::1]:3' }, environment);
    expect(config).toMatchObject({
      listen: { host: '::1', port: 3 },
      model_instances: 3,
      nnd: { min_face_size: 60 },
    });
    expect(() => loadConfig(file, {}, { 'fetch.timeout': 'x' })).toThrow(
      'CFG_FETCH_TIMEOUT: expected a duration',
    );
    expect(() => loadConfig(file, {}, { 'extractors.instances': 'x' })).toThrow(
      'CFG_EXTRACTORS_INSTANCES: expected a whole number',
    );
  });
});

it('takes the words of YAML 1.1 where true or false belongs, and nowhere else', () => {
  const { config } = load(
    'allow_cors: Yes\nfetch: { enabled: off }\nnnd: { quality_estimator: on, aliases: [on, "no"] }',
  );
  expect(config).toMatchObject({
    allow_cors: true,
    quality_estimator: true,
    fetch: { enabled: false },
    nnd: { aliases: ['on', 'no'] },
  });
  expect(loadConfig(undefined, { allow_cors: 'no', exif_orientation: 'off' }).config).toMatchObject({
    allow_cors: false,
    exif_orientation: false,
  });
  expect(() => load('allow_cors: perhaps')).toThrow('vendor.ini:1: allow_cors: expected true or false');
});
