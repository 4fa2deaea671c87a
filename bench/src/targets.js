/**
 * Returns the targets of the packages: each a ratio from one run, and the bound that it must meet.
 *
 * @param {object} results
 * @returns {{ what: string, where: string, value: number, bound: number, atMost?: boolean, met: boolean }[]}
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
    if (id === 'bun' || id === 'deno') {
      const [fastest] = peers(received).sort((a, b) => received[b].speed.median - received[a].speed.median);
      atLeast(`verify against the fastest peer, ${fastest}, 2.3 KB`, name, against(fastest), 1);
      continue;
    }
    const signed = (size) => part('verify', size)[ours].speed.median;
    atLeast('verifySignature against floor A, 2.3 KB', name, signed('2.3 KB'), id === 'node' ? 1.05 : 1.2);
    for (const size of ['256 KB', '1 MB', '10 MB']) {
      atLeast(`verifySignature against floor A, ${size}`, name, signed(size), 0.98);
    }
    atLeast('verify against floor B, 2.3 KB', name, received[ours].speed.median, 0.85);
    atLeast('verify against @octokit/webhooks verifyAndReceive', name, against('@octokit/webhooks'), 1);
    atLeast('verify against @linear/sdk parseData', name, against('@linear/sdk'), 1.3);
    atLeast('verify against svix verify', name, against('svix'), 2.8);
    atLeast('10 secrets against 10 × floor A', name, part('secrets', '10')[ours].speed.median, 0.98);
    const growth = part('receive', '10 MB')[ours].speed.median / part('receive', '360 B')[ours].speed.median;
    atMost('growth of verify from 360 B to 10 MB, in units of floor B’s', name, 1 / growth, 1);
  }
  const cpu = (framework) => 1 / http.find(({ label }) => label === framework).tasks.ours.speed.median;
  atMost('Express route, CPU against a bare express.raw() route', 'HTTP', cpu('express'), 0.98);
  atMost('Hono route, CPU against a bare arrayBuffer() route', 'HTTP', cpu('hono'), 1.65);

  const [first, ...later] = memory.heapBytes;
  const count = memory.deliveries.toLocaleString('en');
  atMost(`heap after ${count} deliveries, in units of before`, 'memory', later.at(-1) / first, 1.05);
  for (const [body, ways] of Object.entries(memory.peaks)) {
    for (const way of ['express, ours', 'fetch, ours']) {
      atMost(`peak for a body of 5 MiB (${body}), in bodies: ${way}`, 'memory', ways[way].median, 3);
    }
  }
  return found;
}

const ours = '@blue-webhooks/core';
const peers = (tasks) => Object.keys(tasks).filter((name) => !['floor', ours, 'receiver.handle'].includes(name));
