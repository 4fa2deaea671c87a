/** What the dashboard and the inspector of the command line are built from. */
export { type Assets, assets } from './assets';
export { bodyOf, type ShownBody } from './body';
export { type Comparison, changesOf, changeTable } from './changes';
export { type Change, diffOf } from './diff';
export { type AssetAddresses, type Frame, facts, frameOf, option } from './frame';
export { type GuardedRequest, type GuardRules, isAddress, refusalOf } from './guard';
export { securityHeaders } from './headers';
export { isLoopback } from './loopback';
export { type Content, html, type Markup } from './markup';
export { legible, printable, replaceUnprintable } from './printable';
