import { Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { Distribution } from '../../../src/daemon/distribution.js';
import { Metrics } from '../../../src/daemon/metrics.js';
import { Trace } from '../../../src/trace/trace.js';

const none = { servedNetworks: 0, services: [] };

describe('a distribution', () => {
  it('says what a histogram of the library says', async () => {
    const bounds = [0.000_05, 0.001, 0.5, 10];
    const registry = new Registry();
    const histogram = new Histogram({
      name: 'time_seconds',
      help: 'Time',
      labelNames: ['stage', 'result'],
      buckets: bounds,
      registers: [registry],
    });
    const labels = { stage: 'queue', result: 'done' };
    const own = new Distribution(labels, bounds);
    for (const value of [0, 0.000_05, 0.000_051, 0.2, 0.5, 3, 10, 10.1, 1e9]) {
      histogram.observe(labels, value);
      own.add(value);
    }
    expect(own.samples('time_seconds')).toEqual((await registry.getMetricsAsJSON())[0]?.values.map(plain));
  });

  const plain = ({ metricName, labels, value }: { metricName?: string; labels: object; value: number }) => ({
    metricName,
    labels,
    value,
  });
});

describe('metrics', () => {
  it('count commands and their stages', async () => {
    const metrics = new Metrics();
    const common = new Trace();
    common.add('kernel', 2);
    const transaction = { trace: common, calls: 2 };
    for (const wait of [1, 3]) {
      const trace = new Trace();
      trace.add('queue', wait);
      trace.transaction = transaction;
      metrics.observe({ command: 'add-static-nat', isDone: true, milliseconds: 3, trace });
    }
    const trace = new Trace();
    trace.add('kernel', 1);
    trace.transaction = { trace: new Trace(), calls: 1 };
    metrics.observe({ command: 'assign-ip', isDone: true, milliseconds: 3, trace });
    metrics.observe({ command: 'assign-ip', isDone: false, milliseconds: 0.02, trace: undefined });
    const text = await metrics.text(none);
    const value = (line: string) =>
      Number(
        text
          .split('\n')
          .find((one) => one.startsWith(line))
          ?.split(' ')
          .at(-1),
      );
    expect(value('cloudstack_netns_command_seconds_sum{command="assign-ip",result="done"}')).toBeCloseTo(0.003);
    expect(value('cloudstack_netns_command_seconds_count{command="assign-ip",result="failed"}')).toBe(1);
    // What the two waited counts for each, what was done for both of them once.
    expect(value('cloudstack_netns_stage_seconds_sum{stage="queue"}')).toBeCloseTo(0.004);
    expect(value('cloudstack_netns_stage_seconds_sum{stage="kernel"}')).toBeCloseTo(0.003);
    expect(value('cloudstack_netns_stage_seconds_count{stage="kernel"}')).toBe(2);
    expect(value('cloudstack_netns_transaction_commands_sum')).toBe(3);
    expect(value('cloudstack_netns_transaction_commands_count')).toBe(2);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    const bucketsOf = (name: string) => text.split('\n').filter((line) => line.startsWith(`${name}_bucket`));
    const together = bucketsOf('cloudstack_netns_transaction_commands');
    expect(together.map((line) => line.split(' ')[1]).join(' ')).toBe('1 2 2 2 2 2 2 2 2 2 2 2');
    expect(together[0]).toBe('cloudstack_netns_transaction_commands_bucket{le="1"} 1');
    expect(bucketsOf('cloudstack_netns_command_seconds')).toContain(
      'cloudstack_netns_command_seconds_bucket{le="0.00005",command="assign-ip",result="failed"} 1',
    );
    // Every line is a comment or a sample.
    for (const line of text.trim().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [-+\d.eInf]+)?$/);
  });

  it('say how the services are', async () => {
    const service = { name: 'dnsmasq', extension: 'net', networkId: '42', restarts: 2 };
    const text = await new Metrics().text({ servedNetworks: 1, services: [{ ...service, pid: 7 }, service] });
    expect(text).toContain('cloudstack_netns_service_up{service="dnsmasq",extension="net",network="42"} 1\n');
    expect(text).toContain('cloudstack_netns_service_up{service="dnsmasq",extension="net",network="42"} 0\n');
    expect(text).toContain(
      'cloudstack_netns_service_restarts_total{service="dnsmasq",extension="net",network="42"} 2\n',
    );
  });

  it('do not grow with every name somebody calls', async () => {
    const metrics = new Metrics();
    for (let index = 0; index < 500; index++) {
      const name = `x${String.fromCharCode(97 + (index % 26))}${String.fromCharCode(97 + Math.floor(index / 26))}`;
      metrics.observe({ command: name, isDone: false, milliseconds: 1, trace: undefined });
    }
    metrics.observe({ command: '"}\n', isDone: false, milliseconds: 1, trace: undefined });
    const text = await metrics.text(none);
    expect(text.split('\n').filter((line) => line.includes('seconds_count{command=')).length).toBeLessThanOrEqual(65);
    expect(text).toContain('command="unknown"');
  });
});
