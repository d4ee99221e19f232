/**
 * Counters, gauges and histograms, written in Prometheus' text format 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). What is counted or timed has one label or none.
 */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  samples(): Iterable<string>;
}

/** A number that only grows, for each value of its label. */
export class Counter implements Metric {
  readonly type = 'counter';
  readonly name: string;
  readonly help: string;
  readonly #label: string | undefined;
  readonly #values = new Map<string, number>();

  constructor(name: string, help: string, label?: string) {
    this.name = name;
    this.help = help;
    this.#label = label;
    if (label === undefined) this.#values.set('', 0);
  }

  /** Over all values of the label. */
  get total(): number {
    return [...this.#values.values()].reduce((sum, value) => sum + value, 0);
  }

  add(amount = 1, labelValue = ''): void {
    this.#values.set(labelValue, (this.#values.get(labelValue) ?? 0) + amount);
  }

  *samples(): Iterable<string> {
    for (const [labelValue, value] of this.#values) {
      yield sample(this.name, this.#label === undefined ? {} : { [this.#label]: labelValue }, value);
    }
  }
}

/** A number read when it is asked for. */
export class Gauge implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly #read: () => number;

  constructor(name: string, help: string, read: () => number, type: 'gauge' | 'counter' = 'gauge') {
    this.name = name;
    this.help = help;
    this.#read = read;
    this.type = type;
  }

  *samples(): Iterable<string> {
    yield sample(this.name, {}, this.#read());
  }
}

/** Facts of a kind, each told by its labels; the value is always 1. */
export class Info implements Metric {
  readonly type = 'gauge';
  readonly name: string;
  readonly help: string;
  readonly #read: () => readonly Readonly<Record<string, string>>[];

  constructor(name: string, help: string, read: () => readonly Readonly<Record<string, string>>[]) {
    this.name = name;
    this.help = help;
    this.#read = read;
  }

  *samples(): Iterable<string> {
    for (const labels of this.#read()) yield sample(this.name, labels, 1);
  }
}

/** Durations of an event: the number that lasted no longer than each bound. */
export class Histogram implements Metric {
  readonly type = 'histogram';
  readonly name: string;
  readonly help: string;
  readonly #label: string | undefined;
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, { readonly buckets: number[]; sum: number; count: number }>();

  /** @param bounds upper bounds in the metric's unit, rising; +Inf is added. */
  constructor(name: string, help: string, bounds: readonly number[], label?: string) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    this.#label = label;
  }

  observe(value: number, labelValue = ''): void {
    let series = this.#series.get(labelValue);
    if (!series) {
      series = { buckets: this.#bounds.map(() => 0), sum: 0, count: 0 };
      this.#series.set(labelValue, series);
    }
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) series.buckets[bucket]!++;
    series.sum += value;
    series.count++;
  }

  *samples(): Iterable<string> {
    for (const [labelValue, { buckets, sum, count }] of this.#series) {
      const labels = this.#label === undefined ? {} : { [this.#label]: labelValue };
      let below = 0;
      for (const [index, bound] of this.#bounds.entries()) {
        below += buckets[index]!;
        yield sample(`${this.name}_bucket`, { ...labels, le: String(bound) }, below);
      }
      yield sample(`${this.name}_bucket`, { ...labels, le: '+Inf' }, count);
      yield sample(`${this.name}_sum`, labels, sum);
      yield sample(`${this.name}_count`, labels, count);
    }
  }
}

export function prometheusText(metrics: readonly Metric[]): string {
  let text = '';
  for (const metric of metrics) {
    text += `# HELP ${metric.name} ${metric.help}\n# TYPE ${metric.name} ${metric.type}\n`;
    for (const line of metric.samples()) text += `${line}\n`;
  }
  return text;
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, content]) => `${label}="${escapeLabel(content)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
}

function escapeLabel(content: string): string {
  return content.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
