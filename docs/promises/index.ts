import { commandLine } from './command-line';
import { core } from './core';
import { dashboard } from './dashboard';
import type { DocumentedPromise } from './documented-promise';
import { inbox } from './inbox';
import { queue } from './queue';
import { readme } from './readme';
import { security } from './security';

export const promises: readonly DocumentedPromise[] = [
  ...readme,
  ...security,
  ...core,
  ...inbox,
  ...dashboard,
  ...queue,
  ...commandLine,
];
