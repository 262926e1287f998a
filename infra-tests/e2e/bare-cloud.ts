import { issueToken } from '#tools/cli/issue-token.ts';
import {
  type LaptopCloud,
  type LaptopCloudOptions,
  startLaptopCloud,
} from '#tools/laptop-cloud/start-laptop-cloud.ts';
import type { Api } from './api-calls.ts';

/** A laptop cloud without stand-ins around it, for tasks that ask nobody. */
export interface BareCloud {
  readonly cloud: LaptopCloud;
  /** Its API, with a token that may submit and read. */
  readonly api: Api;
}

/** Starts a laptop cloud; stopping it is the caller's. */
export async function startBareCloud(
  options: Pick<LaptopCloudOptions, 'projectDir' | 'dataDir' | 'emulatorAddress'>,
): Promise<BareCloud> {
  const cloud = await startLaptopCloud({
    ...options,
    port: 0,
    parameters: { '/celeriac/dev/mapbox-token': 'pk.not-asked-for' },
  });
  const tableName = cloud.outputs['PipelineTableName'] ?? '';
  const token = await issueToken(
    { tableName, endpoint: cloud.dynamodbEndpoint },
    { name: 'test', tenant: 'laptop', scopes: ['submit', 'read'] },
  );
  return { cloud, api: { url: cloud.url, token } };
}
