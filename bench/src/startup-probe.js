// Imports one module in a fresh process, and prints the cost. usage: startup-probe.js <specifier>
import process from 'node:process';

globalThis.gc();
const heapBefore = process.memoryUsage().heapUsed;
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
await import(process.argv[2]);
const wallMs = performance.now() - startedAt;
const { user, system } = process.cpuUsage(cpuBefore);
globalThis.gc();
const heapBytes = process.memoryUsage().heapUsed - heapBefore;
process.stdout.write(JSON.stringify({ wallMs, cpuMs: (user + system) / 1000, heapBytes }));
