import { api } from './api';
import { commandLine } from './command-line';
import { core } from './core';
import { dashboard } from './dashboard';
import type { DocumentedPromise } from './documented-promise';
import { inbox } from './inbox';
import { privacy } from './privacy';
import { queue } from './queue';
import { readme } from './readme';
import { security } from './security';

export const promises: readonly DocumentedPromise[] = [
  ...readme,
  ...security,
  ...core,
  ...inbox,
  ...privacy,
  ...dashboard,
  ...queue,
  ...api,
  ...commandLine,
];
