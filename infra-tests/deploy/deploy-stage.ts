import * as z from 'zod';
import { callAws } from './call-aws.ts';
import type { EmulatedAccount } from './emulated-account.ts';
import { grantMappingPermission } from './emulator-gaps.ts';
import { deploy } from './run-cdk.ts';

/** A stage of the app in the emulated account; plain data, because it crosses to the processes of tests. */
export interface DeployedStage {
  readonly account: EmulatedAccount;
  readonly stage: 'dev' | 'staging';
  /** Of the API, without a slash at the end. */
  readonly url: string;
  readonly mapboxUrl: string;
  /** What the stacks say of themselves, by name. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** What is to be deployed, and where its workers find Mapbox. */
export interface WantedStage {
  readonly stage: DeployedStage['stage'];
  readonly mapboxUrl: string;
}

/** The context that a stage is deployed and destroyed with. */
function contextOf({ stage, mapboxUrl }: WantedStage): Record<string, string> {
  return { stage, emulator: 'ministack', mapboxBaseUrl: mapboxUrl };
}

const functions = z.object({ Functions: z.array(z.object({ FunctionName: z.string() })) });

/** Deploys a stage, or what has changed of it. */
export async function deployStage(account: EmulatedAccount, wanted: WantedStage): Promise<DeployedStage> {
  const outputs = await deploy(account, contextOf(wanted));
  const [listed] = await callAws(account, [['lambda', 'list_functions', {}]]);
  const prefix = `Celeriac-${wanted.stage}-Pipeline-HttpApiFunction`;
  const api = functions.parse(listed).Functions.find(({ FunctionName }) => FunctionName.startsWith(prefix));
  if (!api) throw new Error(`the stage ${wanted.stage} has no function ${prefix}…`);
  await grantMappingPermission(account, api.FunctionName);
  // No parser of URLs takes a name under an address, see `api-address`.
  const [, apiId] = /^https:\/\/([0-9a-f]+)\.execute-api\./.exec(outputs['ApiUrl'] ?? '') ?? [];
  if (apiId === undefined) throw new Error(`ApiUrl names no API: ${outputs['ApiUrl']}`);
  return { account, ...wanted, url: `${account.endpoint}/_aws/execute-api/${apiId}/$default`, outputs };
}

/** Stores the secret that an operator stores once for each stage, see the README. */
export async function putMapboxToken(
  account: EmulatedAccount,
  stage: DeployedStage['stage'],
  token: string,
): Promise<void> {
  const parameter = { Name: `/celeriac/${stage}/mapbox-token`, Type: 'SecureString', Value: token };
  await callAws(account, [['ssm', 'put_parameter', parameter]]);
}
