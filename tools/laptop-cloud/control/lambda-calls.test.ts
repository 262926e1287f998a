import {
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf, type FixtureApi } from '../fixtures/api-of.ts';
import { eventually } from '../fixtures/eventually.ts';
import { type FixtureProject, makeProject } from '../fixtures/make-project.ts';
import { LAPTOP_ACCESS_KEY } from '../provision/aws-clients.ts';
import { type LaptopCloud, startLaptopCloud } from '../start-laptop-cloud.ts';

let project: FixtureProject;
let cloud: LaptopCloud;
let api: FixtureApi;
let lambda: LambdaClient;
const lines: string[] = [];

beforeAll(async () => {
  project = makeProject();
  cloud = await startLaptopCloud({ ...project, port: 0, log: (line) => lines.push(line) });
  api = apiOf(cloud.url);
  const credentials = { accessKeyId: LAPTOP_ACCESS_KEY, secretAccessKey: 'laptop' };
  const { lambdaEndpoint: endpoint } = cloud;
  lambda = new LambdaClient({ region: 'us-east-1', endpoint, credentials, maxAttempts: 1 });
});
afterAll(async () => {
  lambda.destroy();
  await cloud.stop();
  project.remove();
});

const batch = (body: string) =>
  JSON.stringify({ Records: [{ body, messageId: 'm-1', attributes: { ApproximateReceiveCount: '1' } }] });

async function invoke(input: InvokeCommandInput) {
  const { Payload, ...answer } = await lambda.send(new InvokeCommand(input));
  return { ...answer, payload: Payload ? JSON.parse(Buffer.from(Payload).toString() || 'null') : null };
}

describe('Invoke', () => {
  it.each([
    'worker',
    'arn:aws:lambda:us-east-1:000000000000:function:worker',
    '000000000000:function:worker:$LATEST',
  ])('waits for the function %s and answers what it answers', async (FunctionName) => {
    expect(await invoke({ FunctionName, Payload: batch('fail') })).toMatchObject({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      payload: { batchItemFailures: [{ itemIdentifier: 'm-1' }] },
    });
    expect(await api.item('fail')).toMatchObject({ value: '1' });
  });

  it('tells a function’s own error as such, not as a fault of the call', async () => {
    const failed = await invoke({ FunctionName: 'worker', Payload: '{}' });
    expect(failed).toMatchObject({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      payload: { errorType: 'TypeError', errorMessage: expect.stringContaining('iterable') },
    });
  });

  it('answers an event at once, and counts what then runs', async () => {
    const Payload = batch('later');
    const sent = await invoke({ FunctionName: 'worker', InvocationType: 'Event', Payload });
    expect(sent).toMatchObject({ StatusCode: 202 });
    await cloud.settled();
    expect(await api.item('later')).toMatchObject({ value: '1' });
  });

  it('goes on when its caller does not wait', async () => {
    const caller = new AbortController();
    const command = new InvokeCommand({ FunctionName: 'worker', Payload: batch('hang') });
    const asked = lambda.send(command, { abortSignal: caller.signal });
    await eventually(() => expect(lines).toContain('worker: hanging'));
    caller.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    expect(await cloud.kill('worker')).toBeGreaterThanOrEqual(1);
    await cloud.settled();
  });

  it('looks only, for a dry run', async () => {
    const Payload = batch('dry');
    expect(await invoke({ FunctionName: 'worker', InvocationType: 'DryRun', Payload })).toMatchObject({
      StatusCode: 204,
    });
    expect(await api.item('dry')).toBeNull();
  });

  it.each([
    [{ FunctionName: 'nobody' }, 'ResourceNotFoundException', 404],
    [{ FunctionName: 'worker', Qualifier: '7' }, 'ResourceNotFoundException', 404],
    [{ FunctionName: 'worker', Payload: '{' }, 'InvalidRequestContentException', 400],
  ])('refuses %j', async (input, name, httpStatusCode) => {
    await expect(invoke(input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
  });
});

describe('event source mappings', () => {
  const list = async (filter: { FunctionName?: string; EventSourceArn?: string; MaxItems?: number } = {}) =>
    lambda.send(new ListEventSourceMappingsCommand(filter));
  const uuid = async () => (await list()).EventSourceMappings?.[0]?.UUID ?? '';
  const change = async (input: { Enabled?: boolean; BatchSize?: number }, UUID?: string) =>
    lambda.send(new UpdateEventSourceMappingCommand({ UUID: UUID ?? (await uuid()), ...input }));
  const state = async () =>
    (await lambda.send(new GetEventSourceMappingCommand({ UUID: await uuid() }))).State;

  it('are listed and found by their id, in the shape of the SDK', async () => {
    const { EventSourceMappings = [], NextMarker } = await list();
    expect(NextMarker).toBeUndefined();
    expect(EventSourceMappings).toEqual([
      {
        UUID: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        EventSourceMappingArn: expect.stringMatching(/^arn:aws:lambda:.*:event-source-mapping:/),
        EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:Fixture-Queue',
        FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
        State: 'Enabled',
        StateTransitionReason: 'USER_INITIATED',
        LastModified: expect.any(Date),
        BatchSize: 10,
        MaximumBatchingWindowInSeconds: 0,
        ScalingConfig: { MaximumConcurrency: 10 },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    ]);
    const found = await lambda.send(new GetEventSourceMappingCommand({ UUID: await uuid() }));
    expect(found).toMatchObject({ ...EventSourceMappings[0] });
  });

  it('are listed by function and by queue', async () => {
    const count = async (filter: Parameters<typeof list>[0]) =>
      (await list(filter)).EventSourceMappings?.length;
    expect(await count({ FunctionName: 'worker' })).toBe(1);
    expect(await count({ FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:api' })).toBe(0);
    expect(await count({ EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:Fixture-Queue' })).toBe(1);
    expect(await count({ EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:Fixture-Parked' })).toBe(0);
  });

  it('stop and go on with what waits meanwhile', async () => {
    expect(await change({ Enabled: false })).toMatchObject({ State: 'Disabling' });
    expect(await state()).toBe('Disabled');
    await api.send('queue', 'waiting');
    await cloud.settled();
    expect(await api.item('waiting')).toBeNull();

    expect(await change({ Enabled: true })).toMatchObject({ State: 'Enabling' });
    expect(await state()).toBe('Enabled');
    await cloud.settled();
    expect(await api.item('waiting')).toMatchObject({ value: '1' });
  });

  it('take no other change, and are not made up', async () => {
    await expect(change({ BatchSize: 5 })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining('BatchSize'),
    });
    await expect(change({ Enabled: false }, 'nobody')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('a function that calls', () => {
  const clientOf = (accessKeyId: string) => ({
    ...{ region: 'us-east-1', endpoint: cloud.lambdaEndpoint, maxAttempts: 1 },
    credentials: { accessKeyId, secretAccessKey: 'laptop' },
  });
  const invokeAs = (accessKeyId: string) =>
    new LambdaClient(clientOf(accessKeyId)).send(new InvokeCommand({ FunctionName: 'beat' }));

  it('is denied what its role does not allow, as each service denies it', async () => {
    await expect(invokeAs('worker')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message:
        'User: arn:aws:sts::000000000000:assumed-role/Fixture-workerRole/worker is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:beat because no identity-based policy allows the lambda:InvokeFunction action',
      $metadata: { httpStatusCode: 403 },
    });
    const elsewhere = new GetParameterCommand({ Name: '/elsewhere/token' });
    await expect(new SSMClient(clientOf('api')).send(elsewhere)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('ssm:GetParameter on resource: arn:aws:ssm:'),
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('is refused with a key of nobody, and for a call that nobody taught, though its role allows it', async () => {
    await expect(invokeAs('nobody')).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    const unknown = new GetFunctionCommand({ FunctionName: 'worker' });
    await expect(new LambdaClient(clientOf('worker')).send(unknown)).rejects.toMatchObject({
      name: 'UnknownOperationException',
    });
  });
});

describe('a call that the laptop does not answer', () => {
  it('is refused by name, Lambda’s too', async () => {
    await expect(lambda.send(new GetFunctionCommand({ FunctionName: 'worker' }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: 'The laptop cloud does not answer GET /2015-03-31/functions/worker',
    });
  });

  it('is refused in XML by the protocol that is answered in it', async () => {
    const body = new URLSearchParams({ Action: 'Publish', Message: 'hello' });
    const refused = await fetch(cloud.lambdaEndpoint, { method: 'POST', body });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(
      '<Code>UnknownOperationException</Code><Message>The laptop cloud does not answer Action=Publish</Message>',
    );
  });

  it('never leaves the laptop: functions are told of no other place for any service', async () => {
    const variables = (await (await api.get('/environment')).json()) as Record<string, string>;
    expect(variables).toMatchObject({
      AWS_ENDPOINT_URL: cloud.lambdaEndpoint,
      AWS_ENDPOINT_URL_LAMBDA: cloud.lambdaEndpoint,
    });
  });
});
