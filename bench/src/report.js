import { targets } from './targets.js';

const ratio = (value) => value.toFixed(2);
const withSpread = ({ median, low, high }) => `${ratio(median)} (${ratio(low)}–${ratio(high)})`;
/** Higher speed is lower cost. */
const inverse = ({ median, low, high }) => ({ median: 1 / median, low: 1 / high, high: 1 / low });

const table = (head, rows) => {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, place) => (place === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
};

const titles = {
  verify: 'Signature only, speed relative to floor A (HMAC and constant-time compare by hand)',
  receive: 'Signature and payload, speed relative to floor B (floor A and JSON.parse)',
  secrets: '1, 2 and 10 secrets, speed relative to as many times floor A',
  forgery: 'A forgery refused, speed relative to floor A',
};

/** The results as Markdown. */
export function markdown(results) {
  const { machine, runtimes, http, startup, memory } = results;
  const sections = [
    '# Benchmark',
    `Measured on ${machine.date} on ${machine.cpu}, ${machine.cores} cores, load ${machine.load} (other work on the machine included). Repeat with \`npm run bench\`; \`npm run bench -- --quick\` takes a third of the time.`,
    'Tasks run in interleaved rounds, A B C A B C …, and each ratio is taken inside a round: what else the machine does falls on all of them alike. Figures are the median over the rounds, with the quartiles in brackets. CPU time of the process, not wall time. Higher is faster, unless it says CPU.',
    '![How fast each library gives the payload of a delivery](speed.svg)',
    '## Targets',
    table(
      ['what', 'where', 'target', 'measured', ''],
      targets(results).map(({ what, where, bound, value, atMost, met }) => [
        what,
        where,
        bound === undefined ? '' : `${atMost ? '≤' : '≥'} ${bound}`,
        ratio(value),
        bound === undefined ? '' : met ? 'met' : '**missed**',
      ]),
    ),
  ];
  for (const { name, micro } of runtimes) {
    sections.push(`## ${name}`);
    for (const [part, title] of Object.entries(titles)) {
      const columns = micro.filter((each) => each.part === part);
      const names = Object.keys(columns[0].tasks);
      const rows = names.map((task) => [task, ...columns.map(({ tasks }) => cell(tasks[task], task))]);
      sections.push(`### ${title}`, table(['', ...columns.map(({ label }) => label)], rows));
    }
  }
  sections.push(
    '## HTTP, 50 connections, the published delivery of 2.3 KB',
    'In one process, all routes share what the runtime has compiled and their heap; in separate processes, a route has them to itself, and differs by its process too. `by hand` reads, verifies and parses, and awaits the same handler; it has no limits, diagnoses, types, hooks or deadline.',
  );
  for (const { framework, processes, sent, tasks } of http) {
    const [baseline] = Object.keys(tasks);
    sections.push(
      `### ${framework}, ${sent} deliveries, ${processes === 'one' ? 'one process' : 'separate processes'}`,
      table(
        ['route', `CPU per request, relative to ${baseline}`, 'CPU µs', 'requests a second', 'p99 ms'],
        Object.entries(tasks).map(([route, { speed, cpuUs, perSecond, p99Ms }]) => [
          route,
          withSpread(inverse(speed)),
          cpuUs.median.toFixed(0),
          perSecond.median.toFixed(0),
          p99Ms.median.toFixed(0),
        ]),
      ),
    );
  }
  sections.push(
    '## Start-up: importing a module in a fresh process',
    table(
      ['module', 'CPU ms', 'wall ms', 'heap KB'],
      Object.entries(startup).map(([name, { cpuMs, wallMs, heapBytes }]) => [
        name,
        cpuMs.median.toFixed(0),
        wallMs.median.toFixed(0),
        (heapBytes.median / 1024).toFixed(0),
      ]),
    ),
    '## Memory',
    `Heap after each tenth of ${memory.deliveries.toLocaleString('en')} deliveries through \`receiver.handle\`, in MB: ${memory.heapBytes.map((bytes) => (bytes / 2 ** 20).toFixed(2)).join(', ')}.`,
    'By how much a server process grows at its peak while it takes one body of 5 MiB, in bodies; one has a single long text, the other has thousands of comments:',
    table(
      ['route', ...Object.keys(memory.peaks)],
      Object.keys(Object.values(memory.peaks)[0] ?? {}).map((way) => [
        way,
        ...Object.values(memory.peaks).map((ways) => withSpread(ways[way])),
      ]),
    ),
  );
  return `${sections.join('\n\n')}\n`;
}

function cell({ speed, cpuUs }, task) {
  return task === 'floor' ? `${cpuUs.median.toPrecision(3)} µs` : withSpread(speed);
}

/** The speed at which each library returns the payload of the published delivery, on each runtime, as bars. */
export function plot({ runtimes }) {
  const width = 720;
  const left = 190;
  const bar = 16;
  const scale = (width - left - 60) / 1.4;
  const shapes = [];
  let y = 40;
  for (const { name, micro } of runtimes) {
    const { tasks } = micro.find(({ part, label }) => part === 'receive' && label === '2.3 KB');
    shapes.push(`<text x="10" y="${y}" font-weight="bold">${name}</text>`);
    y += 10;
    for (const [task, { speed }] of Object.entries(tasks)) {
      const color = task.startsWith('@blue') || task === 'receiver.handle' ? '#1f6feb' : '#8b949e';
      shapes.push(
        `<text x="${left - 8}" y="${y + 12}" text-anchor="end">${task === 'floor' ? 'by hand, untyped' : task}</text>`,
        `<rect x="${left}" y="${y}" width="${(Math.min(speed.median, 1.4) * scale).toFixed(1)}" height="${bar - 3}" fill="${color}"/>`,
        `<text x="${(left + Math.min(speed.median, 1.4) * scale + 6).toFixed(1)}" y="${y + 12}">${ratio(speed.median)}</text>`,
      );
      y += bar;
    }
    y += 26;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" font-family="sans-serif" font-size="11" fill="#57606a">
<title>Speed of verify and of other libraries</title>
<text x="10" y="18" font-size="13">Signature and payload of a 2.3 KB delivery: speed relative to crypto and JSON.parse by hand</text>
${shapes.join('\n')}
</svg>
`;
}
