/** The pages in reading order. A test checks that it lists every page of docs/. */
export const sidebar = [
  {
    text: 'Start',
    items: [
      { text: 'What this is', link: '/' },
      { text: 'Five minutes', link: '/docs/start' },
      { text: 'With a coding assistant', link: '/docs/skill/SKILL' },
    ],
  },
  {
    text: 'Guides',
    items: [
      { text: 'Express', link: '/docs/guides/express' },
      { text: 'Hono', link: '/docs/guides/hono' },
      { text: 'Next.js', link: '/docs/guides/nextjs' },
      { text: 'NestJS', link: '/docs/guides/nestjs' },
      { text: 'Fastify', link: '/docs/guides/fastify' },
      { text: 'AWS Lambda', link: '/docs/guides/lambda' },
      { text: 'Cloudflare Workers', link: '/docs/guides/workers' },
      { text: 'Cloudflare Queues', link: '/docs/guides/cloudflare-queues' },
      { text: 'Amazon SQS', link: '/docs/guides/sqs' },
      { text: 'Bun', link: '/docs/guides/bun' },
      { text: 'Deno', link: '/docs/guides/deno' },
      { text: 'Working with the change', link: '/docs/guides/changes' },
      { text: 'Observability', link: '/docs/guides/observability' },
      { text: 'CloudEvents', link: '/docs/guides/cloud-events' },
      { text: 'The command line', link: '/docs/guides/command-line' },
    ],
  },
  {
    text: 'Concepts',
    items: [
      { text: 'How Blue delivers and disables', link: '/docs/concepts/delivery' },
      { text: 'The flow of a delivery', link: '/docs/concepts/flow' },
      { text: 'Drift and unknown events', link: '/docs/concepts/drift' },
      { text: 'Duplicates and order', link: '/docs/concepts/duplicates-and-order' },
      { text: 'Receiver, ledger or inbox', link: '/docs/concepts/choosing' },
      { text: 'Rotating secrets', link: '/docs/concepts/rotating-secrets' },
      { text: 'Testing your integration', link: '/docs/concepts/testing' },
      { text: 'From hand-written verification', link: '/docs/concepts/from-hand-written' },
      { text: 'From Svix or Standard Webhooks', link: '/docs/concepts/from-svix' },
    ],
  },
  {
    text: 'Operations',
    items: [
      { text: 'Alerts and dashboards', link: '/docs/operations/alerts' },
      { text: 'When Blue disabled the webhook', link: '/docs/operations/disabled' },
      { text: 'Security', link: '/SECURITY' },
      { text: 'Promises', link: '/docs/promises' },
    ],
  },
  {
    text: 'Reference',
    items: [
      {
        text: 'Events',
        link: '/docs/reference/events/',
        collapsed: true,
        items: [
          { text: 'Records', link: '/docs/reference/events/record' },
          { text: 'Checklists', link: '/docs/reference/events/checklist' },
          { text: 'Checklist items', link: '/docs/reference/events/checklist-item' },
          { text: 'Lists', link: '/docs/reference/events/list' },
          { text: 'Custom fields', link: '/docs/reference/events/custom-field' },
          { text: 'Tags', link: '/docs/reference/events/tag' },
          { text: 'Comments', link: '/docs/reference/events/comment' },
        ],
      },
      { text: 'Failure codes', link: '/docs/reference/failures' },
      { text: 'Options', link: '/docs/reference/options' },
      { text: 'Packages', link: '/docs/reference/packages' },
      { text: 'Speed', link: '/docs/bench/', items: [{ text: 'All figures', link: '/docs/bench/results' }] },
      { text: 'Architecture', link: '/ARCHITECTURE' },
      { text: 'Contributing', link: '/CONTRIBUTING' },
    ],
  },
];
