import { expect, it } from 'vitest';
import { Counter, Gauge, Histogram, prometheusText } from '../../src/server/metrics.ts';

it('writes the text format: cumulative buckets, escaped labels', () => {
  const errors = new Counter('errors_total', 'Errors.', 'code');
  errors.add(1, 'A');
  errors.add(2, 'a "b"\\\n');
  const seconds = new Histogram('seconds', 'Time.', [0.1, 1], 'stage');
  for (const value of [0.05, 0.1, 0.5, 7]) seconds.observe(value, 'decode');
  expect(prometheusText([errors, seconds, new Gauge('busy', 'Busy.', () => 3)])).toBe(
    [
      '# HELP errors_total Errors.',
      '# TYPE errors_total counter',
      'errors_total{code="A"} 1',
      'errors_total{code="a \\"b\\"\\\\\\n"} 2',
      '# HELP seconds Time.',
      '# TYPE seconds histogram',
      'seconds_bucket{stage="decode",le="0.1"} 2',
      'seconds_bucket{stage="decode",le="1"} 3',
      'seconds_bucket{stage="decode",le="+Inf"} 4',
      'seconds_sum{stage="decode"} 7.65',
      'seconds_count{stage="decode"} 4',
      '# HELP busy Busy.',
      '# TYPE busy gauge',
      'busy 3',
      '',
    ].join('\n'),
  );
});

it('shows a counter without a label from the start', () => {
  expect([...new Counter('requests_total', 'Requests.').samples()]).toEqual(['requests_total 0']);
});
