import type { BlueClient } from '../client';
import type { Features } from '../features';

const MAX_PAGES = 100;

/** Returns the requested workspaces that the user is a member of. */
export async function readWorkspaces(
  client: BlueClient,
  { generation }: Features,
  projects: readonly string[] | 'all',
  signal: AbortSignal,
): Promise<{ readonly found: readonly string[]; readonly unreachable: string[] }> {
  const name = generation === 'C' ? 'WorkspacesC' : 'Workspaces';
  const ids = projects === 'all' ? null : projects;
  const found: string[] = [];
  let skip = 0;
  for (let page = 0; page < MAX_PAGES; page++) {
    const variables = { companyIds: [client.organizationId], ids, skip };
    const { workspaces } = await client.run(name, variables, { signal });
    found.push(...workspaces.items.map(({ id }) => id));
    skip += workspaces.items.length;
    if (!workspaces.pageInfo.hasNextPage || workspaces.items.length === 0) break;
  }
  const wanted = projects === 'all' ? found : projects;
  return { found: wanted.filter((id) => found.includes(id)), unreachable: wanted.filter((id) => !found.includes(id)) };
}
