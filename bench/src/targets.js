/**
 * Returns the targets of the packages: each a ratio from one run, and the bound that it must meet; without a bound where it is
 * against a library that does less.
 *
 * @param {object} results
 * @returns {{ what: string, where: string, value: number, bound?: number, atMost?: boolean, met?: boolean }[]}
 */
export function targets({ runtimes, http, memory }) {
  const found = [];
  const atLeast = (what, where, value, bound) => found.push({ what, where, value, bound, met: value >= bound });
  const atMost = (what, where, value, bound) =>
    found.push({ what, where, value, bound, atMost: true, met: value <= bound });

  for (const { id, name, micro } of runtimes) {
    const part = (kind, label) => micro.find((each) => each.part === kind && each.label === label).tasks;
    const received = part('receive', '2.3 KB');
    const against = (peer) => received[ours].speed.median / received[peer].speed.median;
    const [fastest] = peers(received).sort((a, b) => received[b].speed.median - received[a].speed.median);
    found.push({
      what: `verify against ${fastest}, which checks no types, 2.3 KB`,
      where: name,
      value: against(fastest),
    });
    if (id === 'bun' || id === 'deno') continue;
    const signed = (size) => part('verify', size)[ours].speed.median;
    atLeast('verifySignature against floor A, 2.3 KB', name, signed('2.3 KB'), id === 'node' ? 1.05 : 1.2);
    for (const size of ['256 KB', '1 MB', '10 MB']) {
      atLeast(`verifySignature against floor A, ${size}`, name, signed(size), 0.98);
    }
    atLeast('verify against floor B, 2.3 KB', name, received[ours].speed.median, 0.85);
    atLeast('verify against @octokit/webhooks verifyAndReceive', name, against('@octokit/webhooks'), 1);
    atLeast('10 secrets against 10 × floor A', name, part('secrets', '10')[ours].speed.median, 0.98);
    const forged = part('forgery', '2.3 KB');
    atLeast('receiver.handle on a forgery against floor A', name, forged['receiver.handle'].speed.median, 1);
    atLeast('the same with hooks', name, forged['receiver.handle with hooks'].speed.median, 0.85);
    const lookup = forged['receiver.handle'].speed.median / forged['receiver.handle, secret function'].speed.median;
    atMost('a forgery behind a secret function against a known secret', name, lookup, 1.3);
    const growth = part('receive', '10 MB')[ours].speed.median / part('receive', '360 B')[ours].speed.median;
    atMost('growth of verify from 360 B to 10 MB, in units of floor B’s', name, 1 / growth, 1);
  }

  for (const processes of ['one', 'separate']) {
    const where = processes === 'one' ? 'one process' : 'separate processes';
    const cpu = (framework, route, against) => {
      const { tasks } = http.find((each) => each.framework === framework && each.processes === processes);
      return tasks[against].speed.median / tasks[route].speed.median;
    };
    atMost('Express, blueWebhook against the same by hand', where, cpu('express', 'blueWebhook', 'by hand'), 1.12);
    atMost('Express, blueWebhook against a bare route', where, cpu('express', 'blueWebhook', 'bare'), 1.2);
    atMost('Express, blueWebhook against octokit', where, cpu('express', 'blueWebhook', '@octokit/webhooks'), 1);
    const verifying = cpu('express', 'verifyBlueWebhook', 'by hand, with next');
    atMost('Express, verifyBlueWebhook against the same by hand', where, verifying, 1.08);
    atMost('Hono, blueWebhook against a bare route', where, cpu('hono', 'blueWebhook', 'bare'), 2);
  }
  for (const { framework, sent, tasks } of http) {
    if (sent !== 'forged') continue;
    const refusing = 1 / tasks.blueWebhook.speed.median;
    atMost(`${framework}, a forgery refused, against the same by hand`, 'one process', refusing, 1.03);
  }

  const [first, ...later] = memory.heapBytes;
  const count = memory.deliveries.toLocaleString('en');
  atMost(`heap after ${count} deliveries, in units of before`, 'memory', later.at(-1) / first, 1.05);
  for (const [body, bounds] of Object.entries(peaks)) {
    for (const [way, bound] of Object.entries(bounds)) {
      const peak = memory.peaks[body]?.[way]; // measured on Linux only
      if (peak) atMost(`peak for a body of 5 MiB (${body}), in bodies: ${way}`, 'memory', peak.median, bound);
    }
  }
  return found;
}

/** The most that a body of one long text, and one of many comments, may take in memory, in units of the body. */
const peaks = {
  text: { 'express, blueWebhook': 3.1, 'hono, blueWebhook': 3.9, 'fetch, receiver.fetch': 3.9 },
  comments: { 'express, blueWebhook': 3.95, 'hono, blueWebhook': 3.95, 'fetch, receiver.fetch': 3.95 },
};

const ours = '@blue-webhooks/core';
const peers = (tasks) => Object.keys(tasks).filter((name) => !['floor', ours, 'receiver.handle'].includes(name));
