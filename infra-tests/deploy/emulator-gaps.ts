import * as z from 'zod';
import { callAws } from './call-aws.ts';
import type { EmulatedAccount } from './emulated-account.ts';

/** Something that MiniStack 1.5.33 does otherwise than AWS, and what is done about it, in the open. */
export interface EmulatorGap {
  readonly gap: string;
  readonly remedy: string;
}

/** Every known gap that the deploy test meets. docs/deploy-test.md tells them, held to this list by a test. */
export const emulatorGaps = {
  'api-address': {
    gap: 'The output ApiUrl names a host under 127.0.0.1, which no resolver knows.',
    remedy: 'Tests call the same API by the emulator’s path for it, /_aws/execute-api/ID/$default.',
  },
  'mapping-permission': {
    gap: 'Reading one event source mapping asks for the permission to list mappings.',
    remedy: 'The API’s role is given lambda:ListEventSourceMappings on that mapping after each deployment.',
  },
  'composite-and-math-alarms': {
    gap: 'CloudFormation refuses composite alarms, alarms on metric math and OIDC providers.',
    remedy:
      '-c emulator=ministack leaves out what the app declares of them; tests of the template cover them.',
  },
  'few-metrics': {
    gap: 'Of the metrics that alarms watch only Lambda’s are published, not those of SQS, DynamoDB or EMF lines.',
    remedy: 'Alarms are created, updated and deleted here, and evaluated by the laptop cloud.',
  },
  'body-limit': {
    gap: 'The HTTP API carries bodies above 10 MB.',
    remedy: 'The story of that limit is told by the laptop cloud alone.',
  },
  'updates-end-runs': {
    gap: 'An update of a function ends the invocations that run; AWS lets them end.',
    remedy: 'The update is made while tasks wait and are delayed; lost workers are the laptop cloud’s story.',
  },
  'privileged-port': {
    gap: 'With HTTPS it listens on 127.0.0.1:443 as well, where it may and the port is free.',
    remedy: 'None: it is bound to this machine, and nothing asks there.',
  },
  'host-architecture': {
    gap: 'Functions run on this machine’s processor and Node, whatever architecture, memory and runtime they name.',
    remedy: 'npm’s Node 24 is put first on the path; tests of the bundles cover the rest.',
  },
  'no-limits': {
    gap: 'Nothing freezes between invocations, and no memory limit or account concurrency is imposed.',
    remedy: 'None: stories about limits are the laptop cloud’s.',
  },
} as const satisfies Record<string, EmulatorGap>;

const role = z.object({ Role: z.string() });
const mappings = z.object({ EventSourceMappings: z.array(z.object({ EventSourceMappingArn: z.string() })) });

/** Remedies `mapping-permission` for the stage whose API is this function. */
export async function grantMappingPermission(account: EmulatedAccount, apiFunction: string): Promise<void> {
  const [configuration, listed] = await callAws(account, [
    ['lambda', 'get_function_configuration', { FunctionName: apiFunction }],
    ['lambda', 'list_event_source_mappings', {}],
  ]);
  const { EventSourceMappings } = mappings.parse(listed);
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'lambda:ListEventSourceMappings',
        Resource: EventSourceMappings.map(({ EventSourceMappingArn }) => EventSourceMappingArn),
      },
    ],
  };
  await callAws(account, [
    [
      'iam',
      'put_role_policy',
      {
        RoleName: role.parse(configuration).Role.split('/').at(-1),
        PolicyName: 'emulator-gap-mapping-permission',
        PolicyDocument: JSON.stringify(policy),
      },
    ],
  ]);
}
