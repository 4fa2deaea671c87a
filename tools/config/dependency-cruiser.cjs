/** Data moves one way: no cycle, not even among types, and no import against the direction of the house. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core-imports-zod-only',
      comment:
        'Everything depends on core, so core depends on no other package of this repository. OpenTelemetry is an optional peer of one subpath.',
      severity: 'error',
      from: { path: '^packages/core/src', pathNot: '^packages/core/src/otel(\\.ts$|/)' },
      to: { path: ['^packages/(?!core/)', 'node_modules/(?!(\\.pnpm/)?zod)'] },
    },
    {
      name: 'node-only-in-the-seam',
      comment: 'Core runs on every runtime: only hmac/node.ts knows Node.',
      severity: 'error',
      from: { path: '^packages/core/src', pathNot: '^packages/core/src/hmac/node\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nobody-inside-imports-the-door',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src' },
      to: { path: '^packages/$1/src/index\\.ts$' },
    },
    {
      name: 'zod-only-in-schemas',
      comment: 'The schemas are compiled at build time: any other import of core loads no zod.',
      severity: 'error',
      from: { path: '^packages/core/src', pathNot: '^packages/core/src/schemas/' },
      to: { path: ['node_modules/(\\.pnpm/)?zod', '^packages/core/src/schemas/'] },
    },
    {
      name: 'receiving-knows-no-changes',
      comment: 'What changed between two states is for handlers: no stage of receiving needs it.',
      severity: 'error',
      from: { path: '^packages/core/src', pathNot: '^packages/core/src/changes/' },
      to: { path: '^packages/core/src/changes/' },
    },
    {
      name: 'packages-import-core-only',
      comment: 'core ← everything else ← cli ← examples, never sideways.',
      severity: 'error',
      from: { path: '^packages/(?!core/|cli/)([^/]+)/src' },
      to: { path: '^packages/(?!core/|$1/)' },
    },
    {
      name: 'not-into-examples',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^examples/' },
    },
  ],
  options: {
    exclude: { path: '(^|/)dist/' },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@blue-webhooks/source', 'import', 'types', 'node', 'default'],
    },
  },
};
